"""The socket of an open lesson: beats in, receipts out, one after another.

    page    {"token": …, "language": "en"}                        the player it speaks for; again after opening another
    school  {"status": 200, "reply": {}}
    page    {"sequence": 1, "intervals": [[0, 10000]], …}          as POST /api/v1/beats, without the token
    school  {"status": 200, "reply": {…receipt…}}                  after the commit
    school  {"superseded": true}                                   unasked: another player is open, say your last beat

A status of 400 and more brings {code, message} as over HTTP, where all of this works too. This is a plain ASGI
application, because a consumer of channels starts two tasks and asks a thread for every message.
"""

import asyncio
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Annotated, Any
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from prometheus_client import Counter, Gauge
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from courses import enrolment, players, progress
from lms import sessions

from .api import STATUS
from .api.shapes import BeatProblem, BeatTold, ReceiptOut

log = structlog.get_logger(__name__)
HELLO = 20  # seconds in which a page says which player it speaks for
IDLE = 300  # seconds without a word; a paused player says nothing and comes back with its next beat
PATROL = 20  # seconds between two looks at idle pages and at who is still signed in
LONGEST = 16_384  # letters of a message; a beat of 200 stretches has 4,000
BURST, RATE = 120, 2.0  # messages at once, and a second in the long run

OPEN = Gauge("cqo_watch_sockets", "Open sockets of lessons")
REFUSED = Counter("cqo_watch_sockets_closed", "Sockets that the school closed", ["reason"])


class Hello(BaseModel):
    token: Annotated[str, Field(max_length=300)]
    language: Annotated[str, Field(max_length=20)] = settings.LANGUAGE_CODE


MESSAGE: TypeAdapter[BeatTold | Hello] = TypeAdapter(Annotated[BeatTold | Hello, Field(union_mode="left_to_right")])


class Goodbye(Exception):
    """Why the school closes the socket: a status as over HTTP, the code of the close frame, and words."""

    def __init__(self, reason, status, close, words):
        super().__init__(reason)
        self.reason, self.status, self.close, self.words = reason, status, close, words


UNREADABLE = partial(Goodbye, "bad_request", 422, 1007, _("This request cannot be read."))
TOO_LONG = partial(Goodbye, "too_long", 413, 1009, _("This request cannot be read."))
TOO_FAST = partial(Goodbye, "too_fast", 429, 1008, _("Too many messages. Watching goes on by itself in a moment."))
SIGNED_OUT = partial(Goodbye, "sign_in", 401, 4001, _("Please sign in first."))
QUIET = partial(Goodbye, "idle", 408, 4000, _("Nothing was played for a while. Watching goes on when you press play."))


async def watching(scope, receive, send):
    """What the page cannot do here it does over HTTP, so a refused handshake needs no words."""
    await receive()
    if not settings.WATCH_SOCKET or not sessions.may_stay(scope["session"], scope["user"]):
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    line = Line(scope, receive, send)
    patrol = Patrol.here()
    patrol.join(line)
    try:
        await line.serve()
    finally:
        patrol.leave(line)


