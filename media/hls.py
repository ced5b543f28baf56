"""The ladder on disk: the command line that makes it, and the playlists that describe it.

    <run>/master.m3u8  <run>/360p/index.m3u8  <run>/360p/init.mp4  <run>/360p/00000.m4s …

All renditions come out of one run that decodes once, and cut their segments at the same key frames.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import ffmpeg as graph

from media.ladder import SOUND_RATE, Rung
from media.probing import Film

MASTER, INDEX, INIT, SEGMENT = "master.m3u8", "index.m3u8", "init.mp4", "%05d.m4s"
KEY_SECONDS = 2
SEGMENT_SECONDS = 4
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


def command(*, binary: str, source: Path, film: Film, rungs: list[Rung], folder: Path) -> list[str]:
    """One ffmpeg run for the whole ladder; progress comes on its standard output."""
    original = graph.input(str(source), format=film.demuxer, protocol_whitelist="file")
    picture = original["V:0"].filter("fps", fps=_rate(film.rate))
    pictures = picture.filter_multi_output("split", len(rungs))
    outputs = []
    for number, rung in enumerate(rungs):
        sized = pictures[number].filter("scale", rung.width, rung.height).filter("setsar", 1)
        streams = [sized.filter("format", "yuv420p")]
        if film.has_audio:
            streams.append(original["a:0"])
        outputs.append(graph.output(*streams, str(folder / rung.name / INDEX), **_options(rung, film, folder)))
    talk = ("-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-progress", "pipe:1")
    return graph.merge_outputs(*outputs).global_args(*talk).compile(cmd=binary, overwrite_output=True)


def _options(rung, film, folder):
    sound = {"acodec": "aac", "audio_bitrate": SOUND_RATE, "ar": 48000, "ac": 2, "af": "aresample=async=1"}
    return {
        **(sound if film.has_audio else {}),
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": 23,
        "maxrate": rung.bits,
        "bufsize": 2 * rung.bits,
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{KEY_SECONDS})",
        "g": 10 * 60 * 30,  # no key frame but the forced ones, so that all renditions cut alike
        "map_metadata": -1,  # a phone writes where it was into its films
        "map_chapters": -1,
        "format": "hls",
        "hls_time": SEGMENT_SECONDS,
        "hls_playlist_type": "event",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT,
        "hls_segment_filename": str(folder / rung.name / SEGMENT),
        "hls_flags": "independent_segments+temp_file",
    }


def _rate(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


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
