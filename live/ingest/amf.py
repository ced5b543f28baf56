"""AMF0, the values in RTMP's commands: the few kinds that publishers send, bounded in depth and number."""

import struct
from typing import Any

DEPTH = 8
VALUES = 512  # in one command, however they are nested
NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED, ARRAY, END, LIST, DATE, LONG = 0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12


class Broken(ValueError):
    """These bytes are no AMF0, or more of it than anybody needs."""


def read(data: bytes) -> list[Any]:
    """All values of a command. Raises Broken."""
    values = []
    cursor = _Cursor(data)
    try:
        while cursor.place < len(data):
            values.append(cursor.value(0))
    except (struct.error, IndexError) as error:
        raise Broken("cut short") from error
    return values


class _Cursor:
    def __init__(self, data):
        self.data, self.place, self.count = data, 0, 0

    def value(self, depth):
        self.count += 1
        if depth > DEPTH or self.count > VALUES:
            raise Broken("too deep, or too many values")
        (kind,) = self._take(1)
        read = _READERS.get(kind)
        if read is None:
            raise Broken(f"a value of kind {kind}")
        return read(self, depth)

    def number(self, depth):
        return struct.unpack(">d", self._take(8))[0]

    def boolean(self, depth):
        return self._take(1) != b"\0"

    def string(self, depth):
        return self._text(">H")

    def long(self, depth):
        return self._text(">I")

    def nothing(self, depth):
        return None

    def date(self, depth):
        return struct.unpack(">dh", self._take(10))[0]

    def array(self, depth):
        self._take(4)  # a count that nobody may rely on
        return self.object(depth)

    def object(self, depth):
        found: dict[str, Any] = {}
        while True:
            key = self._text(">H")
            if not key and self.data[self.place : self.place + 1] == bytes([END]):
                self.place += 1
                return found
            found[key] = self.value(depth + 1)

    def list(self, depth):
        (count,) = struct.unpack(">I", self._take(4))
        if count > VALUES:
            raise Broken("a long list")
        return [self.value(depth + 1) for _ in range(count)]

    def _text(self, shape):
        (length,) = struct.unpack(shape, self._take(struct.calcsize(shape)))
        return self._take(length).decode("utf-8", "replace")

    def _take(self, length):
        piece = self.data[self.place : self.place + length]
        if len(piece) < length:
            raise Broken("cut short")
        self.place += length
        return piece


_READERS = {
    NUMBER: _Cursor.number,
    BOOLEAN: _Cursor.boolean,
    STRING: _Cursor.string,
    OBJECT: _Cursor.object,
    NULL: _Cursor.nothing,
    UNDEFINED: _Cursor.nothing,
    ARRAY: _Cursor.array,
    LIST: _Cursor.list,
    DATE: _Cursor.date,
    LONG: _Cursor.long,
}


def write(*values: Any) -> bytes:
    return b"".join(_write(value) for value in values)


def _write(value):
    if value is None:
        return bytes([NULL])
    if isinstance(value, str):
        return bytes([STRING]) + _short(value)
    if isinstance(value, dict):
        fields = b"".join(_short(key) + _write(each) for key, each in value.items())
        return bytes([OBJECT]) + fields + b"\0\0" + bytes([END])
    return bytes([NUMBER]) + struct.pack(">d", value)


def _short(text):
    data = text.encode()[:65535]
    return struct.pack(">H", len(data)) + data
