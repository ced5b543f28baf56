"""A lesson as one reader finds it: what is open, what is done, what is missing. In few queries, and nothing is written.

`reports` tells the same of a whole course from all evidence; here only the lesson on the page is looked at closely,
the others by what is on record.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language

from lms.models import User

from . import facts, freshness, requirements
from .facts import Known, Outline
from .models import Attempt, Attendance, CoursePage, Enrolment, LessonPage, LessonProgress
from .models.translation import first_locale
from .reports import LessonReport


@dataclass(frozen=True)
class Step:
    """A lesson in the outline. `page` is the one to link to, in the reader's language where there is one."""

    number: int
    page: LessonPage
    record: LessonPage  # the one that records hang on
    progress: LessonProgress | None = None
    needs: "Step | None" = None  # what must be finished first

    @property
    def done(self) -> bool:
        return bool(self.progress and self.progress.completed_at)

    @property
    def started(self) -> bool:
        return bool(self.progress and self.progress.watched_ms)

    @property
    def foreign(self) -> bool:
        """There is no page in the reader's language: the link leads to the first language's."""
        return self.page.pk == self.record.pk and (get_language() or settings.LANGUAGE_CODE) != settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Study:
    course: CoursePage  # in the language of the lesson's page
    enrolment: Enrolment | None
    steps: tuple[Step, ...]
    here: Step
    report: LessonReport
    preview: bool = field(default=False)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if step.number == self.here.number + 1), None)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def hours(self) -> Decimal:
        return sum((step.record.credit_hours for step in self.steps), Decimal(0))


def of(user: User | None, lesson: LessonPage, *, preview: bool = False) -> Study:
    """`user` is None for a visitor. A preview shows the page as to a learner who has just joined."""
    course, enrolment = _place(user, lesson)
    steps = _steps(course, lesson, enrolment)
    here = next(step for step in steps if lesson.pk in (step.page.pk, step.record.pk))
    return Study(
        course=course,
        enrolment=enrolment,
        steps=steps,
        here=here,
        report=_report(lesson, course, here, enrolment),
        preview=preview,
    )


def _place(user: User | None, lesson: LessonPage) -> tuple[CoursePage, Enrolment | None]:
    """The course above, whether or not a chapter lies between, and the present enrolment in it: mostly one query."""
    above = [lesson.path[: -LessonPage.steplen], lesson.path[: -2 * LessonPage.steplen]]
    own = Enrolment.objects.none()
    if user is not None and user.is_authenticated:
        own = Enrolment.objects.current().filter(user=user).select_related("course")
    enrolment = own.filter(course__path__in=above).first()
    if enrolment:
        return enrolment.course, enrolment
    course = CoursePage.objects.get(path__in=above)
    if course.locale_id == first_locale():
        return course, None
    return course, own.filter(course__translation_key=course.translation_key).first()


def _steps(course: CoursePage, lesson: LessonPage, enrolment: Enrolment | None) -> tuple[Step, ...]:
    record_course = enrolment.course if enrolment else course.canonical()
    records = freshness.shared(f"lessons:{record_course.pk}", lambda: _lessons(record_course)) or []
    pages = {}
    if record_course.pk != course.pk:
        pages = (
            freshness.shared(f"lessons:{record_course.pk}:{course.pk}", lambda: _translations(course, records)) or {}
        )
    if not any(lesson.pk in (record.pk, pages.get(record.pk, record).pk) for record in records):
        records.append(lesson)  # a draft in its preview
    progress = {row.lesson_id: row for row in enrolment.lessons.all()} if enrolment else {}
    steps: list[Step] = []
    needs = None
    for number, record in enumerate(records, start=1):
        row = progress.get(record.pk)
        done = bool(row and row.completed_at)
        page = pages.get(record.pk, record)
        steps.append(Step(number, page, record, row, None if done or not enrolment else needs))
        if record_course.sequential and not done and needs is None:
            needs = steps[-1]
    return tuple(steps)


def _lessons(course: CoursePage) -> list[LessonPage]:
    return list(course.lessons().defer("body", "search_description"))


def _translations(course: CoursePage, records: list[LessonPage]) -> dict[int, LessonPage]:
    """By the primary key of the record's page, the published page in the language of that course."""
    by_key = {record.translation_key: record.pk for record in records}
    pages = LessonPage.objects.live().filter(translation_key__in=by_key, locale_id=course.locale_id).defer("body")
    return {by_key[page.translation_key]: page for page in pages}


def _report(lesson: LessonPage, course: CoursePage, here: Step, enrolment: Enrolment | None) -> LessonReport:
    video, quizzes = lesson.video, lesson.quizzes()
    outline = Outline(here.record, video.pk if video else None, tuple(quiz.pk for quiz in quizzes))
    known = Known(videos={video.pk: video} if video else {}, papers={quiz.pk: quiz for quiz in quizzes})
    if here.progress:
        known.progress = {here.record.pk: here.progress}
    if enrolment and not here.done:
        _look_closer(known, outline, enrolment)
    threshold = (enrolment.course if enrolment else course).threshold
    return LessonReport(
        lesson=here.record,
        title=lesson.title,
        verdict=requirements.lesson(facts.of_lesson(outline, known, threshold=threshold)),
        coverage=facts.coverage_of(outline, known, threshold=threshold),
        progress=here.progress,
        needs=here.needs.record if here.needs else None,
    )


def _look_closer(known: Known, outline: Outline, enrolment: Enrolment) -> None:
    """What an unfinished lesson may have met already: quizzes passed, presence outside the player."""
    if outline.quiz_ids:
        passed = Attempt.objects.filter(enrolment=enrolment, assessment__in=outline.quiz_ids, passed=True)
        rows = passed.order_by("-submitted_at").values_list("assessment_id", "submitted_at")
        known.passed = {assessment: at for assessment, at in rows if at}
    if outline.lesson.kind != LessonPage.Kind.VIDEO or not outline.video_id:
        present = Attendance.objects.filter(enrolment=enrolment, lesson=outline.lesson).order_by("recorded_at", "pk")
        known.attendance = {outline.lesson.pk: list(present)}