class Line:
    """One open socket."""

    def __init__(self, scope, receive, send):
        self.user = copy(scope["user"])  # what the wrapper of channels holds
        self.session_key = scope["session"].session_key
        self._receive, self._send = receive, scope.get("say", send)
        self._loop = asyncio.get_running_loop()
        self.opened = self.heard = self._loop.time()
        self.player: UUID | None = None
        self.language = settings.LANGUAGE_CODE
        self._tell = partial(self._loop.call_soon_threadsafe, self._tell_superseded)  # from any thread
        self._credit: float = BURST
        self._closed = False

    async def serve(self) -> None:
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                await self._answer(self._read(message.get("text")))
        except Goodbye as goodbye:
            await self.close(goodbye)
        finally:
            self._closed = True
            self._listen_no_more()

    def _read(self, text: str | None) -> BeatTold | Hello:
        now = self._loop.time()
        self._credit = min(BURST, self._credit + (now - self.heard) * RATE) - 1
        self.heard = now
        if self._credit < 0:
            raise TOO_FAST()
        if text is None:
            raise UNREADABLE()
        if len(text) > LONGEST:
            raise TOO_LONG()
        try:
            return MESSAGE.validate_json(text)
        except ValidationError as error:
            raise UNREADABLE() from error

    async def _answer(self, told: BeatTold | Hello) -> None:
        try:
            if isinstance(told, Hello):
                reply: Any = self._greet(told)
            elif self.player is None:
                raise UNREADABLE()
            else:
                receipt = await progress.watched(user=self.user, session=self.player, beat=told.beat())
                reply = ReceiptOut.told(receipt)
            await self.say({"status": 200, "reply": reply})
        except enrolment.Refused as refused:
            await self.say({"status": STATUS.get(refused.code, 409), "reply": BeatProblem.told(refused)})

    def _greet(self, hello: Hello) -> dict[str, Any]:
        """Raises progress.Forged."""
        if translation.check_for_language(hello.language):
            self.language = hello.language
        translation.activate(self.language)  # for the task of this socket alone, and all that it says
        player = progress.read_token(hello.token, self.user)
        self._listen_no_more()
        self.player = player
        players.listen(self.user.pk, player, self._tell)
        return {}

    def _listen_no_more(self) -> None:
        if self.player:
            players.forget(self.user.pk, self.player, self._tell)

    def _tell_superseded(self) -> None:
        Patrol.here().run(self.say({"superseded": True}))

    async def say(self, told: dict[str, Any]) -> None:
        if not self._closed:
            await self._send({"type": "websocket.send", "text": to_json(told).decode()})

    async def close(self, goodbye: Goodbye) -> None:
        if self._closed:
            return
        REFUSED.labels(goodbye.reason).inc()
        with translation.override(self.language):
            reply = {"code": goodbye.reason, "message": str(goodbye.words)}
        await self.say({"status": goodbye.status, "reply": reply})
        self._closed = True
        await self._send({"type": "websocket.close", "code": goodbye.close, "reason": goodbye.reason})


class Patrol:
    """Looks after the open sockets of one event loop, all at once instead of with every beat."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._walking = False

    @classmethod
    def here(cls) -> "Patrol":
        loop = asyncio.get_running_loop()
        if loop not in _patrols:
            _patrols[loop] = cls()
        return _patrols[loop]

    def join(self, line: Line) -> None:
        self._lines.add(line)
        OPEN.inc()
        if not self._walking:
            self._walking = True
            self.run(self._walk())

    def leave(self, line: Line) -> None:
        self._lines.discard(line)
        OPEN.dec()

    def run(self, work) -> None:
        """In the background; a page that has gone meanwhile is no error."""
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _walk(self) -> None:
        try:
            while self._lines:
                await asyncio.sleep(PATROL)
                try:
                    await self.look()
                except Exception:  # a database that is away for a moment must not end the rounds for good
                    log.exception("patrol_failed")
        finally:
            self._walking = False

    async def look(self) -> None:
        now = asyncio.get_running_loop().time()
        here = list(self._lines)
        valid = await database_sync_to_async(sessions.valid)({line.session_key for line in here})
        for line in here:
            if line.session_key not in valid:
                self.run(line.close(SIGNED_OUT()))
            elif now - line.heard > (IDLE if line.player else HELLO):
                self.run(line.close(QUIET()))


async def _quietly(work) -> None:
    with suppress(OSError):
        await work


_patrols: WeakKeyDictionary[asyncio.AbstractEventLoop, Patrol] = WeakKeyDictionary()


async def nowhere(scope, receive, send):
    """A socket that nobody serves is refused, without a trace in the log."""
    await receive()
    await send({"type": "websocket.close"})
