"""The proof behind a record: told to its owner, and enough to make the record again from nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from . import completion, facts, records, requirements
from .coverage import spoken
from .facts import Outline
from .intervals import length
from .models import Attempt, Attendance, Enrolment, LessonPage, LessonProgress, Override, WatchBeat, WatchSession


@dataclass(frozen=True)
class Sitting:
    """A player that was open: how long, what it claimed, what it was credited (milliseconds of film)."""

    opened_at: datetime
    last_beat_at: datetime
    closed: str  # see WatchSession.Closed; empty while open
    beats: int
    claimed_ms: int
    credited_ms: int
    trimmed: int  # beats that claimed more than the clock allowed
    hidden: int  # beats while the page was hidden, where that does not count

    @property
    def claimed(self) -> str:
        return spoken(self.claimed_ms)

    @property
    def credited(self) -> str:
        return spoken(self.credited_ms)


@dataclass(frozen=True)
class Evidence:
    lesson: LessonPage
    sittings: tuple[Sitting, ...]
    attendance: tuple[Attendance, ...]
    attempts: tuple[Attempt, ...]
    overrides: tuple[Override, ...]


def of(enrolment: Enrolment, lesson: LessonPage) -> Evidence:
    """All that is kept about a lesson in one enrolment, oldest first."""
    return of_lessons(enrolment, [lesson])[lesson.pk]


def of_lessons(enrolment: Enrolment, lessons: Iterable[LessonPage]) -> dict[int, Evidence]:
    """The same for several lessons, by their primary key, in five queries."""
    outlines = [Outline.of(lesson) for lesson in lessons]
    sessions = WatchSession.objects.filter(progress__enrolment=enrolment).select_related("progress")
    sittings, attendance, overrides = defaultdict(list), defaultdict(list), defaultdict(list)
    for session in sessions.order_by("opened_at").prefetch_related("beats"):
        sittings[session.progress.lesson_id].append(_sitting(session))
    for row in enrolment.attendance.order_by("recorded_at"):
        attendance[row.lesson_id].append(row)
    for decision in enrolment.overrides.select_related("author").order_by("made_at"):
        overrides[decision.lesson_id].append(decision)
    attempts = enrolment.attempts.exclude(submitted_at=None).select_related("assessment").order_by("submitted_at")
    handed_in = list(attempts)
    return {
        outline.lesson.pk: Evidence(
            lesson=outline.lesson,
            sittings=tuple(sittings[outline.lesson.pk]),
            attendance=tuple(attendance[outline.lesson.pk]),
            attempts=tuple(row for row in handed_in if row.assessment_id in outline.quiz_ids),
            overrides=tuple(overrides[outline.lesson.pk]),
        )
        for outline in outlines
    }


def _sitting(row: WatchSession) -> Sitting:
    beats = list(row.beats.all())
    return Sitting(
        opened_at=row.opened_at,
        last_beat_at=row.last_beat_at,
        closed=row.closed,
        beats=len(beats),
        claimed_ms=sum(length(beat.claimed) for beat in beats),
        credited_ms=sum(length(beat.credited) for beat in beats),
        trimmed=sum(beat.verdict == WatchBeat.Verdict.TRIMMED for beat in beats),
        hidden=sum(beat.verdict == WatchBeat.Verdict.HIDDEN for beat in beats),
    )


@dataclass(frozen=True)
class Finding:
    """What recomputing an enrolment came upon."""

    lesson: LessonPage
    changed: bool  # the sums on record were not those of the evidence
    unproven: bool  # finished on record, and the evidence alone would not finish it today


def recompute(enrolment: Enrolment) -> list[Finding]:
    """Make every lesson's sums from the evidence and settle; a second time changes nothing.

    What was finished stays finished, as it was, also where the rule or the film has changed since.
    """
    with transaction.atomic():
        held = completion.locked(enrolment)
        rows = list(held.lessons.select_related("lesson").order_by("lesson__path"))
        findings = [_recompute_lesson(held, progress) for progress in rows]
        completion.settle(held)
    return findings


SUMS = ("coverage", "watched_ms", "position_ms", "covered_at", "duration_ms", "video_id")


def _recompute_lesson(held: Enrolment, progress: LessonProgress) -> Finding:
    outline = Outline.of(progress.lesson)
    known = facts.gather([outline], held)
    before = [getattr(progress, name) for name in SUMS]
    video = progress.video if progress.completed_at else known.film(outline)
    records.rebuild(progress, video=video, threshold=held.course.threshold)
    changed = before != [getattr(progress, name) for name in SUMS]
    if changed:
        progress.save()
    return Finding(
        lesson=progress.lesson,
        changed=changed,
        unproven=progress.completed_at is not None and not _proven(outline, known, progress, held),
    )


def _proven(outline: Outline, known: facts.Known, progress: LessonProgress, held: Enrolment) -> bool:
    """Whether the evidence, or somebody's decision, would finish it without the record saying so."""
    known.progress[outline.lesson.pk] = progress
    found = facts.of_lesson(outline, known, threshold=held.course.threshold)
    return requirements.lesson(replace(found, settled_at=known.waived.get(outline.lesson.pk))).done
