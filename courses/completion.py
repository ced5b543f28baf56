"""Finishing lessons, courses and programmes: at once, once, and for good.

The enrolment's row is the lock of everything below it. Whoever changes evidence takes it first; a programme's row
comes after that of a course, and certificates after both.
"""

import sys
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import tally
from lms.models import Activity, Participation, User
from media.models import Video

from . import activities, certificates, facts, records, requirements
from .facts import Known, Outline
from .intervals import Claim, clip, length, union
from .models import (
    Attendance,
    Enrolment,
    LessonPage,
    LessonProgress,
    Override,
    ProgrammeEnrolment,
    ProgrammePage,
)
from .reports import course_report, course_rule, lesson_report, overview, programme_report, programme_rule

__all__ = [
    "Refused",
    "attend",
    "course_report",
    "course_rule",
    "lay_on",
    "lesson_report",
    "override",
    "overview",
    "programme_report",
    "programme_rule",
    "retime",
    "settle",
    "settle_programme",
]

Channel = Participation.Channel


class Refused(Exception):
    """The message says why, in the reader's language."""


def locked(enrolment: Enrolment) -> Enrolment:
    """The row as it stands now, held until the end of the transaction."""
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True).select_related("course", "user")
    return rows.get(pk=enrolment.pk)


def settle(enrolment: Enrolment, *, at: datetime | None = None) -> None:
    """Finish every lesson whose requirements are met, then the course, then the person's programmes.

    Any number of calls, at the same time or later, have the effect of one. What was finished is never touched again.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = locked(enrolment)
        outlines = [Outline.of(lesson) for lesson in row.course.lessons()]
        known = facts.gather(outlines, row, test_id=row.course.assessment_id)
        for outline in outlines:
            _settle_lesson(row, outline, known, now)
        if row.completed_at is None:
            _settle_course(row, outlines, known, now)


def _settle_lesson(enrolment: Enrolment, outline: Outline, known: Known, now: datetime) -> None:
    lesson, threshold = outline.lesson, enrolment.course.threshold
    progress = known.progress.get(lesson.pk) or _new(enrolment, outline, known)
    if progress.completed_at:
        return
    known_facts = facts.of_lesson(outline, known, threshold=threshold)
    if known_facts.covered and progress.covered_at is None:  # the course asks for less than it did
        progress.covered_at = now
        known.progress[lesson.pk] = progress
        known_facts = facts.of_lesson(outline, known, threshold=threshold)
    verdict = requirements.lesson(known_facts)
    if not verdict.done:
        return
    at = verdict.at or now
    progress.completed_at = at
    progress.hours = lesson.credit_hours
    progress.channel = _channel(outline, known)
    progress.revision_id = lesson.live_revision_id
    progress.save()
    known.progress[lesson.pk] = progress
    _record_lesson(enrolment, progress, at)


def _new(enrolment: Enrolment, outline: Outline, known: Known) -> LessonProgress:
    film = known.film(outline)
    return LessonProgress(
        enrolment=enrolment,
        lesson=outline.lesson,
        video=film,
        ladder=film.run if film else None,
        duration_ms=known.film_ms(outline),
    )


def _channel(outline: Outline, known: Known) -> str:
    """How most of it was taken."""
    rows = [row for row in known.attendance.get(outline.lesson.pk, []) if records.lies_on(row, outline.video_id)]
    present = length(union(*(row.intervals for row in rows)))
    covered = length(facts.seen(outline, known))
    held_live = outline.lesson.kind == LessonPage.Kind.LIVE
    taken = {
        Channel.REPLAY if held_live else Channel.ON_DEMAND: covered - present,
        Channel.LIVE: present,
        Channel.CLASSROOM: sum(row.minutes for row in rows) * 60_000,
    }
    return max(taken, key=lambda channel: taken[channel])


def _record_lesson(enrolment: Enrolment, progress: LessonProgress, at: datetime) -> None:
    lesson, course = progress.lesson, enrolment.course
    tally.record(
        key=f"lesson:{enrolment.uuid}:{lesson.translation_key}",
        kind=Participation.Kind.LESSON,
        activity=activities.of_year(Activity.Kind.COURSE, course, at),
        person=enrolment.user,
        channel=progress.channel,
        minutes=progress.hours * tally.HOUR,
        occurred_at=at,
        evidence=f"enrolment:{enrolment.uuid}",
        unit=f"lesson:{lesson.translation_key}",
        unit_title=lesson.title,
        correction=tally.LATE,
    )


def _settle_course(enrolment: Enrolment, outlines: list[Outline], known: Known, now: datetime) -> None:
    verdict = requirements.course(facts.of_course(enrolment, enrolment.course, outlines, known, {}))
    if not verdict.done:
        return
    enrolment.completed_at = verdict.at or now
    enrolment.revision_id = enrolment.course.live_revision_id
    enrolment.save(update_fields=["completed_at", "revision"])
    within = ProgrammeEnrolment.objects.current().filter(
        user=enrolment.user_id, completed_at=None, programme__courses__course=enrolment.course_id
    )
    for programme_enrolment in within.order_by("pk"):
        settle_programme(programme_enrolment, at=now)


def settle_programme(programme_enrolment: ProgrammeEnrolment, *, at: datetime | None = None) -> None:
    """Finish the programme if all it asks is met, and issue its certificate. Calling it again changes nothing."""
    with transaction.atomic():
        rows = ProgrammeEnrolment.objects.select_for_update(of=("self",), no_key=True)
        row = rows.select_related("programme__series", "programme__exam", "user").get(pk=programme_enrolment.pk)
        if row.completed_at:
            return
        known = facts.of_programme(row.programme, row)
        verdict = requirements.programme(known)
        if not verdict.done:
            return
        finished_at = verdict.at or at or timezone.now()
        row.completed_at = finished_at
        row.hours = known.hours
        row.revision_id = row.programme.live_revision_id
        row.save(update_fields=["completed_at", "hours", "revision"])
        _record_programme(row, finished_at)
        certificates.issue(row)


def _record_programme(row: ProgrammeEnrolment, at: datetime) -> None:
    programme: ProgrammePage = row.programme
    tally.record(
        key=f"programme:{row.uuid}",
        kind=Participation.Kind.PROGRAMME,
        activity=activities.of_year(Activity.Kind.PROGRAMME, programme, at),
        person=row.user,
        channel=Channel.ON_DEMAND,
        minutes=Decimal(0),
        occurred_at=at,
        evidence=f"programme-enrolment:{row.uuid}",
        unit=f"programme:{programme.translation_key}",
        unit_title=programme.title,
        correction=tally.LATE,
    )


def override(
    *,
    author: User,
    reason: str,
    enrolment: Enrolment | None = None,
    programme_enrolment: ProgrammeEnrolment | None = None,
    lesson: LessonPage | None = None,
) -> Override:
    """Decide that a lesson, a whole course or a programme counts as met. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why this counts as met. The reason is kept with your name."))
    if lesson and not (enrolment and lesson.is_descendant_of(enrolment.course)):
        raise Refused(_("This lesson is not part of that course."))
    with transaction.atomic():
        if enrolment:
            locked(enrolment)
        made = Override.objects.create(
            enrolment=enrolment,
            programme_enrolment=programme_enrolment,
            lesson=lesson.canonical() if lesson else None,
            author=author,
            reason=reason.strip(),
            made_at=timezone.now(),
        )
        if enrolment:
            settle(enrolment, at=made.made_at)
        elif programme_enrolment:
            settle_programme(programme_enrolment, at=made.made_at)
    return made


