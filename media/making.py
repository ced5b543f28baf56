"""From a film to a ladder on disk, without the database: a plan, what is there already, one run, a look at the whole.

A folder carries the plan it was begun with. As long as a new worker would plan the same, it goes on after the last
whole pieces; else it begins anew in another folder.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from django.conf import settings

from media import encoding, ffmpeg, hls, ladder, loudness, pictures
from media.models import Video
from media.pieces import WORK, Ladder
from media.probing import Film, Refused

logger = structlog.get_logger(__name__)
PLAN = "plan.json"
VERSION = 1
RESERVE = 256 * 1024**2  # bytes of the disk that are free when a ladder is begun, beside what it may take
FLOOR = 64 * 1024**2  # bytes below which it is given up
PIECE = 1024**2
TRIAL = "trial"
FULL = {errno.ENOSPC, errno.EDQUOT}
CUT_OFF = 0.05  # share of a film that may be missing at its end
CUT_OFF_SECONDS = 1.0


@dataclass
class Making:
    """One ladder on its way; `start` is where the encoder begins, `gain` the dB by which the sound is made louder."""

    source: Path
    film: Film
    ladder: Ladder
    start: encoding.Start
    gain: float
    illustrated: bool = False

    @property
    def folder(self) -> Path:
        return self.ladder.folder

    def progress(self, done: float) -> float:
        """The share that is made, from 0 to 1, when the encoder has come to this second."""
        return min(1.0, max(done, self.ladder.seconds) / self.film.duration)


def pick_up(source: Path, film: Film, folder: Path) -> Making | None:
    """Go on with what an earlier worker left in this folder; None when it was planned otherwise or does not fit."""
    try:
        kept = json.loads((folder / PLAN).read_text())
        gain = kept.pop("gain")
        if kept != _plan(source, film):
            return None
        begun = Ladder(folder, film, _rungs(film))
        return Making(source, film, begun, begun.resume(), gain)
    except (OSError, ValueError, KeyError):  # fragments.Broken is a ValueError: start over, nothing is lost but time
        logger.warning("ladder_not_continued", folder=str(folder), exc_info=True)
        return None


def begin(source: Path, film: Film, folder: Path) -> Making:
    """A new ladder in an empty folder. Raises Refused when the disk could not hold it."""
    rungs = _rungs(film)
    _look_for_room(ladder.most_bytes(rungs, seconds=film.duration, sound=film.has_audio))
    begun = Ladder(folder, film, rungs)
    start = begun.resume()
    gain = loudness.gain(source, film)
    hls.replace(folder / PLAN, json.dumps({**_plan(source, film), "gain": gain}))
    return Making(source, film, begun, start, gain)


def _rungs(film):
    return ladder.rungs(film.width, film.height)


def _plan(source, film):
    """Everything that decides what the pieces look like, as JSON gives it back."""
    state = source.stat()
    film_ = {**asdict(film), "rate": str(film.rate)}
    plan = {
        "version": VERSION,
        "source": [str(source), state.st_size, state.st_mtime_ns],
        "film": film_,
        "rungs": [asdict(rung) for rung in _rungs(film)],
        "encoder": encoding.version(ffmpeg.binary()),
    }
    return json.loads(json.dumps(plan))


def _look_for_room(needed):
    root = Path(settings.HLS_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if free < needed + RESERVE:
        raise Refused(Video.Reason.DISK_FULL, f"{free} bytes are free, {needed} may be needed")


def encode(making: Making, *, on_tick: Callable[[float], None], waits: Callable[[], bool]) -> None:
    """Run the encoder to the end of the film. Raises ffmpeg.Failed, ffmpeg.TimedOut, and what `on_tick` raises."""
    if making.ladder.ended:
        return
    shutil.rmtree(making.ladder.work, ignore_errors=True)
    for shelf in making.ladder.shelves:
        shelf.work.mkdir(parents=True)
    command = encoding.ladder(
        source=making.source,
        film=making.film,
        rungs=making.ladder.rungs,
        folder=making.ladder.work,
        gain=making.gain,
        start=making.start,
    )
    ffmpeg.run(command, limit=600 + 20 * making.film.duration, on_tick=on_tick, waits=waits)


def check_room(making: Making) -> None:
    """Raises OSError when the disk is nearly full."""
    if shutil.disk_usage(making.folder).free < FLOOR:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(making.folder))


def can_write(folder: Path) -> bool:
    """Whether the disk takes another piece, asked by writing one: a quota is seen by nothing else."""
    trial = folder / TRIAL
    try:
        trial.write_bytes(bytes(PIECE))
        trial.unlink()
    except OSError as error:
        if error.errno in FULL:
            return False
        raise
    return True


def announce(making: Making) -> None:
    """Let players in, while the rest is made."""
    hls.write_master(making.folder, hls.expected(making.folder, making.ladder.rungs, making.film), making.film)


def illustrate(making: Making) -> None:
    """Make the poster, once, after the first pieces, which people wait for. A film can do without."""
    if making.illustrated:
        return
    making.illustrated = True
    if (making.folder / hls.POSTER).exists():
        return
    try:
        pictures.poster(making.source, making.film, making.folder)
    except (ffmpeg.Failed, ffmpeg.TimedOut):
        logger.warning("no_poster", source=making.source.name, exc_info=True)


def complete(making: Making) -> list[hls.Measured]:
    """Look at the whole and describe it as it is. Raises hls.Incomplete, or Refused when the film's end is missing."""
    if not making.ladder.ended:
        making.ladder.publish()
    made = hls.measure(making.folder, making.ladder.rungs, making.film)
    missing = making.film.duration - made[0].duration
    if missing > max(CUT_OFF_SECONDS, CUT_OFF * making.film.duration):
        raise Refused(Video.Reason.ENDS_EARLY, f"{missing:.1f} of {making.film.duration:.1f} s are missing")
    illustrate(making)
    try:
        pictures.thumbnails(making.folder, making.ladder.rungs[0], made[0].duration)
    except (ffmpeg.Failed, ffmpeg.TimedOut):
        logger.warning("no_thumbnails", folder=str(making.folder), exc_info=True)
    hls.write_master(making.folder, made, making.film)
    shutil.rmtree(making.folder / WORK, ignore_errors=True)
    return made
