"""Where somebody stands in a lesson, a course or a programme, and what is missing. Nothing is written here."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from lms.models import User

from . import facts, requirements
from .coverage import Coverage
from .facts import Known, Outline
from .models import Attempt, CoursePage, Enrolment, LessonPage, LessonProgress, ProgrammeEnrolment, ProgrammePage
from .requirements import Kind, Verdict


@dataclass(frozen=True)
class LessonReport:
    lesson: LessonPage  # the one that records hang on
    title: str  # in the reader's language
    verdict: Verdict
    coverage: Coverage
    progress: LessonProgress | None
    needs: LessonPage | None = None  # what must be finished first, where lessons go in order

    @property
    def done(self) -> bool:
        return bool(self.progress and self.progress.completed_at)

    @property
    def locked(self) -> bool:
        return self.needs is not None

    @property
    def started(self) -> bool:
        return self.done or bool(self.progress and self.progress.watched_ms)

    @property
    def quiz_left(self) -> int | None:
        """The quiz to go on with, where the film was watched and nothing but quizzes is missing."""
        missing = self.verdict.missing
        if not self.started or any(asked.kind != Kind.QUIZ for asked in missing):
            return None
        return next((asked.ref for asked in missing), None)


def quiz_left(progress: LessonProgress) -> int | None:
    """The same for a lesson by itself, which comes with its record: two queries at most."""
    if progress.completed_at or not progress.covered_at:
        return None
    quizzes = Outline.of(progress.lesson).quiz_ids
    passed = Attempt.objects.filter(enrolment=progress.enrolment_id, assessment__in=quizzes, passed=True)
    done = set(passed.values_list("assessment_id", flat=True)) if quizzes else set()
    return next((quiz for quiz in quizzes if quiz not in done), None)


@dataclass(frozen=True)
class CourseReport:
    course: CoursePage
    title: str  # in the reader's language
    enrolment: Enrolment | None
    lessons: tuple[LessonReport, ...]
    verdict: Verdict

    @property
    def done(self) -> bool:
        return bool(self.enrolment and self.enrolment.completed_at)

    @property
    def lessons_done(self) -> int:
        return sum(report.done for report in self.lessons)

    @property
    def hours(self) -> Decimal:
        return sum((report.lesson.credit_hours for report in self.lessons), Decimal(0))

    @property
    def hours_done(self) -> Decimal:
        return sum((report.progress.hours for report in self.lessons if report.done and report.progress), Decimal(0))

    @property
    def next(self) -> LessonReport | None:
        """The lesson to go on with."""
        return next((report for report in self.lessons if not report.done and not report.locked), None)

    def of(self, lesson_id: int) -> LessonReport | None:
        return next((report for report in self.lessons if report.lesson.pk == lesson_id), None)


@dataclass(frozen=True)
class ProgrammeReport:
    programme: ProgrammePage
    enrolment: ProgrammeEnrolment | None
    verdict: Verdict
    courses: tuple[requirements.Part, ...]
    hours: Decimal

    @property
    def done(self) -> bool:
        return bool(self.enrolment and self.enrolment.completed_at)

    @property
    def ready_for_exam(self) -> bool:
        return not self.programme.exam_needs_courses or requirements.courses_done(self.verdict)


def course_report(enrolment: Enrolment) -> CourseReport:
    return _course(enrolment.course, enrolment)


def course_rule(course: CoursePage) -> CourseReport:
    """The same for a visitor: what the course asks of anybody."""
    return _course(course.canonical(), None)


def _course(course: CoursePage, enrolment: Enrolment | None) -> CourseReport:
    outlines = [Outline.of(lesson) for lesson in course.lessons()]
    known = facts.gather(outlines, enrolment, test_id=course.assessment_id)
    titles = facts.localised([course, *(outline.lesson for outline in outlines)])
    return CourseReport(
        course=course,
        title=titles[course.pk],
        enrolment=enrolment,
        lessons=_lessons(course, outlines, known, titles),
        verdict=requirements.course(facts.of_course(enrolment, course, outlines, known, titles)),
    )


def lesson_report(enrolment: Enrolment, lesson: LessonPage) -> LessonReport:
    """Of a lesson in the school's first language. Looks at the whole course: an earlier lesson may hold this one."""
    report = course_report(enrolment).of(lesson.pk)
    if report is None:
        raise LessonPage.DoesNotExist(f"lesson {lesson.pk} is not a published lesson of course {enrolment.course_id}")
    return report


