"""What a piece of a rendition holds, read from its boxes alone (ISO/IEC 14496-12): tracks, times, samples."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

PICTURE, SOUND = b"vide", b"soun"
NAL_TYPES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20}  # of H.264


class Broken(ValueError):
    """The piece is not what an encoder writes."""


@dataclass(frozen=True)
class Track:
    """A track as the first piece announces it: its kind, units a second, and the default length of a sample."""

    kind: bytes
    scale: int
    default: int
    codec: bytes  # the configuration of an avc1 track, else empty
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Run:
    """The samples of one track in a piece; times in the units of the track."""

    start: int
    end: int
    samples: int


def announced(init: bytes) -> dict[int, Track]:
    """The tracks by number. Raises Broken."""
    tracks = {}
    try:
        moov = _only(init, b"moov")
        defaults = {}
        for body in _all(_only(moov, b"mvex"), b"trex"):
            number, _, duration = struct.unpack(">III", body[4:16])
            defaults[number] = duration
        for trak in _all(moov, b"trak"):
            head = _only(trak, b"tkhd")
            (number,) = struct.unpack(">I", head[12:16])
            width, height = struct.unpack(">II", head[-8:])
            mdia = _only(trak, b"mdia")
            (scale,) = struct.unpack(">I", _only(mdia, b"mdhd")[12:16])
            kind = _only(mdia, b"hdlr")[8:12]
            size = (width >> 16, height >> 16)
            tracks[number] = Track(kind, scale, defaults.get(number, 0), _configuration(mdia), *size)
    except (struct.error, IndexError) as error:
        raise Broken(f"the beginning: {error}") from error
    return tracks


def contents(piece: bytes, tracks: dict[int, Track]) -> dict[bytes, Run]:
    """What a piece holds, by kind of track; looks into every sample of the picture. Raises Broken."""
    runs: dict[bytes, Run] = {}
    try:
        for moof, begin, _ in _boxes(piece, b"moof"):
            for traf in _all(moof, b"traf"):
                kind, run = _run(piece, begin, traf, tracks)
                earlier = runs.get(kind)
                if earlier and earlier.end != run.start:
                    raise Broken("two parts of a piece do not meet")
                runs[kind] = Run(earlier.start, run.end, earlier.samples + run.samples) if earlier else run
    except (struct.error, IndexError, KeyError) as error:
        raise Broken(str(error)) from error
    if not runs or any(not run.samples for run in runs.values()):
        raise Broken("the piece is empty")
    return runs


def _run(piece, begin, traf, tracks):
    head = _only(traf, b"tfhd")
    flags, number = struct.unpack(">II", head[:8])
    track = tracks[number]
    at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    duration, size = track.default, 0
    if flags & 0x8:
        (duration,), at = struct.unpack(">I", head[at : at + 4]), at + 4
    if flags & 0x10:
        (size,) = struct.unpack(">I", head[at : at + 4])
    decode = _only(traf, b"tfdt")
    (start,) = struct.unpack(">Q", decode[4:12]) if decode[0] else struct.unpack(">I", decode[4:8])
    length = samples = 0
    for trun in _all(traf, b"trun"):
        for number_, (each, long) in enumerate(_samples(trun, duration, size)):
            if not number_:
                place = begin + _offset(trun)
            _look(piece, place, long, track)
            place, length, samples = place + long, length + each, samples + 1
    return track.kind, Run(start, start + length, samples)


def _offset(trun):
    (flags,) = struct.unpack(">I", trun[:4])
    if not flags & 0x1:
        raise Broken("a run does not say where it lies")
    return struct.unpack(">i", trun[8:12])[0]


def _samples(trun, duration, size) -> Iterator[tuple[int, int]]:
    """Length in time and in bytes of each sample."""
    flags, count = struct.unpack(">II", trun[:8])
    at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    for _ in range(count):
        each, long = duration, size
        if flags & 0x100:
            (each,), at = struct.unpack(">I", trun[at : at + 4]), at + 4
        if flags & 0x200:
            (long,), at = struct.unpack(">I", trun[at : at + 4]), at + 4
        at += (4 if flags & 0x400 else 0) + (4 if flags & 0x800 else 0)
        yield each, long


def _look(piece, place, long, track):
    """A sample lies inside the piece; one of H.264 is a chain of units that ends where the sample ends."""
    end = place + long
    if not long or end > len(piece):
        raise Broken("a sample lies outside of the piece")
    if track.kind != PICTURE:
        return
    while place < end:
        (unit,) = struct.unpack(">I", piece[place : place + 4])
        if piece[place + 4] & 0x80 or piece[place + 4] & 0x1F not in NAL_TYPES:
            raise Broken("a sample holds no picture")
        place += 4 + unit
    if place != end:
        raise Broken("a sample is cut short")


def _configuration(mdia):
    entry = _only(_only(_only(mdia, b"minf"), b"stbl"), b"stsd")[8:]
    if entry[4:8] != b"avc1":
        return b""
    return _only(entry[8 + 78 :], b"avcC")


def _all(data, kind):
    return [body for body, _, _ in _boxes(data, kind)]


def _only(data, kind):
    return _all(data, kind)[0]


def _boxes(data, kind) -> Iterator[tuple[bytes, int, int]]:
    """The bodies of boxes of one kind, and where each box begins and ends."""
    place = 0
    while place + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[place : place + 8])
        head = 8
        if size == 1:
            (size,), head = struct.unpack(">Q", data[place + 8 : place + 16]), 16
        if size < head or place + size > len(data):
            raise Broken(f"a box ends outside of the piece at byte {place}")
        if name == kind:
            yield data[place + head : place + size], place, place + size
        place += size
