"""The command lines of ffmpeg: what is done to a film's picture and sound before it is a rendition."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg as graph

from media import ffmpeg
from media.hls import INDEX, INIT, SEGMENT, SOUND
from media.ladder import LONE_SOUND_RATE, SOUND_RATE, Rung
from media.probing import Film, closed

KEY_SECONDS = 2
SEGMENT_SECONDS = 4
HERTZ = 48_000
FRAME = 1024  # samples in a packet of AAC
LEAD = 10.0  # seconds that a continued run reads ahead of its first picture, for films that hold a picture long
PEAK = 0.84  # where the limiter holds the sound: 1.5 dB below what would be cut off
TALK = ("-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1", "-loglevel")


@dataclass(frozen=True)
class Start:
    """Where a run begins: at the film's beginning, or after the last whole pieces of an earlier run.

    `picture` in seconds, the moment of the first picture to make; `sound` the first sample to make, by folder.
    """

    picture: Fraction = Fraction(0)
    sound: tuple[tuple[str, int], ...] = ()

    def seek(self) -> Fraction:
        """Seconds at which reading begins: a packet of sound begins there, some seconds ahead of everything wanted."""
        first = min([self.picture, *(Fraction(sample, HERTZ) for _, sample in self.sound)])
        grain = Fraction(FRAME, HERTZ)
        return max(Fraction(0), (first - Fraction(LEAD)) // grain * grain)


def ladder(*, source: Path, film: Film, rungs: list[Rung], folder: Path, gain: float = 0.0, start: Start) -> list[str]:
    """One run for all renditions, lowest first, and the sound alone; progress comes on its standard output.

    Timestamps are those of the whole film, wherever the run begins, so that pieces of several runs fit together.
    """
    seek = start.seek()
    whence = {"ss": _seconds(seek)} if seek else {}
    original = graph.input(str(source), format=film.demuxer, **whence, **closed(film.demuxer))
    picture = original["V:0"].filter("setpts", f"PTS+{_seconds(seek)}/TB")
    if film.interlaced:
        picture = picture.filter("bwdif", mode="send_frame", deint="interlaced")
    picture = picture.filter("fps", fps=_rate(film.rate), start_time=_seconds(start.picture))
    picture = ordinary(picture, film, rungs[-1].width, rungs[-1].height)
    pictures = picture.filter_multi_output("split", len(rungs))
    sounds = _sounds(original, film, seek, gain, len(rungs) + 1)
    begun = dict(start.sound)
    outputs = []
    for number, rung in enumerate(rungs):
        sized = pictures[number].filter("scale", rung.width, rung.height).filter("setsar", 1)
        streams = [sized.filter("format", "yuv420p"), *([sounds[number]] if sounds else [])]
        options = {**_picture_options(rung), **(_sound_options(SOUND_RATE, 2, begun.get(rung.name)) if sounds else {})}
        outputs.append(_output(streams, folder / rung.name, film, options))
    if sounds:
        options = _sound_options(LONE_SOUND_RATE, 1, begun.get(SOUND))
        outputs.append(_output([sounds[len(rungs)]], folder / SOUND, film, options))
    return compiled(graph.merge_outputs(*outputs))


def compiled(output: Any, *, loudly: bool = False) -> list[str]:
    """A command line that tells its progress and asks nothing."""
    return output.global_args(*TALK, "info" if loudly else "warning").compile(
        cmd=ffmpeg.binary(), overwrite_output=True
    )


def _sounds(original, film, seek, gain, number):
    """Even in loudness; of one length with the picture, whatever its own clock says; the same for each rendition."""
    if film.sound is None:
        return []
    sound = original[f"a:{film.sound}"].filter("aformat", channel_layouts="stereo")
    sound = sound.filter("aresample", HERTZ, **{"async": 1, "first_pts": 0})
    if gain:
        sound = sound.filter("volume", f"{gain:.2f}dB").filter("alimiter", limit=PEAK, level="disabled")
    length = _seconds(Fraction(film.duration) - seek)  # of the picture: sound that goes on is cut, a gap filled
    sound = sound.filter("apad", whole_dur=length).filter("atrim", end=length)
    return sound.filter("asetpts", f"PTS+{round(seek * HERTZ)}").filter_multi_output("asplit", number)


def _picture_options(rung):
    return {
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": 23,
        "maxrate": rung.bits,
        "bufsize": 2 * rung.bits,
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{KEY_SECONDS})",
        "g": 10 * 60 * 30,  # no key frame but the forced ones, so that all renditions cut alike
        "fps_mode": "passthrough",  # the filter has made the rate constant already
    }


def _sound_options(bits, channels, begin):
    """`begin` is the first sample wanted: packets before it only bring the encoder into step."""
    options = {"acodec": "aac", "audio_bitrate": bits, "ac": channels}
    return options if begin is None else {**options, "bsf:a": f"noise=drop='lt(pts,{begin})'"}


def _output(streams, folder, film, options):
    general = {
        "map_metadata": -1,  # a phone writes where it was into its films
        "map_chapters": -1,
        "output_ts_offset": _seconds(shift(film)),
        "format": "hls",
        "hls_time": SEGMENT_SECONDS,
        "hls_playlist_type": "event",
        "hls_segment_type": "fmp4",
        "hls_segment_options": "movflags=+frag_discont",  # a piece says at which moment of the film it begins
        "hls_fmp4_init_filename": INIT,
        "hls_segment_filename": str(folder / SEGMENT),
        "hls_flags": "independent_segments+temp_file",
    }
    return graph.output(*streams, str(folder / INDEX), **options, **general)


def shift(film: Film) -> Fraction:
    """How much later everything stands in the pieces: decoding runs two pictures ahead, and no time is below 0."""
    return 2 / film.rate


def ordinary(picture: Any, film: Film, width: int, height: int) -> Any:
    """Colours for ordinary screens. A build of ffmpeg without zscale leaves a wide-range film pale but visible."""
    if not film.wide_range:
        return picture
    picture = picture.filter("scale", width, height)
    if not {"zscale", "tonemap"} <= filters(ffmpeg.binary()):
        return picture.filter("colorspace", all="bt709", iall="bt2020", format="yuv420p", fast=1)
    return (
        picture.filter("zscale", t="linear", npl=100)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="tv")
        .filter("format", "yuv420p")
    )


@cache
def filters(binary: str) -> frozenset[str]:
    """The names of the filters this build knows."""
    listed = ffmpeg.ask([binary, "-hide_banner", "-filters"])
    return frozenset(words[1] for line in listed.splitlines() if len(words := line.split()) > 2)


@cache
def version(binary: str) -> str:
    """Pieces of one run and another fit together only when the same build made both."""
    return ffmpeg.ask([binary, "-hide_banner", "-version"]).partition("\n")[0]


def _rate(rate):
    return f"{rate.numerator}/{rate.denominator}"


def _seconds(moment):
    return f"{float(moment):.6f}"
