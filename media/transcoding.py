"""From an original to a ladder. Any number of workers; each takes a video with a lease and beats while it works.

A worker that dies loses its lease after LEASE, and the next one takes the video. What a run makes lies in a
folder of its own and is served only when it is complete, so a dead run can do no harm.
"""

import errno
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from media import encoding, ffmpeg, hls, ladder, pictures, probing
from media.models import Rendition, Video

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=60)
BEAT = 2.0  # seconds between two beats
ATTEMPTS = 3
KEEP = timedelta(hours=8)  # a replaced ladder stays this long, for players that still hold its address
CUT_OFF = 0.05  # share of a film that may be missing at its end
CUT_OFF_SECONDS = 1.0


class Lost(Exception):
    """Somebody else has the video now, or it was deleted."""


class Stopped(Exception):
    """The worker was asked to stop."""


def claim() -> Video | None:
    """Take the video that has waited longest, or one whose worker went silent; None when there is nothing to do."""
    now = timezone.now()
    claimable = Video.objects.claimable(now, attempts=ATTEMPTS)
    for video in claimable.order_by("created_at", "pk").only("pk")[:8]:
        taken = claimable.filter(pk=video.pk).update(
            state=Video.State.PROBING,
            progress=0,
            reason="",
            lease=uuid4(),
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
        if taken:
            return Video.objects.select_related("source").get(pk=video.pk)
    return None


def beat(video: Video, **changes) -> None:
    """Say that the work goes on, and how far it is. Raises Lost."""
    changes["lease_until"] = timezone.now() + LEASE
    if not Video.objects.filter(pk=video.pk, lease=video.lease).update(**changes):
        raise Lost(video.pk)
    for field, value in changes.items():
        setattr(video, field, value)


def release(video: Video) -> None:
    """Give an unfinished video back: the next worker may take it at once, and the attempt does not count."""
    Video.objects.filter(pk=video.pk, lease=video.lease).update(
        state=Video.State.QUEUED, lease=None, lease_until=None, progress=0, attempts=max(0, video.attempts - 1)
    )
    _discard(video)


def reap() -> int:
    """Give up on videos that went silent in their last attempt; the number of them."""
    lost = Video.objects.abandoned(timezone.now()).filter(attempts__gte=ATTEMPTS)
    return lost.update(state=Video.State.FAILED, reason=Video.Reason.GAVE_UP, lease=None, lease_until=None)


def retry(video: Video) -> bool:
    """An editor asks for another try of a failed video; False when it had not failed."""
    failed = Video.objects.filter(pk=video.pk, state=Video.State.FAILED)
    return bool(failed.update(state=Video.State.QUEUED, reason="", progress=0, attempts=0))


def work(video: Video, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Prepare a claimed video. Ends in ready or failed, or raises Lost or Stopped."""
    started = time.monotonic()
    log = logger.bind(video=str(video.uuid), attempt=video.attempts)
    try:
        film = probing.probe(Path(video.source.path))
        if film.duration > settings.VIDEO_MAX_SECONDS:
            raise probing.Refused(Video.Reason.TOO_LONG, f"{film.duration:.0f} s")
        made = _make(video, film, stopping)
        finish(video, film=film, made=made)
        log.info("video_ready", seconds=round(time.monotonic() - started, 1), renditions=[m.rung.name for m in made])
    except Lost:
        _discard(video)
        raise
    except probing.Refused as refused:
        log.warning("video_refused", reason=refused.reason, detail=str(refused))
        fail(video, refused.reason)
    except (ffmpeg.Failed, ffmpeg.TimedOut, hls.Incomplete, OSError) as error:
        log.exception("video_failed")
        fail(video, _reason(error))


def _make(video, film, stopping):
    rungs = ladder.rungs(film.width, film.height)
    folder = run_folder(video.uuid, video.lease)
    for rung in rungs:
        (folder / rung.name).mkdir(parents=True)
    beat(video, state=Video.State.TRANSCODING, width=film.width, height=film.height, has_audio=film.has_audio)
    last = time.monotonic()

    def on_tick(done):
        nonlocal last
        if stopping():
            raise Stopped
        if time.monotonic() - last >= BEAT:
            last = time.monotonic()
            beat(video, progress=min(99, int(100 * done / film.duration)))

    source = Path(video.source.path)
    pictures.poster(source, film, folder)
    if film.has_audio:
        (folder / hls.SOUND).mkdir()
    command = encoding.ladder(source=source, film=film, rungs=rungs, folder=folder, start=encoding.Start())
    ffmpeg.run(command, limit=600 + 20 * film.duration, on_tick=on_tick)
    made = hls.measure(folder, rungs)
    missing = film.duration - made[0].duration
    if missing > max(CUT_OFF_SECONDS, CUT_OFF * film.duration):
        raise probing.Refused(Video.Reason.ENDS_EARLY, f"{missing:.1f} of {film.duration:.1f} s are missing")
    hls.write_master(folder, made, film)
    return made


def finish(video: Video, *, film: probing.Film, made: list[hls.Measured]) -> None:
    """From here on this run is what people see. Raises Lost when it came too late."""
    with transaction.atomic():
        beat(
            video,
            state=Video.State.READY,
            progress=100,
            run=video.lease,
            duration=round(made[0].duration, 3),
            width=film.width,
            height=film.height,
            has_audio=film.has_audio,
        )
        Video.objects.filter(pk=video.pk).update(lease=None, lease_until=None)
        video.renditions.all().delete()
        Rendition.objects.bulk_create(
            Rendition(video=video, name=m.rung.name, width=m.rung.width, height=m.rung.height, bandwidth=m.peak)
            for m in made
        )
    video.lease = video.lease_until = None


def fail(video: Video, reason: Video.Reason) -> None:
    """An editor reads the reason; a ladder that was ready before stays in service."""
    Video.objects.filter(pk=video.pk, lease=video.lease).update(
        state=Video.State.FAILED, reason=reason, lease=None, lease_until=None
    )
    _discard(video)


def _reason(error):
    if isinstance(error, ffmpeg.TimedOut):
        return Video.Reason.TOO_SLOW
    full = getattr(error, "errno", None) == errno.ENOSPC or "No space left on device" in getattr(error, "tail", "")
    return Video.Reason.DISK_FULL if full else Video.Reason.UNKNOWN


def run_folder(video: UUID, run: UUID) -> Path:
    return Path(settings.HLS_ROOT) / str(video) / str(run)


def _discard(video):
    if video.lease and video.lease != video.run:
        shutil.rmtree(run_folder(video.uuid, video.lease), ignore_errors=True)


def sweep() -> int:
    """Remove folders that no video serves and no worker writes; the number of them."""
    needed = {
        (str(uuid), str(run))
        for uuid, *runs in Video.objects.values_list("uuid", "run", "lease")
        for run in runs
        if run is not None
    }
    oldest = (timezone.now() - KEEP).timestamp()
    removed = 0
    for folder in Path(settings.HLS_ROOT).glob("*/*"):
        if (folder.parent.name, folder.name) not in needed and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
