"""A publisher's side of RTMP, answered: handshake, connect, createStream, publish, and then the media.

Reads no socket: bytes go in, events come out, and what is to be answered gathers in `answers`. Nothing is ever played.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from . import amf, chunks, flv

VERSION, SHAKE = 3, 1536
BEFORE_PUBLISH = 64 * 1024  # bytes that somebody may send before the key was right
COMMAND = 16 * 1024  # bytes of one command
WINDOW = 2_500_000
WINDOW_SIZE, PEER_BANDWIDTH, ACKNOWLEDGE, COMMAND_3, COMMAND_0 = 5, 6, 3, 17, 20
LEAVING = {"deleteStream", "FCUnpublish", "closeStream"}


class Broken(ValueError):
    """This is no publisher as we know it; the connection ends without an answer."""


@dataclass(frozen=True)
class Publish:
    """Somebody wants to send. Answer with `accept` or `refuse` before the next event is taken."""

    app: str
    stream_key: str


@dataclass(frozen=True)
class Tag:
    kind: int
    timestamp: int
    body: bytes


@dataclass(frozen=True)
class Leave:
    """The publisher says goodbye."""


class Conversation:
    def __init__(self) -> None:
        self.answers = bytearray()
        self.received = self.acknowledged = 0
        self.accepted = False
        self.app = ""
        self._chunks = chunks.Reader()
        self._shaking = bytearray()
        self._shaken = 0  # steps of the handshake that are done

    def receive(self, data: bytes) -> Iterator[Publish | Tag | Leave]:
        """What these bytes lead to. Raises Broken."""
        self.received += len(data)
        self._bound()
        if self._shaken < 2:
            data = self._shake(data)
        try:
            for message in self._chunks.feed(data):
                yield from self._take(message)
        except (chunks.Broken, amf.Broken) as error:
            raise Broken(str(error)) from error
        if self.received - self.acknowledged > WINDOW // 2:
            self.acknowledged = self.received
            self.answers += chunks.write(2, ACKNOWLEDGE, struct.pack(">I", self.received & 0xFFFFFFFF))

    def accept(self) -> None:
        self.accepted = True
        self._status("status", "NetStream.Publish.Start", "ok")

    def refuse(self, words: str) -> None:
        self._status("error", "NetStream.Publish.BadName", words)

    def farewell(self, words: str) -> None:
        """Said before the connection is closed from here."""
        self._status("error", "NetStream.Publish.Rejected", words)

    def _bound(self):
        if not self.accepted and self.received > BEFORE_PUBLISH:
            raise Broken("too much before the key")

    def _shake(self, data):
        """The plain handshake; what follows it is returned. The times and echoes in it are not worth checking."""
        self._shaking += data
        if self._shaking and self._shaking[0] != VERSION:
            raise Broken(f"version {self._shaking[0]}")
        if self._shaken == 0 and len(self._shaking) >= 1 + SHAKE:
            theirs = self._shaking[1 : 1 + SHAKE]
            self.answers += bytes([VERSION]) + bytes(8) + os.urandom(SHAKE - 8) + theirs
            self._shaken = 1
        if self._shaken == 1 and len(self._shaking) >= 1 + 2 * SHAKE:
            rest = bytes(self._shaking[1 + 2 * SHAKE :])
            self._shaking.clear()
            self._shaken = 2
            return rest
        return b""

    def _take(self, message):
        if message.kind in (flv.SOUND, flv.PICTURE, flv.FACTS):
            if not self.accepted:
                raise Broken("media before the key")
            if message.body:
                yield Tag(message.kind, message.timestamp, message.body)
        elif message.kind in (COMMAND_0, COMMAND_3):
            yield from self._command(message.body[1:] if message.kind == COMMAND_3 else message.body)

    def _command(self, body):
        if len(body) > COMMAND:
            raise Broken("a long command")
        name, number, *given = [*amf.read(body), None, None]
        if not isinstance(name, str) or not isinstance(number, float):
            raise Broken("a command without a name")
        if name == "connect":
            self._connect(number, given[0])
        elif name == "createStream":
            self._command_answer("_result", number, None, 1)
        elif name in ("releaseStream", "FCPublish"):
            self._command_answer("_result", number, None)
        elif name == "publish":
            yield self._publish(given)
        elif name in LEAVING:
            yield Leave()
        elif name == "play":
            self._status("error", "NetStream.Play.Failed", "This server plays nothing.")
            raise Broken("play")

    def _connect(self, number, facts):
        app = facts.get("app") if isinstance(facts, dict) else None
        self.app = app if isinstance(app, str) else ""
        self.answers += chunks.write(2, WINDOW_SIZE, struct.pack(">I", WINDOW))
        self.answers += chunks.write(2, PEER_BANDWIDTH, struct.pack(">IB", WINDOW, 2))
        self.answers += chunks.write(2, chunks.SET_CHUNK_SIZE, struct.pack(">I", chunks.WRITTEN))
        well = {"level": "status", "code": "NetConnection.Connect.Success", "description": "ok"}
        self._command_answer("_result", number, {"fmsVer": "FMS/3,0,1,123", "capabilities": 31}, well)

    def _publish(self, given):
        if self.accepted:
            raise Broken("publish twice")
        key = given[1] if len(given) > 1 else None
        return Publish(self.app, key if isinstance(key, str) else "")

    def _command_answer(self, name, number, *values, channel=0):
        self.answers += chunks.write(3, COMMAND_0, amf.write(name, number, *values), channel=channel)

    def _status(self, level, code, words):
        facts = {"level": level, "code": code, "description": words}
        self._command_answer("onStatus", 0, None, facts, channel=1)
