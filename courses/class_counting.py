"""Sign-ins of classes become facts of the book, once their meeting has begun. Nobody is counted for what is to come."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lms import tally
from lms.models import Activity, Participation, User

from . import completion, enrolment
from .models import ClassSession, ClassSignIn, LessonPage

AT_ONCE = 200  # sign-ins counted by one transaction: others write meanwhile
ROUND = 500  # sign-ins that a round of the duty counts


def has_begun(session: ClassSession) -> bool:
    return session.starts_at <= timezone.now()


def due() -> Q:
    """Of meetings that have begun."""
    return Q(session__starts_at__lte=timezone.now())


def count_now(session: ClassSession, rows: Iterable[ClassSignIn], *, correction: str = "") -> None:
    """In the transaction of the caller. Before the meeting has begun the duty does it later. Raises tally.Locked."""
    if not has_begun(session):
        return
    for row in rows:
        if row.member.user:
            count(row, row.member.user, correction=correction)
    _hold(Q(pk=session.training_class.activity_id))


def count_session(session: ClassSession) -> int:
    """Whoever signed in and is not in the book yet, by parts; how many. Broken off, it goes on where it stopped.

    A period locked meanwhile takes them in with the reason of the sign-in, or that they come late: who came before
    the lock is never lost, and no roster is left half counted.
    """
    counted = 0
    while done := _count_some(Q(session=session), AT_ONCE):
        counted += done
    if has_begun(session) and session.sign_ins.standing().exists():
        _hold(Q(pk=session.training_class.activity_id))
    return counted


def count_due() -> int:
    """The periodic duty: those who came before the beginning, and those of a roster whose counting broke off."""
    began = ClassSignIn.objects.standing().filter(due())
    _hold(Q(training_class__in=began.values("session__training_class")))
    return _count_some(Q(), ROUND)


def _hold(which: Q) -> None:
    Activity.objects.filter(which, status=Activity.Status.PLANNED).update(status=Activity.Status.HELD)


def _count_some(which: Q, most: int) -> int:
    with transaction.atomic():
        waiting = ClassSignIn.objects.uncounted().filter(which, due()).select_for_update(of=("self",)).order_by("pk")
        rows = list(
            waiting.select_related("session__training_class__activity", "session__lesson", "member__user")[:most]
        )
        for row in rows:
            count(row, row.member.user, correction=row.reason or tally.LATE)
    return len(rows)


def count(row: ClassSignIn, holder: User, *, correction: str = "") -> None:
    """Into the book, and into the record of whoever studies the lesson. Raises tally.Locked."""
    session, lesson = row.session, row.session.lesson
    tally.record(
        key=fact_key(row),
        kind=Participation.Kind.LESSON,
        activity=session.training_class.activity,
        person=holder,
        channel=Participation.Channel.CLASSROOM,
        minutes=session.minutes,
        occurred_at=session.starts_at,
        unit=f"lesson:{lesson.translation_key}" if lesson else f"class-session:{session.uuid}",
        unit_title=lesson.title if lesson else session.title,
        evidence=f"class-sign-in:{row.pk}",
        correction=correction,
    )
    if lesson:
        _attend(row, lesson, holder)
    row.counted_at = timezone.now()
    row.save(update_fields=["counted_at"])


def _attend(row: ClassSignIn, lesson: LessonPage, holder: User) -> None:
    held = enrolment.current(holder, lesson.course)
    if held:
        completion.attend(
            key=fact_key(row),
            enrolment=held,
            lesson=lesson,
            channel=Participation.Channel.CLASSROOM,
            minutes=row.session.minutes,
            recorded_by=row.by,
        )


def fact_key(row: ClassSignIn) -> str:
    return f"class:{row.session.uuid}:{row.member_id}"
