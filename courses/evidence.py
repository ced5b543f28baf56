"""The proof behind a record: told to its owner, and enough to make the record again from nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max

from . import completion, facts, records, requirements
from .coverage import spoken
from .facts import Outline
from .intervals import length
from .models import (
    Appeal,
    Attempt,
    Attendance,
    Enrolment,
    LessonPage,
    LessonProgress,
    Override,
    WatchBeat,
    WatchSession,
)
from .reports import CourseReport, LessonReport


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
class Line:
    """A lesson in the record of a course: where it stands, and how much there is to read about it."""

    report: LessonReport
    players: int = 0  # opened
    heard_at: datetime | None = None  # the last that the school heard of one
    appeal: Appeal | None = None  # the newest
    gone: bool = False  # taken down since; what was recorded stays


def lines(enrolment: Enrolment) -> tuple[CourseReport, list[Line]]:
    """All lessons of the course, and those taken down of which something is on record. The queries are as many
    whatever the number of lessons."""
    report = completion.course_report(enrolment)
    gone = _gone(enrolment, [each.lesson.pk for each in report.lessons])
    opened = WatchSession.objects.filter(progress__enrolment=enrolment).values_list("progress__lesson")
    players = {lesson: (count, at) for lesson, count, at in opened.annotate(Count("pk"), Max("last_beat_at"))}
    appeals = {row.lesson_id: row for row in enrolment.appeals.order_by("filed_at", "pk")}
    told = [
        Line(each, *players.get(each.lesson.pk, (0, None)), appeals.get(each.lesson.pk), at >= len(report.lessons))
        for at, each in enumerate([*report.lessons, *gone])
    ]
    return report, told


def _gone(enrolment: Enrolment, known: list[int]) -> list[LessonReport]:
    rows = enrolment.lessons.exclude(lesson__in=known).select_related("lesson").order_by("lesson__path")
    return standing(enrolment, [row.lesson for row in rows if row.watched_ms or row.completed_at])


def standing(enrolment: Enrolment, lessons: list[LessonPage]) -> list[LessonReport]:
    """Where these lessons stand by themselves, also where they are published no more."""
    if not lessons:
        return []
    outlines, threshold = [Outline.of(lesson) for lesson in lessons], enrolment.course.threshold
    known, titles = facts.gather(outlines, enrolment), facts.localised(lessons)
    return [
        LessonReport(
            lesson=outline.lesson,
            title=titles[outline.lesson.pk],
            verdict=requirements.lesson(facts.of_lesson(outline, known, threshold=threshold)),
            coverage=facts.coverage_of(outline, known, threshold=threshold),
            progress=known.progress.get(outline.lesson.pk),
        )
        for outline in outlines
    ]


def is_about(enrolment: Enrolment, lesson: LessonPage) -> bool:
    """Whether the lesson belongs to that study: it lies in the course, or something of it is on record."""
    return lesson.is_descendant_of(enrolment.course) or enrolment.lessons.filter(lesson=lesson).exists()


def of_one(enrolment: Enrolment, lesson: LessonPage) -> Evidence:
    """All but the players, which come by the page: see sittings.sheet."""
    quizzes = Outline.of(lesson).quiz_ids
    attempts = enrolment.attempts.exclude(submitted_at=None).filter(assessment__in=quizzes)
    return Evidence(
        lesson=lesson,
        sittings=(),
        attendance=tuple(enrolment.attendance.filter(lesson=lesson).order_by("recorded_at")),
        attempts=tuple(attempts.select_related("assessment").order_by("submitted_at")),
        overrides=tuple(enrolment.overrides.filter(lesson=lesson).select_related("author").order_by("made_at")),
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


SUMS = ("coverage", "watched_ms", "position_ms", "covered_at", "duration_ms", "video_id", "ladder")


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
