"""What the rule of completion needs to know, gathered for a whole course in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language
from wagtail.models import Page

from media.models import Video

from . import records, requirements
from .coverage import Coverage
from .intervals import Intervals
from .models import (
    Assessment,
    Attempt,
    Attendance,
    CoursePage,
    Enrolment,
    LessonPage,
    LessonProgress,
    Override,
    ProgrammeEnrolment,
    ProgrammePage,
)

CLASSROOM = Attendance.Channel.CLASSROOM


@dataclass(frozen=True)
class Outline:
    """A lesson and what its body names, without loading it block by block."""

    lesson: LessonPage
    video_id: int | None
    quiz_ids: tuple[int, ...]

    @classmethod
    def of(cls, lesson: LessonPage) -> "Outline":
        named = defaultdict(list)
        for block in lesson.body.raw_data:
            named[block["type"]].append(block["value"])
        return cls(lesson, next(iter(named["video"]), None), tuple(quiz for quiz in named["quiz"] if quiz))


@dataclass
class Known:
    """All that is known about some lessons in one enrolment; nothing at all for a visitor."""

    videos: dict[int, Video] = field(default_factory=dict)
    papers: dict[int, Assessment] = field(default_factory=dict)
    progress: dict[int, LessonProgress] = field(default_factory=dict)
    attendance: dict[int, list[Attendance]] = field(default_factory=dict)
    passed: dict[int, datetime] = field(default_factory=dict)
    tried: set[int] = field(default_factory=set)  # papers handed in, passed or not
    waived: dict[int | None, datetime] = field(default_factory=dict)  # by lesson; None is the course

    def film(self, outline: Outline) -> Video | None:
        return self.videos.get(outline.video_id or 0)

    def film_ms(self, outline: Outline) -> int:
        """The length of the lesson's timeline: of its film, or of the broadcast while there is no film."""
        video = self.film(outline)
        if video and video.duration:
            return round(video.duration * 1000)
        present = self.attendance.get(outline.lesson.pk, ())
        return max((row.duration_ms for row in present if records.lies_on(row, outline.video_id)), default=0)

    def paper(self, pk: int) -> requirements.Paper:
        found = self.papers.get(pk)
        return requirements.Paper(pk, found.shown_title if found else "", self.passed.get(pk), pk in self.tried)


def gather(outlines: Collection[Outline], enrolment: Enrolment | None, *, test_id: int | None = None) -> Known:
    quizzes = {pk for outline in outlines for pk in outline.quiz_ids} | ({test_id} if test_id else set())
    known = Known(
        videos=Video.objects.in_bulk({outline.video_id for outline in outlines if outline.video_id}),
        papers=Assessment.objects.in_bulk(quizzes),
    )
    if enrolment is None:
        return known
    lessons = [outline.lesson.pk for outline in outlines]
    rows = LessonProgress.objects.filter(enrolment=enrolment, lesson__in=lessons)
    known.progress = {row.lesson_id: row for row in rows}
    known.attendance = _by_lesson(Attendance.objects.filter(enrolment=enrolment).order_by("recorded_at", "pk"))
    known.passed, known.tried = _handed_in(Attempt.objects.filter(enrolment=enrolment))
    for lesson_id, made_at in Override.objects.filter(enrolment=enrolment).values_list("lesson_id", "made_at"):
        known.waived[lesson_id] = min(made_at, known.waived.get(lesson_id, made_at))
    return known


def _by_lesson(rows: Iterable[Attendance]) -> dict[int, list[Attendance]]:
    found = defaultdict(list)
    for row in rows:
        found[row.lesson_id].append(row)
    return dict(found)


def _handed_in(attempts: QuerySet[Attempt]) -> tuple[dict[int, datetime], set[int]]:
    """When each paper was first passed, and which were tried at all."""
    rows = attempts.exclude(submitted_at=None).order_by("-submitted_at")
    handed_in = list(rows.values_list("assessment_id", "submitted_at", "passed"))
    passed = {assessment: at for assessment, at, passed in handed_in if passed}  # the earliest comes last and stays
    return passed, {assessment for assessment, _at, _passed in handed_in}


def seen(outline: Outline, known: Known) -> Intervals:
    """What is covered of the lesson's present film. Having watched one that it replaced is evidence of that one.

    So is having been there live, while the lesson had no film.
    """
    row = known.progress.get(outline.lesson.pk)
    if row is None:
        return []
    if row.completed_at:
        return row.coverage
    if outline.video_id and row.video_id is None:
        return []
    film = known.film(outline)
    here = records.same_film(row, outline.video_id, known.film_ms(outline), film.run if film else None)
    return row.coverage if here else []


def of_lesson(outline: Outline, known: Known, *, threshold: int) -> requirements.LessonFacts:
    lesson = outline.lesson
    row = known.progress.get(lesson.pk)
    present = known.attendance.get(lesson.pk, [])
    read = next((row.recorded_at for row in present if row.channel == Attendance.Channel.READING), None)
    covered = seen(outline, known)
    return requirements.LessonFacts(
        threshold=threshold,
        must_watch=lesson.must_watch and (bool(outline.video_id) or lesson.kind != LessonPage.Kind.READING),
        held_live=lesson.kind == LessonPage.Kind.LIVE,
        duration_ms=records.timeline_ms(row, known.film_ms(outline)),
        covered_ms=sum(end - start for start, end in covered),
        covered_at=row.covered_at if row else None,
        sittings=tuple((row.minutes, row.recorded_at) for row in present if row.channel == CLASSROOM),
        planned_minutes=lesson.minutes,
        read_at=read,
        quizzes=tuple(known.paper(pk) for pk in outline.quiz_ids),
        settled_at=(row.completed_at if row else None) or known.waived.get(lesson.pk),
    )


