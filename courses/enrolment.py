"""Taking up a course or a programme, once a period, and what the order of lessons holds back."""

from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import completion, facts
from .models import CoursePage, Enrolment, LessonPage, ProgrammeEnrolment, ProgrammePage, WatchSession

Study = TypeVar("Study", Enrolment, ProgrammeEnrolment)


class Refused(Exception):
    """`code` is for machines, `message` for the person, in the language of the moment."""

    code = "refused"
    text: str | Promise = _("This is not possible.")

    def __init__(self, **facts: object):
        super().__init__(self.code)
        self.facts = facts

    @property
    def message(self) -> str:
        return str(self.text) % self.facts


class NotOpen(Refused):
    code = "not_open"
    text = _("This course is not open at the moment. What you have learnt is kept.")


class Unfinished(Refused):
    code = "unfinished"
    text = _("Finish the present period first: its record and its attempts stay as they are.")


class NotEnrolled(Refused):
    code = "not_enrolled"
    text = _("Join this course first. It is free.")


@dataclass(frozen=True)
class Lock:
    """`needs` is the lesson to finish first."""

    needs: LessonPage

    @property
    def reason(self) -> str:
        title = facts.localised([self.needs])[self.needs.pk]
        return _("Lessons of this course go in order. Finish “%(title)s” first.") % {"title": title}


class Locked(Refused):
    code = "locked"

    def __init__(self, lock: Lock):
        super().__init__()
        self.lock = lock

    @property
    def message(self) -> str:
        return self.lock.reason


def enrol(user: User, course: CoursePage) -> Enrolment:
    """The person's current enrolment, made if there is none. Asking twice, even at once, gives the same row.

    Raises NotOpen for a course that is not published.
    """
    course = course.canonical()
    if not course.live:
        raise NotOpen
    return _open(Enrolment, user=user, course=course)


def again(user: User, course: CoursePage) -> Enrolment:
    """A new period: the present one ends with its record as it is, and nothing of it counts for the new one."""
    course = course.canonical()
    with transaction.atomic():
        present = Enrolment.objects.current().select_for_update(no_key=True).filter(user=user, course=course).first()
        if present:
            now = timezone.now()
            WatchSession.objects.filter(progress__enrolment=present).close(at=now, reason=WatchSession.Closed.ENDED)
            present.ended_at = now
            present.save(update_fields=["ended_at"])
        return enrol(user, course)


def restart(user: User, course: CoursePage) -> Enrolment:
    """What a learner may ask for: a new period once the present one is finished. Raises Unfinished.

    Otherwise a new period would be a way round the limits of attempts and the time between them.
    """
    present = current(user, course)
    if present and not finished(present):
        raise Unfinished
    return again(user, course)


def finished(present: Study | None) -> bool:
    """Whether there is a period that a new one may follow: what pages offer, and restart and rejoin ask for."""
    return present is not None and present.completed_at is not None


def rejoin(user: User, programme: ProgrammePage) -> ProgrammeEnrolment:
    """The same for a programme. Raises Unfinished."""
    present = current_programme(user, programme)
    if present and not finished(present):
        raise Unfinished
    return join_again(user, programme)


def join(user: User, programme: ProgrammePage) -> ProgrammeEnrolment:
    """Take up a programme and its required courses. What was finished before counts at once."""
    programme = programme.canonical()
    if not programme.live:
        raise NotOpen
    with transaction.atomic():
        joined = _open(ProgrammeEnrolment, user=user, programme=programme)
        for entry in programme.courses.filter(required=True, course__live=True).select_related("course"):
            enrol(user, entry.course)
        completion.settle_programme(joined)
    return ProgrammeEnrolment.objects.get(pk=joined.pk)


def join_again(user: User, programme: ProgrammePage) -> ProgrammeEnrolment:
    """Another period of a programme, as for renewing a certificate: its required courses are studied anew."""
    programme = programme.canonical()
    with transaction.atomic():
        rows = ProgrammeEnrolment.objects.current().select_for_update(no_key=True)
        present = rows.filter(user=user, programme=programme).first()
        if present:
            present.ended_at = timezone.now()
            present.save(update_fields=["ended_at"])
        finished = Enrolment.objects.current().completed().filter(user=user)
        required = programme.courses.filter(required=True).values("course")
        for row in finished.filter(course__in=required).select_related("course__locale"):
            again(user, row.course)
        return join(user, programme)


def _open(model: type[Study], *, user: User, **subject: CoursePage | ProgrammePage) -> Study:
    """The current row of a person and a course or programme. The unique constraint settles a race."""
    last = model.objects.filter(user=user, **subject).aggregate(last=Max("period"))["last"]
    fresh = {"period": (last or 0) + 1, "started_at": timezone.now()}
    row, _created = model.objects.get_or_create(user=user, ended_at=None, **subject, defaults=fresh)
    return row


def current(user: User, course: CoursePage) -> Enrolment | None:
    """The enrolment in whose period the person is, if any."""
    if not user.is_authenticated:
        return None
    rows = Enrolment.objects.current().filter(user=user, course__translation_key=course.translation_key)
    return rows.select_related("course").first()


def current_programme(user: User, programme: ProgrammePage) -> ProgrammeEnrolment | None:
    if not user.is_authenticated:
        return None
    rows = ProgrammeEnrolment.objects.current()
    rows = rows.filter(user=user, programme__translation_key=programme.translation_key)
    return rows.select_related("programme").first()


def lock(enrolment: Enrolment, lesson: LessonPage) -> Lock | None:
    """What the order of the course holds back, and why. A lesson that was finished stays open."""
    if not enrolment.course.sequential:
        return None
    finished = enrolment.lessons.exclude(completed_at=None).values_list("lesson_id", flat=True)
    if lesson.pk in finished:
        return None
    needs = enrolment.course.lessons().filter(path__lt=lesson.path).exclude(pk__in=finished).first()
    return Lock(needs) if needs else None


def require(user: User, lesson: LessonPage) -> Enrolment:
    """The enrolment in which the person may study this lesson now. Raises NotEnrolled or Locked."""
    found = current(user, lesson.course)
    if found is None:
        raise NotEnrolled
    held = lock(found, lesson)
    if held:
        raise Locked(held)
    return found
