"""Files under ASGI: read in pieces, without a word of warning, and closed at the end."""

import warnings

import pytest
from django.http import FileResponse, StreamingHttpResponse
from django.test import AsyncClient, AsyncRequestFactory, RequestFactory

from lms import middleware


@pytest.mark.parametrize("size", [0, 5, 2 * middleware.PIECE + 1])
async def test_a_file_is_sent_in_pieces(tmp_path, size):
    path = tmp_path / "figures.xlsx"
    path.write_bytes(b"x" * size)
    file = path.open("rb")
    chain = middleware.sent_in_pieces(lambda _request: FileResponse(file, as_attachment=True))
    response = chain(AsyncRequestFactory().get("/"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pieces = [piece async for piece in response]
    assert b"".join(pieces) == b"x" * size
    assert max(map(len, pieces), default=0) <= middleware.PIECE
    assert response["Content-Length"] == str(size)
    response.close()
    assert file.closed


async def test_what_is_made_while_it_is_sent_stays_with_the_thread_of_the_request():
    """An export asks the database between its rows; a thread of its own would keep a connection."""
    chain = middleware.sent_in_pieces(lambda _request: StreamingHttpResponse(iter([b"a", b"", b"b"])))
    assert not chain(AsyncRequestFactory().get("/")).is_async


async def test_the_files_of_the_site_are_sent_so(db):
    response = await AsyncClient().get("/static/icons.svg")
    assert response.is_async
    assert b"".join([piece async for piece in response]).startswith(b"<svg")


def test_under_wsgi_the_answer_is_as_it_was(tmp_path, db):
    path = tmp_path / "figures.xlsx"
    path.write_bytes(b"x")
    chain = middleware.sent_in_pieces(lambda _request: FileResponse(path.open("rb")))
    response = chain(RequestFactory().get("/"))
    assert not response.is_async
    assert b"".join(response) == b"x"
    response.close()
