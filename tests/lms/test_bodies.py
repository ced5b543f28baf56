"""A marked view reads its body while it arrives; every other view gets it whole, as ever."""

import asyncio
import threading

import pytest
from django.http import HttpResponse, UnreadablePostError
from django.urls import path

from lms import bodies

heard: list[bytes] = []
first_piece = threading.Event()


@bodies.reads_live
def live(request):
    try:
        while piece := request.read(4):
            heard.append(piece)
            first_piece.set()
    except UnreadablePostError:
        heard.append(b"(gone)")
        return HttpResponse(status=408)
    return HttpResponse(b"".join(heard))


def whole(request):
    return HttpResponse(request.body)


def handler404(request, exception):
    return HttpResponse(status=404)


urlpatterns = [path("live", live), path("whole", whole)]


@pytest.fixture
def handler(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.ALLOWED_HOSTS = ["*"]
    heard.clear()
    first_piece.clear()
    return bodies.StreamingHandler()


class Connection:
    def __init__(self, handler, address, method="PATCH"):
        self.inbox: asyncio.Queue = asyncio.Queue()
        self.sent = []
        scope = {
            "type": "http", "method": method, "path": address, "query_string": b"", "server": ("testserver", 80),
            "headers": [(b"host", b"testserver")],
        }  # fmt: skip
        self.task = asyncio.create_task(handler(scope, self.inbox.get, self.send))

    async def send(self, message):
        self.sent.append(message)

    def say(self, body, more=True):
        self.inbox.put_nowait({"type": "http.request", "body": body, "more_body": more})

    async def answer(self):
        await asyncio.wait_for(self.task, 10)
        return self.sent[0]["status"], b"".join(message.get("body", b"") for message in self.sent[1:])


async def test_the_first_piece_is_read_before_the_last_is_sent(handler):
    connection = Connection(handler, "/live")
    connection.say(b"abcdef")
    assert await asyncio.to_thread(first_piece.wait, 10)
    assert not connection.task.done()
    connection.say(b"", more=True)
    connection.say(b"gh", more=False)
    assert await connection.answer() == (200, b"abcdefgh")
    assert heard == [b"abcd", b"ef", b"gh"]


async def test_a_sender_that_goes_away_is_told_to_the_view_with_what_came(handler):
    connection = Connection(handler, "/live")
    connection.say(b"abcd")
    connection.inbox.put_nowait({"type": "http.disconnect"})
    assert (await connection.answer())[0] == 408
    assert heard == [b"abcd", b"(gone)"]


async def test_a_sender_that_falls_silent_is_taken_for_gone(handler, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)
    connection = Connection(handler, "/live")
    connection.say(b"abcd")
    assert (await connection.answer())[0] == 408
    assert heard == [b"abcd", b"(gone)"]


@pytest.mark.parametrize(("address", "method"), [("/whole", "PATCH"), ("/whole", "POST")])
async def test_other_views_get_their_body_whole(handler, address, method):
    connection = Connection(handler, address, method)
    connection.say(b"abc")
    connection.say(b"def", more=False)
    assert await connection.answer() == (200, b"abcdef")


async def test_an_address_that_leads_nowhere_reads_nothing_live(handler):
    connection = Connection(handler, "/nowhere")
    connection.say(b"abc", more=False)
    assert (await connection.answer())[0] == 404
