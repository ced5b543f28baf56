"""RTMP's chunk streams: bytes as they arrive in, whole messages out. Reads no socket and trusts nobody.

What a sender can make us keep is bounded: the number of chunk streams, one message, and all unfinished ones together.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

MESSAGE = 4 * 1024**2  # bytes; a key frame of twenty megabits a second has less than half of it
UNFINISHED = MESSAGE + 256 * 1024  # bytes of all messages that have begun
STREAMS = 32
CHUNK, LARGEST_CHUNK = 128, 0xFFFFFF
WRITTEN = 4096  # the size of the chunks that we send
FAR = 0xFFFFFF  # a time of this value stands behind the header, in four bytes
CLOCK = 1 << 32
SET_CHUNK_SIZE, ABORT = 1, 2
HEADERS = (11, 7, 3, 0)


class Broken(ValueError):
    """No chunk stream, or one that asks for more than it may have."""


@dataclass(frozen=True)
class Message:
    kind: int
    timestamp: int  # milliseconds, modulo 2^32
    body: bytes


@dataclass
class _Stream:
    timestamp: int = 0
    delta: int = 0
    length: int = 0
    kind: int = 0
    known: bool = False
    far: int | None = None  # the time behind the last header, if there was one
    body: bytearray = field(default_factory=bytearray)


class Reader:
    def __init__(self) -> None:
        self.buffer = bytearray()
        self.chunk = CHUNK
        self.streams: dict[int, _Stream] = {}

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete now. Raises Broken."""
        self.buffer += data
        while (found := self._next()) is not None:
            place, message = found
            del self.buffer[:place]
            if message is None:
                continue
            if message.kind == SET_CHUNK_SIZE:
                self._resize(message.body)
            elif message.kind == ABORT:
                self._abort(message.body)
            else:
                yield message

    def _next(self):
        """Where the first chunk of the buffer ends and the message that it completes; None when more is needed."""
        try:
            form, number, place = self._basic()
            stream = self.streams.get(number) or self._open(number)
            header, place = self._header(form, stream, place)
        except (IndexError, struct.error):
            return None
        timestamp, _, length, kind, _ = header
        size = min(self.chunk, length - len(stream.body))
        if len(self.buffer) < place + size:
            return None
        stream.timestamp, stream.delta, stream.length, stream.kind, stream.far = header
        stream.known = True
        stream.body += self.buffer[place : place + size]
        if len(stream.body) < length:
            self._bound()
            return place + size, None
        body, stream.body = bytes(stream.body), bytearray()
        return place + size, Message(kind, timestamp, body)

    def _basic(self):
        first = self.buffer[0]
        form, number = first >> 6, first & 63
        if number == 0:
            return form, 64 + self.buffer[1], 2
        if number == 1:
            return form, 64 + self.buffer[1] + 256 * self.buffer[2], 3
        return form, number, 1

    def _open(self, number):
        if len(self.streams) >= STREAMS:
            raise Broken("too many chunk streams")
        stream = self.streams[number] = _Stream()
        return stream

    def _header(self, form, stream, place):
        """Times, length and kind after this header, and where the payload begins."""
        if form > 1 and not stream.known:
            raise Broken("a message without a length")
        if form < 3 and stream.body:
            raise Broken("a message begins within another")
        end = place + HEADERS[form]
        head = self.buffer[place:end]
        if len(head) < HEADERS[form]:
            raise IndexError
        length, kind = stream.length, stream.kind
        if form < 2:
            length, kind = int.from_bytes(head[3:6], "big"), head[6]
        if length > MESSAGE:
            raise Broken(f"a message of {length} bytes")
        if form == 3:
            return self._again(stream, end)
        time = int.from_bytes(head[:3], "big")
        far = None
        if time == FAR:
            (time,), end = struct.unpack_from(">I", self.buffer, end), end + 4
            far = time
        if form == 0:
            return (time, 0, length, kind, far), end
        return ((stream.timestamp + time) % CLOCK, time, length, kind, far), end

    def _again(self, stream, end):
        """A chunk without a header: it goes on with a message, or repeats the kind and the step of the last one.

        A far time is repeated before the payload by most senders and left out by some, so it is looked at.
        """
        if stream.far is not None:
            (time,) = struct.unpack_from(">I", self.buffer, end)
            end += 4 if time == stream.far else 0
        timestamp = stream.timestamp if stream.body else (stream.timestamp + stream.delta) % CLOCK
        return (timestamp, stream.delta, stream.length, stream.kind, stream.far), end

    def _bound(self):
        if sum(len(stream.body) for stream in self.streams.values()) > UNFINISHED:
            raise Broken("too much that is unfinished")

    def _resize(self, body):
        if len(body) != 4 or not 1 <= (size := int.from_bytes(body, "big")) <= LARGEST_CHUNK:
            raise Broken("a size of chunks that cannot be")
        self.chunk = size

    def _abort(self, body):
        stream = self.streams.get(int.from_bytes(body[:4], "big"))
        if stream:
            stream.body.clear()


def write(stream: int, kind: int, body: bytes, *, channel: int = 0) -> bytes:
    """A message in chunks of WRITTEN bytes, its time being 0."""
    head = bytes([stream]) + b"\0\0\0" + len(body).to_bytes(3, "big") + bytes([kind]) + struct.pack("<I", channel)
    pieces = [body[place : place + WRITTEN] for place in range(0, len(body), WRITTEN)] or [b""]
    return head + bytes([0xC0 | stream]).join(pieces)
