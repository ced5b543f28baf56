"""Still pictures of a film: the poster, and the small ones that a player shows above its time bar."""

from pathlib import Path

import av
import ffmpeg as graph
import numpy as np

from media import encoding, ffmpeg, hls
from media.probing import Film, closed

CANDIDATES = (0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.02)  # where to look for a poster, as shares of the film
LIVELY = 18.0  # a picture whose brightness varies less (of 255) is black, white or a fade
BOX = 1280  # pixels of a poster's longer side at most
LIMIT = 60.0  # seconds


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
            container.seek(start + int(moment * av.time_base))
            frame = next(container.decode(stream), None)
            if frame is None:
                continue
            life = float(np.std(frame.to_ndarray(format="gray")[::4, ::4]))
            if life >= LIVELY:
                return moment
            best = max(best, (life, moment))
    return best[1]