def attend(
    *,
    key: str,
    enrolment: Enrolment,
    lesson: LessonPage,
    channel: str,
    intervals: Claim = (),
    duration_ms: int = 0,
    video: Video | None = None,
    minutes: int = 0,
    recorded_by: User | None = None,
) -> Attendance:
    """Presence outside the player. The same key again is the row of the first time.

    LIVE brings intervals in milliseconds of the recording's timeline, its length, and the film that it has become;
    CLASSROOM brings minutes.
    """
    now = timezone.now()
    with transaction.atomic():
        row = locked(enrolment)
        present = clip(intervals, duration_ms or sys.maxsize)
        made, created = Attendance.objects.get_or_create(
            key=key,
            defaults={
                "enrolment": row,
                "lesson": lesson,
                "channel": channel,
                "intervals": present,
                "duration_ms": duration_ms,
                "video": video,
                "minutes": minutes,
                "recorded_at": now,
                "recorded_by": recorded_by,
            },
        )
        if created:
            _include(row, lesson)
            settle(row, at=now)
    return made


def retime(*, key: str, intervals: Claim, duration_ms: int, video: Video | None) -> bool:
    """The same presence on the timeline of the film that was made of the recording. What was finished stays so.

    False when nothing is known under this key.
    """
    with transaction.atomic():
        made = Attendance.objects.filter(key=key).select_related("enrolment", "lesson").first()
        if made is None:
            return False
        row = locked(made.enrolment)
        made.intervals, made.duration_ms, made.video = clip(intervals, duration_ms), duration_ms, video
        made.save(update_fields=["intervals", "duration_ms", "video"])
        _include(row, made.lesson)
        settle(row)
    return True


def lay_on(video: Video, *, lesson: LessonPage, keys: str) -> int:
    """Live minutes whose keys begin so lie on that film as they are. Sums follow with a player, or by `retime`."""
    return Attendance.objects.filter(lesson=lesson, key__startswith=keys).update(video=video)


def _include(enrolment: Enrolment, lesson: LessonPage) -> None:
    progress, _created = LessonProgress.objects.get_or_create(enrolment=enrolment, lesson=lesson)
    film = progress.video if progress.completed_at else lesson.video
    records.rebuild(progress, video=film, threshold=enrolment.course.threshold)
    progress.save()
