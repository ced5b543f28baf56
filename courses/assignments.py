"""An enterprise gives its people programmes with a last day, and reminds those who are behind."""

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from lms import messages, school
from lms.models import Enterprise, Membership, User

from . import enrolment, facts
from .models import Assignment, ProgrammePage

log = structlog.get_logger(__name__)
APART = timedelta(hours=20)  # between two reminders of the same: one a working day
FARTHEST = timedelta(days=3 * 366)
REMINDED = "assignment_due"  # the kind of the text message


class Refused(Exception):
    """The message says why, in the reader's language."""


def assign(
    *, enterprise: Enterprise, people: Collection[int], programme: ProgrammePage, due_on: date, by: User
) -> Counter[str]:
    """Give a programme to people of the enterprise by their keys; each of them joins it. Says how many are `new`,
    got another day (`moved`), or had it like that (`same`).

    Raises Refused for a day that is past or too far, and enrolment.NotOpen for a programme that is not published.
    """
    _check_day(due_on)
    programme = programme.canonical()
    outcome: Counter[str] = Counter()
    with transaction.atomic():
        members = Membership.objects.current().filter(enterprise=enterprise, user__in=people).select_related("user")
        users = [row.user for row in members.order_by("user_id")]
        if not users:
            raise Refused(_("Choose at least one of your people."))
        for user in users:
            enrolment.join(user, programme)
        standing = Assignment.objects.standing().select_for_update(of=("self",))
        standing = standing.filter(enterprise=enterprise, programme=programme, user__in=users)
        known = {row.user_id: row for row in standing}
        moved = [row for row in known.values() if row.due_on != due_on]
        for row in moved:
            row.due_on = due_on
        Assignment.objects.bulk_update(moved, ["due_on"], batch_size=200)
        fresh = [
            Assignment(
                user=user, enterprise=enterprise, programme=programme, due_on=due_on, made_by=by, made_at=timezone.now()
            )
            for user in users
            if user.pk not in known
        ]
        Assignment.objects.bulk_create(fresh, batch_size=200)
    outcome.update(new=len(fresh), moved=len(moved), same=len(known) - len(moved))
    return outcome


def _check_day(due_on: date) -> None:
    today = timezone.localdate()
    if due_on < today:
        raise Refused(_("The last day lies in the past. Choose today or a later day."))
    if due_on > today + FARTHEST:
        raise Refused(_("The last day lies more than three years ahead. Please check the year."))


def withdraw(assignment: Assignment) -> None:
    """It is asked no longer; what was learnt stays."""
    Assignment.objects.filter(pk=assignment.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())


def remind(assignments: Collection[Assignment]) -> Counter[str]:
    """Remind each person once a day at most. Says how many were `reminded`, reminded `lately`, `unreachable`, or had
    `finished`."""
    outcome: Counter[str] = Counter()
    for assignment in assignments:
        outcome[_remind(assignment)] += 1
    return outcome


def _remind(assignment: Assignment) -> str:
    now = timezone.now()
    joined = enrolment.current_programme(assignment.user, assignment.programme)
    if joined and joined.completed_at:
        return "finished"
    this = Assignment.objects.standing().filter(pk=assignment.pk)
    if not this.exclude(reminded_at__gt=now - APART).update(reminded_at=now):
        return "lately"
    try:
        reached = _tell(assignment)
    except messages.NotSent as error:
        log.warning("assignment_not_reminded", assignment=assignment.pk, error=str(error))
        reached = False
    if not reached:
        this.update(reminded_at=assignment.reminded_at)
    return "reminded" if reached else "unreachable"


def _tell(assignment: Assignment) -> bool:
    user = assignment.user
    with translation.override(user.language or settings.LANGUAGE_CODE):
        title = facts.localised([assignment.programme])[assignment.programme_id]
        params = {
            "school": school.facts().shown_name,
            "enterprise": assignment.enterprise.name,
            "programme": title,
            "day": date_format(assignment.due_on, "DATE_FORMAT"),
            "address": settings.SITE_URL + reverse("my_learning"),
        }
        subject = _("[%(school)s] %(programme)s: to be finished by %(day)s") % params
        text = _("[%(school)s] %(enterprise)s reminds you of “%(programme)s”, to be finished by %(day)s. %(address)s")
        return messages.reach(user, subject=subject, text=text % params, kind=REMINDED, params=params)
