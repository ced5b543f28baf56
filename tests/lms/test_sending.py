"""Files under ASGI: read in pieces, without a word of warning, and closed at the end."""

import warnings

import pytest
from django.http import FileResponse

from lms import middleware


@pytest.mark.parametrize("size", [0, 5, 2 * middleware.PIECE + 1])
async def test_a_file_is_sent_in_pieces(tmp_path, size):
    path = tmp_path / "figures.xlsx"
    path.write_bytes(b"x" * size)
    file = path.open("rb")

    async def view(_request):
        return FileResponse(file, as_attachment=True)

    response = await middleware.sent_in_pieces(view)(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pieces = [piece async for piece in response]
    assert b"".join(pieces) == b"x" * size
    assert max(map(len, pieces), default=0) <= middleware.PIECE
    assert response["Content-Length"] == str(size)
    response.close()
    assert file.closed


def test_without_asgi_the_chain_is_as_it_was():
    def view(_request):
        return None

    assert middleware.sent_in_pieces(view) is view
