"""The door for encoder software: sockets, deadlines and limits around a conversation in RTMP."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from live import keys, runs
from live.models import Run

from . import flv
from .desk import Desk
from .encoder import Gone, Source
from .rtmp import Broken, Conversation, Leave, Publish, Tag
from .sessions import Session
from .strangers import Strangers

log = structlog.get_logger(__name__)
DEADLINE = 5.0  # seconds from the connection to the right key
PATIENCE = 10.0  # seconds in which an answer must be taken
SILENCE = 15.0
READ = 64 * 1024
OF_ONE_ADDRESS, OF_ALL = 8, 200  # connections
LONGEST = 4500  # milliseconds between key frames that a piece may last; beyond, the picture is encoded here
Closed = Run.Closed


class Turned(Exception):
    """The publisher is sent away; the words are for its screen."""


class RtmpServer:
    def __init__(self, desk: Desk):
        self.desk = desk
        self.addresses: Counter[str] = Counter()
        self.strangers = Strangers()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.start_server(self.serve, host, port, limit=2 * READ)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = (writer.get_extra_info("peername") or ("?",))[0]
        if not self._has_room(address):
            log.warning("too_many_connections", address=address)
            writer.transport.abort()
            return
        self.addresses[address] += 1
        publisher = Publisher(self.desk, reader, writer, address, known=self.strangers.go)
        self.strangers.come(publisher, address, writer.transport.abort)
        try:
            await publisher.serve()
        finally:
            self.strangers.go(publisher)
            self.addresses[address] -= 1
            self.addresses += Counter()  # forget addresses without a connection
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 2)

    def _has_room(self, address):
        """Those who send keep their places; of the others the one that has waited longest makes room."""
        if self.addresses[address] >= OF_ONE_ADDRESS:
            return self.strangers.make_room(address)
        return self.addresses.total() < OF_ALL or self.strangers.make_room()


class Publisher:
    """One connection, from its first byte to its last."""

    def __init__(self, desk: Desk, reader, writer, address: str, *, known: Callable[["Publisher"], None]):
        self.known = known
        self.desk, self.reader, self.writer, self.address = desk, reader, writer, address
        self.talk = Conversation()
        self.session: Session | None = None
        self.headers: dict[tuple[int, bool], bytes] = {}  # by kind of tag: what a new run must begin with
        self.tags = flv.Writer()

    async def serve(self) -> None:
        reason = Closed.NETWORK
        try:
            await self._converse()
        except TimeoutError:
            reason = Closed.SILENT
        except ConnectionError:
            reason = Closed.NETWORK
        except Broken as broken:
            log.warning("not_rtmp", address=self.address, why=str(broken))
        except Turned as turned:
            reason = Closed.ENCODER
            log.warning("publisher_turned_away", address=self.address, why=str(turned))
        except Gone:
            reason = Closed.ENCODER
        except DatabaseError:
            log.exception("database_away")
        finally:
            if self.session:
                await self.desk.close(self.session, reason)

    async def _converse(self):
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DEADLINE
        while True:
            async with asyncio.timeout_at(loop.time() + SILENCE if self.session else deadline):
                data = await self.reader.read(READ)
            if not data:
                return
            for event in self.talk.receive(data):
                if isinstance(event, Tag):
                    await self._take(event)
                elif isinstance(event, Publish):
                    await self._publish(event)
                elif isinstance(event, Leave) and self.session:
                    return
            await self._answer()

    async def _answer(self):
        if self.talk.answers:
            self.writer.write(bytes(self.talk.answers))
            self.talk.answers.clear()
        await asyncio.wait_for(self.writer.drain(), PATIENCE)

    async def _publish(self, wish):
        try:
            broadcast = await self.desk.admit(wish.stream_key)
            self.known(self)
            self.session = await self.desk.open(broadcast, Run.Source.RTMP, Source("flv"), hang_up=self._hang_up)
        except (keys.Refused, runs.Refused) as refused:
            self.talk.refuse(str(refused))
            await self._answer()
            raise Turned(str(refused)) from refused
        log.info("publisher", address=self.address, broadcast=str(broadcast.uuid))
        self.talk.accept()
        await self._begin()

    def _hang_up(self, reason):
        """Called when the session was closed, from wherever."""
        if reason == Closed.REVOKED and not self.writer.is_closing():
            self.talk.farewell(str(Closed(reason).label))
            self.writer.write(bytes(self.talk.answers))
            self.talk.answers.clear()
        self.writer.transport.abort() if reason == Closed.KILLED else self.writer.close()

    async def _begin(self):
        """The head of a stream, and what the decoder must know before the first picture."""
        self.tags = flv.Writer()
        await self.session.feed(flv.HEAD)

    async def _take(self, tag):
        look = await self._check(tag)
        if look and look.key:
            self.session.line.key_frame(tag.timestamp)
            await self._perhaps_renew(tag)
        await self.session.feed(self.tags.tag(tag.kind, tag.timestamp, _facts(tag)))

    async def _check(self, tag):
        """Refuse in words what cannot be shown; remember what a later run must begin with."""
        if tag.kind == flv.FACTS:
            self.headers[flv.FACTS, False] = _facts(tag)
            return None
        look = flv.picture(tag.body) if tag.kind == flv.PICTURE else flv.sound(tag.body)
        if not look.taken:
            words = _("The encoder sends %(codec)s. Please set it to H.264 for the picture and AAC for the sound.")
            self.talk.farewell(words % {"codec": look.codec})
            await self._answer()
            await self.desk.note(self.session, look.codec, picture=tag.kind == flv.PICTURE)
            raise Turned(words % {"codec": look.codec})
        if look.header:
            self.headers[tag.kind, True] = tag.body
        return look if tag.kind == flv.PICTURE else None

    async def _perhaps_renew(self, tag):
        """At a key frame a new run can begin without the publisher noticing."""
        session = self.session
        slow = session.source.copied and session.line.keyframe_ms > LONGEST
        if not (session.renew or slow):
            return
        self.session = await self.desk.renew(session, copied=session.source.copied and not slow)
        if not slow:
            self.session.line = session.line
        await self._begin()
        for (kind, _header), body in sorted(self.headers.items(), reverse=True):
            await self.session.feed(self.tags.tag(kind, tag.timestamp, body))


def _facts(tag):
    """Facts without the command around them that RTMP adds and FLV does not have."""
    wrapping = b"\x02\x00\x0d@setDataFrame"
    return tag.body.removeprefix(wrapping) if tag.kind == flv.FACTS else tag.body
