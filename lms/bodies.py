"""Large bodies of requests reach their view while they arrive.

Django collects a whole body in a temporary file before a view is asked; a connection that breaks takes all of it along.
A view marked `reads_live` gets a body that it reads from the connection itself, piece by piece.
"""

import asyncio

import django
from django.core.handlers.asgi import ASGIHandler
from django.http import UnreadablePostError
from django.urls import Resolver404, resolve

PATIENCE = 30.0  # seconds without a byte after which the sender is taken for gone


def reads_live(view):
    """Mark a view, outermost: the body of a PATCH is read with `request.read(size)` while it arrives."""
    view.reads_live = True
    return view


def application() -> ASGIHandler:
    django.setup(set_prefix=False)
    return StreamingHandler()


class Live:
    """A connection whose body nobody has collected."""

    def __init__(self, receive):
        self.receive = receive

    async def __call__(self):
        return await self.receive()


class Body:
    """What a view in its own thread reads of a live connection. Raises OSError when the sender is gone."""

    def __init__(self, receive, loop):
        self.receive, self.loop = receive, loop
        self.rest, self.ended = b"", False

    def read(self, size=-1):
        if size is None or size < 0:
            raise UnreadablePostError("a live body is read in pieces")
        while not self.rest and not self.ended:
            self._hear(asyncio.run_coroutine_threadsafe(self._next(), self.loop).result())
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece

    async def _next(self):
        return await asyncio.wait_for(self.receive(), PATIENCE)

    def _hear(self, message):
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the sender is gone")
        self.rest = message.get("body", b"")
        self.ended = not message.get("more_body", False)

    def close(self):
        self.rest, self.ended = b"", True


class StreamingHandler(ASGIHandler):
    async def handle(self, scope, receive, send):
        await super().handle(scope, Live(receive) if _is_live(scope) else receive, send)

    async def read_body(self, receive):
        if isinstance(receive, Live):
            return Body(receive, asyncio.get_running_loop())
        return await super().read_body(receive)

    async def listen_for_disconnect(self, receive):
        if isinstance(receive, Live):
            await asyncio.Event().wait()  # the view itself notices; two listeners would take each other's messages
        await super().listen_for_disconnect(receive)


def _is_live(scope):
    if scope["method"] != "PATCH":
        return False
    try:
        return getattr(resolve(scope["path"]).func, "reads_live", False)
    except Resolver404:
        return False
