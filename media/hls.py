"""The ladder on disk and the playlists that describe it.

    <run>/master.m3u8  <run>/360p/index.m3u8  <run>/360p/init.mp4  <run>/360p/00000.m4s …  <run>/audio/index.m3u8 …

All renditions come out of one run that decodes once, and cut their segments at the same key frames.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import av

from media.ladder import Rung
from media.probing import Film

MASTER, INDEX, INIT, SEGMENT = "master.m3u8", "index.m3u8", "init.mp4", "%05d.m4s"
SOUND = "audio"  # the folder of the rendition without picture
POSTER, THUMBNAILS = "poster.jpg", "thumbnails.vtt"
EXTRAS = {"audio_src": f"{SOUND}/{INDEX}", "poster": POSTER, "thumbnails": THUMBNAILS}  # field of an offer → file
SOUND_CODEC = "mp4a.40.2"
CUT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n([^#\n]+)")


class Incomplete(Exception):
    """The encoder ended well, but what lies on disk is not a whole ladder."""


@dataclass(frozen=True)
class Measured:
    """What a finished rendition turned out to be; bandwidths in bits a second."""

    rung: Rung
    duration: float
    cuts: tuple[float, ...]
    peak: int
    average: int
    codec: str


def measure(folder: Path, rungs: list[Rung]) -> list[Measured]:
    """Look at everything that was made. Raises Incomplete when a rendition is cut short or out of step."""
    made = [_measure(folder / rung.name, rung) for rung in rungs]
    for other in made[1:]:
        if len(other.cuts) != len(made[0].cuts):
            raise Incomplete(
                f"{other.rung.name} has {len(other.cuts)} segments, {made[0].rung.name} {len(made[0].cuts)}"
            )
    return made


def _measure(folder, rung):
    try:
        playlist = (folder / INDEX).read_text()
        parts = [(float(seconds), (folder / name).stat().st_size) for seconds, name in CUT.findall(playlist)]
        codec = _codec(folder / INIT)
    except (OSError, av.FFmpegError) as error:
        raise Incomplete(f"{rung.name}: {error}") from error
    if not parts or "#EXT-X-ENDLIST" not in playlist or not all(size for _, size in parts):
        raise Incomplete(f"{rung.name}: the playlist has no end or an empty segment")
    duration = sum(seconds for seconds, _ in parts)
    peak = max(int(8 * size / max(seconds, 1)) for seconds, size in parts)
    average = int(8 * sum(size for _, size in parts) / duration)
    return Measured(rung, duration, tuple(seconds for seconds, _ in parts), max(peak, average), average, codec)


def _codec(init):
    """avc1 with profile, constraints and level, as RFC 6381 wants them: from the decoder configuration."""
    with av.open(str(init), format="mov") as container:
        record = bytes(container.streams.video[0].codec_context.extradata or b"")
    if len(record) < 4:
        raise Incomplete(f"{init.parent.name}: no decoder configuration")
    return f"avc1.{record[1:4].hex()}"


def write_master(folder: Path, made: list[Measured], film: Film) -> None:
    """The door to all renditions, lowest first: a player begins with the one named first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for one in made:
        codecs = f"{one.codec},{SOUND_CODEC}" if film.has_audio else one.codec
        facts = [
            f"BANDWIDTH={one.peak}",
            f"AVERAGE-BANDWIDTH={one.average}",
            f"RESOLUTION={one.rung.width}x{one.rung.height}",
            f"FRAME-RATE={float(film.rate):.3f}",
            f'CODECS="{codecs}"',
        ]
        lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", f"{one.rung.name}/{INDEX}"]
    (folder / MASTER).write_text("\n".join(lines) + "\n")
