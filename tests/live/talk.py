"""The bytes of a publisher, made by hand: what a friendly one says, in pieces for those who are not."""

import struct

from live.ingest import amf, chunks

SHAKE = b"\x03" + bytes(1536) + bytes(1536)


def head(form, stream, *, time=0, length=0, kind=20, channel=0):
    """The header of one chunk, as the specification of RTMP draws it."""
    first = bytes([form << 6 | stream])
    far = struct.pack(">I", time) if time >= chunks.FAR and form < 3 else b""
    short = min(time, chunks.FAR).to_bytes(3, "big")
    if form == 0:
        return first + short + length.to_bytes(3, "big") + bytes([kind]) + struct.pack("<I", channel) + far
    if form == 1:
        return first + short + length.to_bytes(3, "big") + bytes([kind]) + far
    return first + (short + far if form == 2 else b"")


def message(body, *, kind=20, stream=3, time=0, size=128, repeat=True):
    """A whole message in chunks of that size; a far time is repeated in every chunk unless told otherwise."""
    again = bytes([0xC0 | stream]) + (struct.pack(">I", time) if time >= chunks.FAR and repeat else b"")
    pieces = [body[place : place + size] for place in range(0, len(body), size)] or [b""]
    return head(0, stream, time=time, length=len(body), kind=kind) + again.join(pieces)


def command(name, number=1.0, *values, **how):
    return message(amf.write(name, number, *values), **how)


def greeting(stream_key, app="live"):
    """Up to the wish to publish."""
    wishes = command("connect", 1.0, {"app": app, "tcUrl": f"rtmp://localhost/{app}"})
    wishes += command("releaseStream", 2.0, None, stream_key) + command("FCPublish", 3.0, None, stream_key)
    wishes += command("createStream", 4.0, None)
    return SHAKE + wishes + command("publish", 5.0, None, stream_key, "live")
