"""The ladder on disk and the playlists that describe it.

<run>/master.m3u8  <run>/360p/index.m3u8  <run>/360p/init.mp4  <run>/360p/00000.m4s …  <run>/audio/index.m3u8 …
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from media import fragments
from media.ladder import LONE_SOUND_RATE, SOUND_RATE, Rung
from media.probing import Film

MASTER, INDEX, INIT, SEGMENT = "master.m3u8", "index.m3u8", "init.mp4", "%05d.m4s"
SOUND = "audio"  # the folder of the rendition without picture
POSTER, THUMBNAILS = "poster.jpg", "thumbnails.vtt"
EXTRAS = {"audio_src": f"{SOUND}/{INDEX}", "poster": POSTER, "thumbnails": THUMBNAILS}  # field of an offer → file
STEP = 0.001  # seconds by which the cuts of two renditions may differ
TARGET = 5  # seconds that no piece reaches; it may not change while a playlist grows
SOUND_CODEC = "mp4a.40.2"
OVERHEAD = 1.05  # of boxes around the samples
CUT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)")


class Incomplete(Exception):
    """What the encoder wrote is not a ladder, or not the one that was begun."""


@dataclass(frozen=True)
class Playlist:
    """Seconds and name of each piece, in order."""

    cuts: tuple[tuple[float, str], ...] = ()
    ended: bool = False


@dataclass(frozen=True)
class Measured:
    """What a rendition turned out to be; bandwidths in bits a second. The sound alone has no rung."""

    rung: Rung | None
    duration: float
    cuts: tuple[float, ...]
    peak: int
    average: int
    codecs: str

    @property
    def name(self) -> str:
        return self.rung.name if self.rung else SOUND


def read(path: Path) -> Playlist:
    """What the playlist says; nothing when it has not been written yet."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return Playlist()
    return Playlist(tuple((float(seconds), name) for seconds, name in CUT.findall(text)), "#EXT-X-ENDLIST" in text)


def write(path: Path, cuts: list[float], *, ended: bool) -> None:
    """A playlist of pieces 0, 1, 2 …; whoever reads it meanwhile sees the old one or the new one."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{TARGET}", "#EXT-X-MEDIA-SEQUENCE:0"]
    lines += ["#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-START:TIME-OFFSET=0"]
    lines += [f'#EXT-X-MAP:URI="{INIT}"']
    for number, seconds in enumerate(cuts):
        lines += [f"#EXTINF:{seconds:.6f},", SEGMENT % number]
    replace(path, "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else [])]) + "\n")


def replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(text)
    fresh.replace(path)


def expected(folder: Path, rungs: list[Rung], film: Film) -> list[Measured]:
    """The renditions while they are still being made: as the encoder was told to make them."""
    made = [_expected(folder, rung, rung.bits + (SOUND_RATE if film.has_audio else 0)) for rung in rungs]
    return [*made, *([_expected(folder, None, LONE_SOUND_RATE)] if film.has_audio else [])]


def _expected(folder, rung, bits):
    cuts, codecs = _look(folder / (rung.name if rung else SOUND))
    return Measured(rung, sum(cuts), cuts, int(bits * OVERHEAD), bits, codecs)


def measure(folder: Path, rungs: list[Rung], film: Film) -> list[Measured]:
    """Look at everything that was made. Raises Incomplete when a rendition is cut short or out of step."""
    made = [_measure(folder, rung) for rung in rungs]
    first = made[0]
    for other in made[1:]:
        if not in_step(first.cuts, other.cuts):
            raise Incomplete(f"{other.name} has {len(other.cuts)} pieces, {first.name} {len(first.cuts)}, or cut apart")
    return [*made, *([_measure(folder, None)] if film.has_audio else [])]


def in_step(one: Sequence[float], other: Sequence[float]) -> bool:
    """Two renditions have as many pieces and cut at the same moments."""
    return len(one) == len(other) and all(abs(a - b) <= STEP for a, b in zip(one, other, strict=True))


def _measure(folder, rung):
    place = folder / (rung.name if rung else SOUND)
    cuts, codecs = _look(place)
    try:
        sizes = [(place / (SEGMENT % number)).stat().st_size for number in range(len(cuts))]
    except OSError as error:
        raise Incomplete(f"{place.name}: {error}") from error
    if not all(sizes) or not read(place / INDEX).ended:
        raise Incomplete(f"{place.name}: the playlist has no end or an empty piece")
    average = int(8 * sum(sizes) / sum(cuts))
    peak = max(int(8 * size / max(seconds, 1)) for seconds, size in zip(cuts, sizes, strict=True))
    return Measured(rung, sum(cuts), cuts, max(peak, average), average, codecs)


def _look(place):
    """Lengths of the pieces, and the codecs as RFC 6381 wants them: profile, constraints and level of avc1."""
    cuts = tuple(seconds for seconds, _ in read(place / INDEX).cuts)
    try:
        tracks = fragments.announced((place / INIT).read_bytes()).values()
    except (OSError, fragments.Broken) as error:
        raise Incomplete(f"{place.name}: {error}") from error
    if not cuts:
        raise Incomplete(f"{place.name}: no piece")
    names = [f"avc1.{track.codec[1:4].hex()}" for track in tracks if track.kind == fragments.PICTURE]
    return cuts, ",".join([*names, *(SOUND_CODEC for track in tracks if track.kind == fragments.SOUND)])


def write_master(folder: Path, made: list[Measured], film: Film) -> None:
    """The door to all renditions, lowest first: a player begins with the one named first, at the film's beginning.

    The sound alone comes last: Safari falls back to it by itself; hls.js passes over it and is given its own address.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-START:TIME-OFFSET=0"]
    for one in made:
        facts = [f"BANDWIDTH={one.peak}", f"AVERAGE-BANDWIDTH={one.average}"]
        if one.rung:
            facts += [f"RESOLUTION={one.rung.width}x{one.rung.height}", f"FRAME-RATE={float(film.rate):.3f}"]
        lines += [f'#EXT-X-STREAM-INF:{",".join(facts)},CODECS="{one.codecs}"', f"{one.name}/{INDEX}"]
    replace(folder / MASTER, "\n".join(lines) + "\n")
