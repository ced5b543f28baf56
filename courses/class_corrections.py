"""What was planned wrongly is put right: the plan of a class, its meetings. Who came, and what was credited, stays."""

from collections.abc import Iterable
from datetime import date, datetime

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import tally
from lms.models import User

from . import classes
from .classes import Refused
from .models import ClassSession, LessonPage, ProgrammePage, TrainingClass

log = structlog.get_logger(__name__)


def correct(
    training_class: TrainingClass,
    *,
    by: User,
    title: str,
    starts_on: date,
    ends_on: date,
    place: str,
    quota: int | None,
    organisers: Iterable[dict[str, str]],
    campaigns: Iterable[str],
    track: str,
    programme: ProgrammePage | None,
) -> None:
    """Another plan, also when people have come: figures follow, and each change is on record with its author.

    Raises Refused when a meeting lies outside the days, and when fewer places remain than people have.
    """
    classes.check_days(starts_on, ends_on)
    with transaction.atomic():
        activity = classes.locked(training_class)
        _check_meetings(training_class, starts_on, ends_on)
        _check_places(training_class, quota)
        activity = tally.change(
            activity,
            by=by,
            title=title,
            starts_on=starts_on,
            ends_on=ends_on,
            place=place,
            organisers=list(organisers),
            campaigns=list(campaigns),
            track=track,
        )
        activity.quota = quota
        activity.save(update_fields=["quota"])
        training_class.programme = programme
        training_class.save(update_fields=["programme"])
    log.info("class_corrected", training_class=str(training_class.uuid), by=by.pk)


def _check_meetings(training_class: TrainingClass, starts_on: date, ends_on: date) -> None:
    for session in training_class.sessions.all():
        if not starts_on <= timezone.localdate(session.starts_at) <= ends_on:
            words = _("The meeting “%(title)s” would lie outside the days of the class.")
            raise Refused(words % {"title": session.title})


def _check_places(training_class: TrainingClass, quota: int | None) -> None:
    taken = training_class.members.count()
    if quota is not None and quota < taken:
        raise Refused(_("%(taken)d places are taken: the class cannot have fewer.") % {"taken": taken})


def is_sealed(session: ClassSession) -> bool:
    """Somebody stands signed in: when it was, how long and of which lesson is in the book."""
    return session.sign_ins.standing().exists()


def rename(session: ClassSession, *, title: str) -> None:
    """Also when people have come: the book keeps the words with which it counted them."""
    with transaction.atomic():
        classes.locked(session.training_class)
        session.title = title
        session.save(update_fields=["title"])


def move(
    session: ClassSession, *, title: str, starts_at: datetime, minutes: int, lesson: LessonPage | None = None
) -> None:
    """Another plan of a meeting. Raises Refused when somebody stands signed in, and as `classes.add_session` does."""
    with transaction.atomic():
        activity = classes.locked(session.training_class)
        if is_sealed(session):
            raise Refused(_("Somebody has signed in meanwhile: only the subject of the meeting can be changed."))
        classes.check_time(session.training_class.sessions.exclude(pk=session.pk), activity, starts_at)
        session.title, session.starts_at, session.minutes = title, starts_at, minutes
        session.lesson = lesson.canonical() if lesson else None
        session.save(update_fields=["title", "starts_at", "minutes", "lesson"])


def remove(session: ClassSession) -> None:
    """A meeting that nobody ever signed in to. Raises Refused otherwise: sign-ins stay, also those taken back."""
    with transaction.atomic():
        classes.locked(session.training_class)
        if session.sign_ins.exists():
            raise Refused(_("People have signed in to this meeting, so it stays."))
        session.delete()
        classes.count_sessions(session.training_class)
