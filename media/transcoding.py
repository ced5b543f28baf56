"""From an original to a ladder, as a job. Any number of workers; each takes a video with a lease and beats meanwhile.

A worker that dies loses its lease after LEASE, and the next one takes the video and goes on after the last whole
pieces in its folder. A first ladder is served as soon as every rendition has a piece; a later one when it is complete.
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from media import ffmpeg, hls, holds, making, probing
from media.making import Making
from media.models import Rendition, Video

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=60)
BEAT = 2.0  # seconds between two beats
ATTEMPTS = 3  # in a row without a piece more
KEEP = timedelta(hours=8)  # a replaced ladder stays this long, for players that still hold its address
# Other work for workers that have the machine to themselves: each is given what says that the worker should stop, and
# says whether it had something to do. An app above this one adds its own.
errands: list[Callable[[Callable[[], bool]], bool]] = []
IDLE = {"lease": None, "lease_until": None, "seconds_left": None}


class Lost(Exception):
    """Somebody else has the video now, or it was cancelled or deleted."""


class Stopped(Exception):
    """The worker was asked to stop."""


def claim() -> Video | None:
    """Take the video that has waited longest, or one whose worker went silent; None when there is nothing to do."""
    now = timezone.now()
    claimable = Video.objects.claimable(now, attempts=ATTEMPTS)
    for video in claimable.order_by("created_at", "pk").only("pk")[:8]:
        taken = claimable.filter(pk=video.pk).update(
            state=Video.State.PROBING,
            reason="",
            seconds_left=None,
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
    """Give an unfinished video back: the next worker may go on at once, and the attempt does not count."""
    Video.objects.filter(pk=video.pk, lease=video.lease).update(
        state=Video.State.QUEUED, attempts=max(0, video.attempts - 1), **IDLE
    )


def reap() -> int:
    """Give up on videos that went silent in their last attempt; the number of them."""
    lost = Video.objects.abandoned(timezone.now()).filter(attempts__gte=ATTEMPTS)
    return _end(lost, Video.Reason.GAVE_UP) if lost.exists() else 0


def retry(video: Video) -> bool:
    """An editor asks for another try of a failed video; False when it had not failed."""
    failed = Video.objects.filter(pk=video.pk, state=Video.State.FAILED)
    return bool(failed.update(state=Video.State.QUEUED, reason="", progress=0, attempts=0))


def cancel(video: Video) -> bool:
    """An editor wants it prepared no longer; False when it was not waiting or being prepared. Its worker hears soon."""
    return bool(_end(Video.objects.unfinished().filter(pk=video.pk), Video.Reason.CANCELLED))


def fail(video: Video, reason: Video.Reason) -> None:
    """An editor reads the reason; a ladder that was complete before stays in service."""
    _end(Video.objects.filter(pk=video.pk, lease=video.lease), reason)
    _discard(video)


def _end(videos, reason):
    """What was begun is served no longer, and its folder belongs to nobody."""
    with transaction.atomic():
        pks = list(videos.select_for_update().values_list("pk", flat=True))
        ended = Video.objects.filter(pk__in=pks)
        ended.filter(run=F("making")).update(run=None)
        return ended.update(state=Video.State.FAILED, reason=reason, making=None, **IDLE)


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
        log.info("video_ready", seconds=round(time.monotonic() - started, 1), renditions=[m.name for m in made])
    except Lost:
        _discard(video)
        raise
    except probing.Refused as refused:
        log.warning("video_refused", reason=refused.reason, detail=str(refused))
        fail(video, refused.reason)
    except (ffmpeg.Failed, ffmpeg.TimedOut, hls.Incomplete, OSError) as error:
        log.exception("video_failed")
        fail(video, _reason(error, video))


def _make(video, film, stopping):
    begun = _take_up(video, film)
    facts = {"width": film.width, "height": film.height, "has_audio": film.has_audio}
    of_what_plays = facts if video.run in (None, video.making) else {}  # a complete ladder of a former file plays on
    beat(video, state=Video.State.TRANSCODING, progress=_percent(begun.progress(0)), **of_what_plays)
    pace = _Pace(begun)

    def on_tick(done):
        if stopping():
            raise Stopped
        if not pace.due(done) and not begun.ladder.waiting():
            return
        beat(video, progress=_percent(begun.progress(done)), seconds_left=pace.left())
        making.check_room(begun)
        if begun.ladder.publish():
            beat(video, attempts=1)
        _let_in(video, begun)
        pace.waiting = holds.active() is not None

    making.encode(begun, on_tick=on_tick, waits=lambda: pace.waiting)
    beat(video, seconds_left=None)
    made = making.complete(begun)
    beat(video)
    return made


def _take_up(video, film):
    """Go on in the folder that an earlier worker has left, or begin another."""
    source = Path(video.source.path)
    if video.making:
        begun = making.pick_up(source, film, run_folder(video.uuid, video.making))
        if begun:
            logger.info("video_continued", video=str(video.uuid), seconds=round(begun.ladder.seconds, 1))
            return begun
        former = Video(pk=video.pk, uuid=video.uuid, making=video.making)
        beat(video, making=None, run=None if video.is_growing else video.run)
        _discard(former)
    beat(video, making=uuid4())
    return making.begin(source, film, run_folder(video.uuid, video.making))


def _let_in(video, begun):
    """The film can be watched as far as it is made, unless a complete ladder of it plays already."""
    if begun.ladder.begun and not (begun.folder / hls.MASTER).exists():
        making.announce(begun)
    if video.run is None and (begun.folder / hls.MASTER).exists():
        beat(video, run=video.making, duration=round(begun.film.duration, 3))
        logger.info("video_begun", video=str(video.uuid))
    if begun.ladder.begun:
        making.illustrate(begun)


def _percent(share):
    return min(99, int(100 * share))


class _Pace:
    """When to look after the encoder, and how long it will still take at its speed so far."""

    def __init__(self, begun: Making):
        self.begun, self.waiting = begun, False
        self.ran, self.last = 0.0, time.monotonic()
        self.first = self.share = begun.progress(0)

    def due(self, done: float) -> bool:
        passed = time.monotonic() - self.last
        if passed < BEAT:
            return False
        self.last += passed
        self.ran += 0.0 if self.waiting else passed
        self.share = self.begun.progress(done)
        return True

    def left(self) -> int | None:
        made = self.share - self.first
        return round(self.ran / made * (1 - self.share)) if made > 0 and self.ran > BEAT else None


def finish(video: Video, *, film: probing.Film, made: list[hls.Measured]) -> None:
    """From here on this run is what people see, whole. Raises Lost when it came too late."""
    if video.run != video.making:
        retire(video.uuid, video.run)
    with transaction.atomic():
        beat(
            video,
            state=Video.State.READY,
            progress=100,
            run=video.making,
            duration=round(made[0].duration, 3),
            width=film.width,
            height=film.height,
            has_audio=film.has_audio,
        )
        Video.objects.filter(pk=video.pk).update(making=None, **IDLE)
        video.renditions.all().delete()
        Rendition.objects.bulk_create(
            Rendition(video=video, name=m.rung.name, width=m.rung.width, height=m.rung.height, bandwidth=m.peak)
            for m in made
            if m.rung
        )
    video.lease = video.lease_until = video.making = None


def _reason(error, video):
    """ffmpeg may end well on a full disk and leave empty files, so the disk itself is asked."""
    if isinstance(error, ffmpeg.TimedOut):
        return Video.Reason.TOO_SLOW
    folder = video.making and run_folder(video.uuid, video.making)
    full = getattr(error, "errno", None) in making.FULL or "No space left on device" in getattr(error, "tail", "")
    if full or (folder and folder.exists() and not making.can_write(folder)):
        return Video.Reason.DISK_FULL
    return Video.Reason.UNKNOWN


def run_folder(video: UUID, run: UUID) -> Path:
    return Path(settings.HLS_ROOT) / str(video) / str(run)


def _discard(video):
    """Remove the folder that was being made, unless it is served or another worker goes on in it."""
    needed = Video.objects.filter(pk=video.pk).values_list("run", "making").first() or ()
    if video.making and video.making not in needed:
        shutil.rmtree(run_folder(video.uuid, video.making), ignore_errors=True)


def retire(video: UUID, run: UUID | None) -> None:
    """A ladder goes out of service: KEEP counts from now, by the clock of its folder."""
    if run is not None:
        with suppress(FileNotFoundError):
            os.utime(run_folder(video, run))


def is_whole(video: UUID, run: UUID) -> bool:
    """Whether a ladder that was complete is still on disk; it stays for KEEP from now."""
    retire(video, run)
    return (run_folder(video, run) / hls.MASTER).exists()


def sweep() -> int:
    """Remove folders that no video serves and no worker writes, KEEP after they did; the number of them."""
    needed = {
        (str(uuid), str(run))
        for uuid, *runs in Video.objects.values_list("uuid", "run", "making")
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