def coverage_of(outline: Outline, known: Known, *, threshold: int) -> Coverage:
    row, film = known.progress.get(outline.lesson.pk), known.film(outline)
    return Coverage(
        duration_ms=records.timeline_ms(row, known.film_ms(outline)),
        threshold=threshold,
        seen=seen(outline, known),
        position_ms=row.position_ms if row else 0,
        complete=bool(row and row.completed_at),
        hours=outline.lesson.credit_hours,
        published=outline.lesson.live,
        failed=film is not None and film.state == Video.State.FAILED and not film.is_playable,
    )


def of_course(
    enrolment: Enrolment | None, course: CoursePage, outlines: Iterable[Outline], known: Known, titles: dict[int, str]
) -> requirements.CourseFacts:
    """What was finished stays so, whatever the course asks of others since."""
    lessons = []
    for outline in outlines:
        row = known.progress.get(outline.lesson.pk)
        done_at = row.completed_at if row else None
        lessons.append(requirements.Part(outline.lesson.pk, titles.get(outline.lesson.pk, ""), done_at))
    test = known.paper(course.assessment_id) if course.assessment_id else None
    settled_at = (enrolment.completed_at if enrolment else None) or known.waived.get(None)
    return requirements.CourseFacts(tuple(lessons), test, settled_at)


def of_programme(
    programme: ProgrammePage, enrolment: ProgrammeEnrolment | None, *, titled: bool = True
) -> requirements.ProgrammeFacts:
    """For a visitor, without an enrolment, nothing is done yet."""
    entries = list(programme.courses.select_related("course").order_by("sort_order", "pk"))
    finished = _finished(enrolment, [entry.course_id for entry in entries]) if enrolment else {}
    hours = _hours(finished.values())
    titles = localised([entry.course for entry in entries]) if titled else {}
    parts = []
    for entry in entries:
        done = finished.get(entry.course_id)
        parts.append(
            requirements.Part(
                ref=entry.course_id,
                title=titles.get(entry.course_id, ""),
                done_at=done.completed_at if done else None,
                hours=hours[done.pk] if done else Decimal(0),
                required=entry.required,
            )
        )
    return requirements.ProgrammeFacts(
        courses=tuple(parts),
        elective_min=programme.elective_min,
        min_hours=programme.min_hours,
        exam=_exam(programme, enrolment),
        settled_at=_settled_at(enrolment) if enrolment else None,
    )


def _settled_at(enrolment: ProgrammeEnrolment) -> datetime | None:
    if enrolment.completed_at:
        return enrolment.completed_at
    decision = enrolment.overrides.order_by("made_at").first()
    return decision.made_at if decision else None


def _finished(enrolment: ProgrammeEnrolment, courses: Collection[int]) -> dict[int, Enrolment]:
    """By course, the latest finished study that counts: from the second period on only what was finished since."""
    rows = Enrolment.objects.completed().filter(user=enrolment.user_id, course__in=courses)
    if enrolment.period > 1:
        rows = rows.filter(completed_at__gte=enrolment.started_at)
    return {row.course_id: row for row in rows.order_by("completed_at")}


def _hours(enrolments: Iterable[Enrolment]) -> dict[int, Decimal]:
    """Credit hours by enrolment. A course that somebody waived counts in full: nobody sat through its lessons."""
    rows = {row.pk: row for row in enrolments}
    hours = dict.fromkeys(rows, Decimal(0))
    credited = LessonProgress.objects.filter(enrolment__in=rows).exclude(completed_at=None)
    for enrolment_id, earned in credited.values_list("enrolment_id", "hours"):
        hours[enrolment_id] += earned
    for enrolment_id in Override.objects.filter(enrolment__in=rows, lesson=None).values_list("enrolment_id", flat=True):
        whole = sum((lesson.credit_hours for lesson in rows[enrolment_id].course.lessons()), Decimal(0))
        hours[enrolment_id] = max(hours[enrolment_id], whole)
    return hours


def _exam(programme: ProgrammePage, enrolment: ProgrammeEnrolment | None) -> requirements.Paper | None:
    if programme.exam is None:
        return None
    known = Known()
    if enrolment:
        known.passed, known.tried = _handed_in(Attempt.objects.filter(programme_enrolment=enrolment))
    known.papers = {programme.exam.pk: programme.exam}
    return known.paper(programme.exam.pk)


def localised(pages: Collection[Page]) -> dict[int, str]:
    """Titles by primary key, in the reader's language where the page was translated and published."""
    titles = {page.pk: page.title for page in pages}
    language = get_language()
    if language and language != settings.LANGUAGE_CODE:
        by_key = {page.translation_key: page.pk for page in pages}
        translated = Page.objects.live().filter(translation_key__in=by_key, locale__language_code=language)
        titles |= {by_key[key]: title for key, title in translated.values_list("translation_key", "title")}
    return titles
