"""The door for browser studios: a socket that takes what a recorder makes, and says every two seconds how it goes.

→ {"ticket", "mime", "width", "height", "rehearsal"}       at first, within five seconds
→ bytes …                                                  as the recorder makes them
→ {"stop": true}                                           the lecture is over
← {"state": "open", "run", "rehearsal", "ticket"}          or {"state": "refused", "words"} and the end
← {"kbps", "segments", "keyframe_ms", "warning", "ticket"} every two seconds; the ticket is for coming back
← {"state": "renew"}                                       begin a new recorder on a new socket, now on air
← {"state": "closed", "reason", "words"}                   before the school closes the socket
"""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from live import health, keys, runs, states
from live.models import Broadcast, Run
from lms.models import User

from . import containers
from .database import ask
from .desk import Desk
from .encoder import Gone
from .sessions import Session
from .strangers import Strangers

log = structlog.get_logger(__name__)
PATH = re.compile(r"/ws/live/([0-9a-f-]{36})/studio", re.ASCII)
GREETING = 4096  # bytes
CHUNK = 4 * 1024**2  # bytes of one message
DEADLINE, SILENCE, TELL = 5.0, 15.0, 2.0  # seconds; the first from the connection to the ticket
STRANGERS = 50  # connections that have not shown a ticket yet
TICKETS_EVERY = 150  # reports
BROKE = 4004
Closed = Run.Closed
CODES = {
    Closed.STOPPED: 1000, Closed.RESTART: 1012, Closed.REPLACED: 4001, Closed.KILLED: 4003, Closed.REVOKED: 4003,
}  # fmt: skip


class Caller(ServerConnection):
    """A stranger from the first moment, also while it has not even asked for a socket."""

    def __init__(self, *given, strangers: Strangers, **named):
        super().__init__(*given, **named)
        self.strangers = strangers

    def connection_made(self, transport):
        if len(self.strangers) >= STRANGERS:
            self.strangers.make_room()
        self.strangers.come(self, transport.get_extra_info("peername")[0], transport.abort)
        super().connection_made(transport)

    def connection_lost(self, exc):
        self.strangers.go(self)
        super().connection_lost(exc)


class StudioServer:
    def __init__(self, desk: Desk, answer: Callable | None = None):
        self.desk = desk
        self.answer = answer
        self.strangers = Strangers()

    async def listen(self, host: str, port: int) -> Server:
        return await serve(
            self.serve, host, port, process_request=self.answer, max_size=CHUNK, max_queue=4, compression=None,
            open_timeout=DEADLINE, close_timeout=3, server_header=None,
            create_connection=partial(Caller, strangers=self.strangers),
        )  # fmt: skip

    async def serve(self, socket: ServerConnection) -> None:
        path = PATH.fullmatch(socket.request.path.partition("?")[0])
        if not path or not _ours(socket.request.headers.get("Origin", "")):
            await socket.close(1008)
            return
        studio = await self._greet(socket, path[1])
        self.strangers.go(socket)
        if studio:
            await studio.serve()

    async def _greet(self, socket, uuid):
        try:
            async with asyncio.timeout(DEADLINE):
                hello = _read(await socket.recv())
            broadcast, user = await ask(keys.read_ticket, str(hello.get("ticket", "")), uuid)
        except (TimeoutError, ConnectionClosed):
            return await socket.close(1008)
        except keys.Refused as refused:
            return await _refuse(socket, refused)
        except DatabaseError:
            log.exception("database_away")
            return await socket.close(BROKE)
        return Studio(self.desk, socket, broadcast, user, hello)


