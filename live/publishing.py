"""A replay that somebody has looked at becomes public: on the page of the broadcast and as the film of its lesson.

Its timeline is that of the recording, less what was cut off in front, so presence and watching are one union. From now
on it is not cut any more; the ladder is made when nobody is on air.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from wagtail.models import Page

from courses import completion
from courses.models import Enrolment, LessonPage
from lms.models import User
from media import ffmpeg, holds, replacing, takes
from media.models import Video

from . import recordings, settling
from .models import Broadcast, Presence
from .timeline import Timeline

log = structlog.get_logger(__name__)
State = Broadcast.State
LEASE = timedelta(seconds=60)


class Refused(Exception):
    """The message says why, in the reader's language."""


def publish(broadcast: Broadcast, *, by: User) -> None:
    """Twice is once. Raises Refused unless there is a replay."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).select_related("film").get(pk=broadcast.pk)
        if row.state != State.REPLAY or row.film is None:
            raise Refused(_("There is no replay to be shown yet."))
        if row.reviewed_at is None:
            row.reviewed_by, row.reviewed_at = by, timezone.now()
            row.version += 1
            row.save(update_fields=["reviewed_by", "reviewed_at", "version"])
            if row.replay_counts and row.lesson:
                _into_lesson(row.lesson.canonical(), row.film)
            _lay_presence(row)
            transaction.on_commit(partial(retime.enqueue, row.pk))
            _queue(row.film)
            log.info("replay_published", broadcast=str(row.uuid), by=by.pk)
    broadcast.refresh_from_db()


def _lay_presence(broadcast: Broadcast) -> None:
    """Live minutes are minutes of the film from now on. Where it was cut they have to move first: see retime."""
    if broadcast.lesson and broadcast.film and not (broadcast.cut_from_ms or broadcast.cut_to_ms is not None):
        keys = settling.attendance_keys(broadcast)
        completion.lay_on(broadcast.film, lesson=broadcast.lesson.canonical(), keys=keys)


def left_out(broadcast: Broadcast) -> bool:
    """Whether the replay cannot be the film of its lesson, because the lesson has one of its own."""
    return broadcast.replay_counts and settling.foreign_film(broadcast)


def follow(broadcast: Broadcast, before: str) -> None:
    """A public replay that is stopped is not the film of its lesson, until the stop is taken back."""
    if not (broadcast.reviewed_at and broadcast.replay_counts and broadcast.lesson and broadcast.film):
        return
    if broadcast.state == State.BLOCKED:
        _out_of_lesson(broadcast.lesson.canonical(), broadcast.film)
    elif before == State.BLOCKED and broadcast.state == State.REPLAY:
        _into_lesson(broadcast.lesson.canonical(), broadcast.film)


def _into_lesson(lesson: LessonPage, film: Video) -> None:
    """In front of what the lesson has, in all its languages. A lesson that has a film keeps it."""

    def put_in_front(page: Page) -> bool:
        if page.video:
            log.warning("lesson_has_a_film", lesson=page.pk)
            return False
        page.body.insert(0, ("video", film))
        return True

    _rewrite(lesson, put_in_front)


def _out_of_lesson(lesson: LessonPage, film: Video) -> None:
    def take_out(page: Page) -> bool:
        places = [place for place, block in enumerate(page.body) if block.block_type == "video" and block.value == film]
        for place in reversed(places):
            del page.body[place]
        return bool(places)

    _rewrite(lesson, take_out)


def _rewrite(lesson: LessonPage, change: Callable[[Page], bool]) -> None:
    """What is published is published anew; what an editor has begun is not lost, nor published."""
    family = LessonPage.objects.filter(translation_key=lesson.translation_key, alias_of=None)
    for page in family.order_by("pk"):
        draft = page.get_latest_revision_as_object() if page.has_unpublished_changes else None
        if not change(page):
            continue
        revision = page.save_revision()
        if page.live:
            revision.publish()
            if draft is not None and change(draft):
                draft.save_revision()


@task
def retime(broadcast: int) -> int:
    """Presence that is in a course already, on the timeline of the film as it was cut. Says how many rows moved.

    A lesson with another film takes nothing of it into its sums.
    """
    row = Broadcast.objects.select_related("film").get(pk=broadcast)
    lesson = row.lesson.canonical() if row.lesson else None
    if lesson is None:
        return 0
    timeline = Timeline.of(row)
    studies = {study.user_id: study for study in Enrolment.objects.current().filter(course=lesson.course)}
    moved = 0
    for presence in Presence.objects.filter(broadcast=row, user__in=studies):
        intervals, duration = settling.on_film(row, timeline, presence.intervals)
        key = settling.attendance_key(row, studies[presence.user_id])
        moved += completion.retime(key=key, intervals=intervals, duration_ms=duration, video=row.film)
    return moved


def _queue(film: Video) -> None:
    """An ordinary film from here on, unless its original changes in the middle: see even_due."""
    if film.source.mime_type == "video/mp4":
        Video.objects.filter(pk=film.pk, state=Video.State.READY).update(
            state=Video.State.QUEUED, progress=0, attempts=0, reason=""
        )


def even_due(stopping: Callable[[], bool]) -> bool:
    """An errand of the workers for films: one film of a recording that changes in the middle. False: none waits."""
    now = timezone.now()
    waiting = Video.objects.filter(
        Q(lease=None) | Q(lease_until__lt=now),
        broadcasts__state=State.REPLAY, broadcasts__reviewed_at__isnull=False,
        state=Video.State.READY, source__mime_type="video/mp2t", attempts__lt=3,
    )  # fmt: skip
    film = waiting.order_by("pk").first()
    if film is None:
        return False
    claimed = Video.objects.filter(pk=film.pk, lease=film.lease, attempts=film.attempts)
    if claimed.update(lease=uuid4(), lease_until=now + LEASE, attempts=F("attempts") + 1):
        film.refresh_from_db()
        _even(film, stopping)
    return True


class _Stopped(Exception):
    pass


def _even(film: Video, stopping: Callable[[], bool]) -> None:
    broadcast = film.broadcasts.get()
    work = Path(settings.LIVE_ROOT) / broadcast.name / f"evening-{uuid4().hex}"
    mine = Video.objects.filter(pk=film.pk, lease=film.lease)

    def on_tick(done: float) -> None:
        if stopping() or not mine.update(lease_until=timezone.now() + LEASE):
            raise _Stopped

    try:
        work.mkdir(parents=True)
        made = takes.even(recordings.pieces(broadcast), work, on_tick=on_tick, waits=lambda: holds.active() is not None)
        with transaction.atomic():
            kept = recordings.keep(made, broadcast)
            by = broadcast.reviewed_by or broadcast.created_by
            replacing.replace(film, kept=kept, by=by, before=film.source_id)
        log.info("recording_evened", video=str(film.uuid))
    except _Stopped:
        mine.update(lease=None, lease_until=None, attempts=max(0, film.attempts - 1))
    except (takes.Broken, ffmpeg.Failed, ffmpeg.TimedOut, OSError):  # it plays on as it is, and is tried again
        log.exception("recording_not_evened", video=str(film.uuid))
        mine.update(lease=None, lease_until=None)
    finally:
        shutil.rmtree(work, ignore_errors=True)
