"""What an encoder says it has written: its own list of pieces in the folder of a run, read from the end."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

INDEX, INIT, PIECE = "index.m3u8", "init.mp4", "{:05}.m4s"
TAIL = 4096  # bytes; some forty pieces
ENTRY = re.compile(r"#EXTINF:(\d+(?:\.\d+)?),[^\n]*\n#EXT-X-PROGRAM-DATE-TIME:(\S+)\n(\d{5,})\.m4s\n")


@dataclass(frozen=True)
class Piece:
    number: int
    started_at: datetime
    duration_ms: int
    size: int  # bytes; 0 for one that is not there or empty, as a full disk leaves it


def stamp(folder: Path) -> int:
    """Changes whenever the encoder wrote its list anew."""
    try:
        return (folder / INDEX).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def hollow(folder: Path, number: int) -> bool:
    """Whether the list, or a piece from that number on, is finished and empty: both get their names when complete."""
    return any(_size(folder / name) == 0 for name in (INDEX, PIECE.format(number), PIECE.format(number + 1)))


def pieces(folder: Path, after: int = -1) -> list[Piece]:
    """The closed pieces beyond that number, in order."""
    found = _entries(folder / INDEX, TAIL)
    if found and int(found[0][2]) > after + 1:
        found = _entries(folder / INDEX, None)
    return [_piece(folder, *entry) for entry in found if int(entry[2]) > after]


def _entries(path, tail):
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - tail) if tail else 0)
            return ENTRY.findall(file.read().decode("ascii", "replace"))
    except FileNotFoundError:
        return []


def _piece(folder, seconds, moment, number):
    size = _size(folder / PIECE.format(int(number))) or 0
    return Piece(int(number), datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z"), round(float(seconds) * 1000), size)


def _size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