class Studio:
    """One recorder, from its first byte to its last."""

    def __init__(self, desk: Desk, socket: ServerConnection, broadcast: Broadcast, user: User, hello: dict):
        self.desk, self.socket, self.broadcast, self.user, self.hello = desk, socket, broadcast, user, hello
        self.session: Session | None = None
        self.begun = bytearray()  # while it is not known what this is
        self.goodbye: asyncio.Task | None = None

    async def serve(self) -> None:
        reason, code = Closed.NETWORK, BROKE  # after which the page comes back
        telling = asyncio.create_task(self._tell())
        try:
            await self._converse()
            code = CODES[Closed.STOPPED]
        except TimeoutError:
            reason = Closed.SILENT
        except ConnectionClosed:
            reason = Closed.NETWORK
        except (runs.Refused, states.Refused) as refused:
            await _refuse(self.socket, refused)
        except Gone:
            reason = Closed.ENCODER
        except DatabaseError:
            log.exception("database_away")
        finally:
            telling.cancel()
            if self.session:
                await self.desk.close(self.session, reason)
            await (self.goodbye or self.socket.close(code))

    async def _converse(self):
        while True:
            async with asyncio.timeout(SILENCE):
                message = await self.socket.recv()
            if isinstance(message, bytes):
                await self._take(message)
            elif _read(message).get("stop") is True:
                return await self._stop()

    async def _take(self, data):
        if self.session:
            return await self.session.feed(data)
        self.begun += data
        recording = containers.look(bytes(self.begun))
        if recording is None:
            return None
        if self.hello.get("rehearsal") is False:
            await ask(runs.start, self.broadcast, self.user)
        self.session = await self.desk.open(
            self.broadcast, Run.Source.STUDIO, recording.source, hang_up=self._hang_up, user_id=self.user.pk,
            rehearsal=self.hello.get("rehearsal") is True, video_codec=recording.codec,
            size=(_size(self.hello.get("width")), _size(self.hello.get("height"))),
        )  # fmt: skip
        run = self.session.run
        await self._say(state="open", run=run.number, rehearsal=run.rehearsal, ticket=self._ticket())
        return await self.session.feed(bytes(self.begun))

    async def _stop(self):
        with contextlib.suppress(states.Refused):  # a rehearsal has nothing to end
            await ask(runs.stop, self.broadcast, self.user)
        if self.session:
            await self.desk.close(self.session, Closed.STOPPED)

    async def _tell(self):
        count = 0
        while True:
            await asyncio.sleep(TELL)
            session = self.session
            if session is None or session.closing:
                continue
            count += 1
            if session.renew:
                session.renew = False
                await self._say(state="renew")
            fresh = {"ticket": self._ticket()} if count % TICKETS_EVERY == 0 else {}
            try:
                facts = await ask(health.line, self.broadcast)
            except DatabaseError:
                log.exception("database_away")
                continue
            await self._say(
                kbps=session.line.kbps(), segments=session.pieces, keyframe_ms=session.line.keyframe_ms,
                delay_s=facts["delay_s"], warning=" ".join(facts["warnings"]), **fresh,
            )  # fmt: skip

    def _ticket(self):
        return keys.ticket(self.broadcast, self.user)

    async def _say(self, **facts):
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps(facts, ensure_ascii=False))

    def _hang_up(self, reason):
        """Called when the session was closed, from wherever."""
        self.goodbye = asyncio.create_task(self._part(reason))

    async def _part(self, reason):
        await self._say(state="closed", reason=str(reason), words=str(Closed(reason).label))
        await self.socket.close(CODES.get(reason, BROKE))


async def _refuse(socket, refused):
    with contextlib.suppress(ConnectionClosed):
        await socket.send(json.dumps({"state": "refused", "words": str(refused)}, ensure_ascii=False))
    await socket.close(4403)


def _read(message):
    """A small JSON object; anything else reads as an empty one."""
    if not isinstance(message, str) or len(message) > GREETING:
        return {}
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _size(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 32768 else None


def _ours(origin):
    """A page of this school opened the socket. Programs without an origin need a ticket all the same."""
    if not origin:
        return True
    domain, _port = split_domain_port(urlsplit(origin).netloc)
    return validate_host(domain, [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""])