def _lessons(
    course: CoursePage, outlines: Collection[Outline], known: Known, titles: dict[int, str]
) -> tuple[LessonReport, ...]:
    found, needs = [], None
    for outline in outlines:
        row = known.progress.get(outline.lesson.pk)
        done = bool(row and row.completed_at)
        found.append(
            LessonReport(
                lesson=outline.lesson,
                title=titles[outline.lesson.pk],
                verdict=requirements.lesson(facts.of_lesson(outline, known, threshold=course.threshold)),
                coverage=facts.coverage_of(outline, known, threshold=course.threshold),
                progress=row,
                needs=None if done else needs,
            )
        )
        if course.sequential and not done and needs is None:
            needs = outline.lesson
    return tuple(found)


def programme_report(enrolment: ProgrammeEnrolment) -> ProgrammeReport:
    return _programme(enrolment.programme, enrolment)


def programme_rule(programme: ProgrammePage) -> ProgrammeReport:
    """What the programme asks of anybody."""
    return _programme(programme.canonical(), None)


def _programme(programme: ProgrammePage, enrolment: ProgrammeEnrolment | None) -> ProgrammeReport:
    known = facts.of_programme(programme, enrolment)
    return ProgrammeReport(
        programme=programme,
        enrolment=enrolment,
        verdict=requirements.programme(known),
        courses=known.courses,
        hours=known.hours,
    )


@dataclass(frozen=True)
class Summary:
    """A course in a list of somebody's courses."""

    enrolment: Enrolment
    title: str
    lessons: int
    lessons_done: int
    hours: Decimal
    hours_done: Decimal
    next: LessonPage | None  # the first unfinished lesson

    @property
    def done(self) -> bool:
        return self.enrolment.completed_at is not None


def overview(user: User, *, ended: bool = False) -> list[Summary]:
    """All present enrolments, or all that ended; unfinished first, the newest before the older.

    Three queries whatever their number, and one more in English.
    """
    rows = Enrolment.objects.filter(user=user, ended_at__isnull=not ended).select_related("course")
    enrolments = sorted(rows, key=lambda row: (row.completed_at is not None, -row.started_at.timestamp()))
    if not enrolments:
        return []
    titles = facts.localised([row.course for row in enrolments])
    lessons = _lessons_by_course([row.course for row in enrolments])
    done: dict[int, dict[int, Decimal]] = defaultdict(dict)
    credited = LessonProgress.objects.filter(enrolment__in=enrolments).exclude(completed_at=None)
    for enrolment_id, lesson_id, hours in credited.values_list("enrolment_id", "lesson_id", "hours"):
        done[enrolment_id][lesson_id] = hours
    return [_summary(row, titles[row.course_id], lessons[row.course_id], done[row.pk]) for row in enrolments]


def _summary(row: Enrolment, title: str, lessons: list[LessonPage], done: dict[int, Decimal]) -> Summary:
    return Summary(
        enrolment=row,
        title=title,
        lessons=len(lessons),
        lessons_done=sum(lesson.pk in done for lesson in lessons),
        hours=sum((lesson.credit_hours for lesson in lessons), Decimal(0)),
        hours_done=sum(done.values(), Decimal(0)),
        next=next((lesson for lesson in lessons if lesson.pk not in done), None),
    )


def _lessons_by_course(courses: Collection[CoursePage]) -> dict[int, list[LessonPage]]:
    within = Q()
    for course in courses:
        within |= Q(path__startswith=course.path)
    found: dict[int, list[LessonPage]] = {course.pk: [] for course in courses}
    for lesson in LessonPage.objects.live().filter(within).defer("body").order_by("path"):
        owner = next(course for course in courses if lesson.path.startswith(course.path))
        found[owner.pk].append(lesson)
    return found
