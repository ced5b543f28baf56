"""Who may sit which paper now, and where a person stands with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import ReferenceIndex

from courses import enrolment, facts, reports, requirements
from courses.enrolment import Refused
from courses.models import (
    Assessment,
    Attempt,
    CoursePage,
    Enrolment,
    LessonPage,
    ProgrammeEnrolment,
    ProgrammePage,
)
from lms.models import User

Place = Enrolment | ProgrammeEnrolment


class Unrelated(Refused):
    code = "unrelated"
    text = _("This paper does not belong to what you study.")


class Ended(Refused):
    code = "enrolment_ended"
    text = _("This enrolment has ended; its record is kept. Enrol again to take the paper.")


class AlreadyPassed(Refused):
    code = "already_passed"
    text = _("You have passed. There is no need to take it again.")


class NoAttemptsLeft(Refused):
    code = "no_attempts_left"
    text = _("All %(allowed)d attempts have been used.")


class Cooling(Refused):
    code = "cooling"
    text = _("You can try again from %(clock)s.")

    def __init__(self, until: datetime):
        super().__init__(until=until, clock=f"{timezone.localtime(until):%Y-%m-%d %H:%M}")
        self.until = until


class NotYet(Refused):
    """`missing` is a list of what to finish first, in words."""

    code = "not_yet"
    text = _("First: %(list)s")

    def __init__(self, missing: list[str]):
        super().__init__(missing=missing, list=gettext("; ").join(missing))
        self.missing = missing


@dataclass(frozen=True)
class Standing:
    """Where a person is with an assessment. `attempts` is newest first; `hindrance` is why no paper can be had now."""

    assessment: Assessment
    attempts: list[Attempt]
    hindrance: Refused | None

    @property
    def open(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.submitted_at is None), None)

    @property
    def best(self) -> Attempt | None:
        handed_in = [attempt for attempt in self.attempts if attempt.submitted_at]
        return max(handed_in, key=lambda attempt: (attempt.passed, attempt.score), default=None)

    @property
    def passed(self) -> bool:
        return any(attempt.passed for attempt in self.attempts)

    @property
    def left(self) -> int | None:
        """Attempts that can still be started; None for any number."""
        return max(0, self.assessment.attempts - len(self.attempts)) if self.assessment.attempts else None

    @property
    def next_number(self) -> int:
        return len(self.attempts) + 1


def standing(assessment: Assessment, place: Place) -> Standing:
    """Reads only: `exams.standing` first closes what has run out."""
    attempts = list(Attempt.objects.filter(assessment=assessment, **of(place)).order_by("-number"))
    under_way = bool(attempts) and attempts[0].submitted_at is None
    return Standing(assessment, attempts, None if under_way else _hindrance(assessment, place, attempts))


def place_of(*, user: User, assessment: Assessment) -> Place | None:
    """The current enrolment in whose course or programme the assessment stands, if any."""
    programmes = ProgrammeEnrolment.objects.current().filter(user=user, programme__exam=assessment)
    courses = Enrolment.objects.current().filter(user=user).select_related("course")
    return programmes.first() or next((each for each in courses if belongs(assessment, each)), None)


def homes(assessment: Assessment) -> list[CoursePage | ProgrammePage]:
    """The published courses and programmes whose paper it is: what somebody may join to sit it."""
    named = ReferenceIndex.get_references_to(assessment).values_list("object_id", flat=True)
    lessons = LessonPage.objects.live().public().filter(pk__in=[int(pk) for pk in named if pk.isdigit()])
    paths = [path for lesson in lessons for path in lesson.get_ancestors().values_list("path", flat=True)]
    courses = CoursePage.objects.live().public().filter(Q(assessment=assessment) | Q(path__in=paths))
    found = [*ProgrammePage.objects.live().public().filter(exam=assessment), *courses.order_by("path")]
    return list({page.canonical().pk: page.canonical() for page in found}.values())


def lesson_of(assessment: Assessment, course: CoursePage) -> LessonPage | None:
    """The first live lesson of the course that holds this quiz."""
    return next((each for each in course.lessons() if assessment.pk in facts.Outline.of(each).quiz_ids), None)


def belongs(assessment: Assessment, place: Place, within: LessonPage | None = None) -> bool:
    if isinstance(place, ProgrammeEnrolment):
        return place.programme.exam_id == assessment.pk
    if within and within.is_descendant_of(place.course) and assessment.pk in facts.Outline.of(within).quiz_ids:
        return True
    return place.course.assessment_id == assessment.pk or lesson_of(assessment, place.course) is not None


def of(place: Place) -> dict[str, Place]:
    """The place as an argument or filter of attempts."""
    return {"enrolment": place} if isinstance(place, Enrolment) else {"programme_enrolment": place}


def _hindrance(assessment: Assessment, place: Place, attempts: list[Attempt]) -> Refused | None:
    if any(attempt.passed for attempt in attempts):
        return AlreadyPassed()
    if place.ended_at:
        return Ended()
    if assessment.attempts and len(attempts) >= assessment.attempts:
        return NoAttemptsLeft(allowed=assessment.attempts)
    last = attempts[0].submitted_at if attempts else None
    if last:
        until = last + timedelta(minutes=assessment.cooling_minutes)
        if until > timezone.now():
            return Cooling(until)
    missing = _missing(assessment, place)
    return NotYet(missing) if missing else None


def _missing(assessment: Assessment, place: Place) -> list[str]:
    return _before_exam(place) if isinstance(place, ProgrammeEnrolment) else _before_quiz(assessment, place)


def _before_exam(place: ProgrammeEnrolment) -> list[str]:
    """What the final exam of a programme waits for."""
    report = reports.programme_report(place)
    if report.ready_for_exam:
        return []
    return [asked.text for asked in report.verdict.missing if asked.kind != requirements.Kind.EXAM]


def _before_quiz(assessment: Assessment, place: Enrolment) -> list[str]:
    """The lesson that must be finished before the quiz's own lesson opens."""
    lesson = lesson_of(assessment, place.course) if place.course.sequential else None
    held = enrolment.lock(place, lesson) if lesson else None
    if held is None:
        return []
    return [gettext("Finish the lesson: %(title)s") % {"title": facts.localised([held.needs])[held.needs.pk]}]
