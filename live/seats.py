"""A socket as its room knows it: it takes frames without waiting, and gives up when too many wait.

With live.protocol as uvicorn's protocol a frame goes straight to the transport, and what waits is the transport's
business. With any other server frames wait in a short queue, and a task of its own sends them.
"""

import asyncio
from collections import deque
from contextlib import suppress
from itertools import count

QUEUE = 100  # frames that may wait for one socket
PATIENCE = 10  # seconds in which a page that is told to go takes what still waits for it
SIGNED_OUT, BANNED, ROLE, SLOW, MANY = 4001, 4003, 4005, 4008, 4009

serial = count()  # who came before whom


def seat(entry, session, send, direct=None, network=""):
    made = Direct(entry, session, direct) if direct else Queued(entry, session, send)
    made.network = network
    return made


class Seat:
    __slots__ = ("network", "number", "open", "role", "session", "user_id")

    def __init__(self, entry, session):
        self.user_id, self.role, self.session, self.open = entry.user_id, entry.role, session, True
        self.number, self.network = next(serial), ""

    def close_slow(self):
        self.close(SLOW, "slow")

    def close_signed_out(self):
        self.close(SIGNED_OUT, "signed out")

    def close_role(self):
        self.close(ROLE, "another role")

    def close_many(self):
        self.close(MANY, "too many pages")

    def close_banned(self, until):
        self.close(BANNED, str(until or ""))

    async def gone(self):
        """The end; whoever was told to go still gets that word."""
        self.open = False


class Direct(Seat):
    """Straight to the transport: see live.protocol."""

    __slots__ = ("_connection",)

    def __init__(self, entry, session, connection):
        super().__init__(entry, session)
        self._connection = connection

    def put(self, frame):
        return not self.open or self._connection.write(frame.wire)

    def close(self, code, reason):
        if self.open:
            self.open = False
            self._connection.close(code, reason)


class Queued(Seat):
    """By way of ASGI's `send`, which waits."""

    __slots__ = ("_frames", "_send", "_work")

    def __init__(self, entry, session, send):
        super().__init__(entry, session)
        self._send, self._frames, self._work = send, deque(), None

    def put(self, frame):
        if not self.open:
            return True
        if len(self._frames) >= QUEUE:
            return False
        self._frames.append({"type": "websocket.send", "text": frame.text})
        self._begin()
        return True

    def close(self, code, reason):
        if self.open:
            self.open = False
            if code == SLOW:
                self._frames.clear()
            self._frames.append({"type": "websocket.close", "code": code, "reason": reason})
            self._begin()

    async def gone(self):
        if self._work and not self.open:
            await asyncio.wait({self._work}, timeout=PATIENCE)
        await super().gone()
        if self._work:
            self._work.cancel()

    def _begin(self):
        if self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._send_all())

    async def _send_all(self):
        with suppress(OSError, RuntimeError):  # the page has gone
            while self._frames:
                await self._send(self._frames.popleft())
        self._work = None
