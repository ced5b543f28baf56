"""Still pictures of a film: the poster, and the small ones that a player shows above its time bar."""

import math
from pathlib import Path

import av
import ffmpeg as graph
import numpy as np

from media import encoding, ffmpeg, hls
from media.ladder import Rung
from media.probing import Film, closed

CANDIDATES = (0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.02)  # where to look for a poster, as shares of the film
LIVELY = 18.0  # a picture whose brightness varies less (of 255) is black, white or a fade
BOX = 1280  # pixels of a poster's longer side at most
LIMIT = 20.0  # seconds for a poster: whoever makes it has to beat in time
WIDE, TALL, SIDE = 160, 90, 10  # pixels of a small picture at most; so many stand side by side and below each other
SHEET = "thumbnails-%02d.jpg"


def poster(source: Path, film: Film, folder: Path) -> None:
    """Write the picture that stands for the film. Raises ffmpeg.Failed or ffmpeg.TimedOut."""
    picture = graph.input(str(source), ss=f"{_moment(source, film):.3f}", format=film.demuxer, **closed(film.demuxer))
    width, height = _fit(film.width, film.height)
    still = picture["V:0"].filter("bwdif") if film.interlaced else picture["V:0"]
    still = encoding.ordinary(still, film, width, height).filter("scale", width, height).filter("setsar", 1)
    made = graph.output(
        still.filter("format", "yuvj420p"),
        str(folder / hls.POSTER),
        **{"frames:v": 1, "q:v": 4, "map_metadata": -1, "update": 1, "f": "image2"},
    )
    ffmpeg.run(encoding.compiled(made), limit=LIMIT, on_tick=lambda done: None)


def _fit(width, height):
    share = min(1, BOX / max(width, height))
    return tuple(max(2, int(side * share) // 2 * 2) for side in (width, height))


def _moment(source, film):
    """The first of some moments at which there is something to see, else the liveliest."""
    best = (-1.0, 0.0)
    with av.open(
        str(source), format=film.demuxer, options=closed(film.demuxer), metadata_errors="replace"
    ) as container:
        stream = next(s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic)
        start = container.start_time or 0
        for share in CANDIDATES:
            moment = film.duration * share
            try:
                container.seek(start + int(moment * av.time_base))
                frame = next(container.decode(stream))
            except (av.FFmpegError, StopIteration):  # damaged here: perhaps not at the next one
                continue
            life = float(np.std(frame.to_ndarray(format="gray")[::4, ::4]))
            if life >= LIVELY:
                return moment
            best = max(best, (life, moment))
    return best[1]


def thumbnails(folder: Path, rung: Rung, duration: float) -> None:
    """Write the small pictures, many to a sheet, and the WebVTT file that says which belongs to which seconds.

    They come from the key frames of the finished rendition. Raises ffmpeg.Failed or ffmpeg.TimedOut.
    """
    step = interval(duration)
    width, height = _small(rung)
    keys = graph.input(str(folder / rung.name / hls.INDEX), skip_frame="nokey", protocol_whitelist="file")
    small = keys["V:0"].filter("fps", fps=f"1/{step}", start_time=0).filter("scale", width, height)
    sheets = graph.output(
        small.filter("tile", f"{SIDE}x{SIDE}").filter("format", "yuvj420p"),
        str(folder / SHEET),
        **{"q:v": 6, "start_number": 0, "f": "image2", "fps_mode": "passthrough"},
    )
    ffmpeg.run(encoding.compiled(sheets), limit=60 + duration, on_tick=lambda done: None)
    hls.replace(folder / hls.THUMBNAILS, cues(duration, step, width, height))


def interval(duration: float) -> int:
    """Seconds between two small pictures: as often as key frames at first, and up to a hundred on one sheet."""
    return min(10, max(encoding.KEY_SECONDS, 2 * math.ceil(duration / SIDE**2 / 2)))


def cues(duration: float, step: int, width: int, height: int) -> str:
    lines = ["WEBVTT", ""]
    for number in range(max(1, math.ceil(duration / step))):
        sheet, place = divmod(number, SIDE**2)
        row, column = divmod(place, SIDE)
        end = max(min(duration, (number + 1) * step), number * step + 0.001)
        lines += [f"{_clock(number * step)} --> {_clock(end)}"]
        lines += [f"{SHEET % sheet}#xywh={column * width},{row * height},{width},{height}", ""]
    return "\n".join(lines)


def _clock(seconds):
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}"


def _small(rung):
    share = min(TALL / rung.height, WIDE / rung.width)
    return tuple(max(2, round(side * share) // 2 * 2) for side in (rung.width, rung.height))
