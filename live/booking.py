"""Somebody means to come. With limited places, a booking keeps one: never more than there are, however many ask."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import permissions
from .models import Booking, Broadcast

BEFORE = [Broadcast.State.SCHEDULED, Broadcast.State.READY]


class Refused(Exception):
    """The message says why, in the reader's language."""


class Full(Refused):
    def __init__(self) -> None:
        super().__init__(_("All places are taken. The replay will stand at this address."))


def book(user: User, broadcast: Broadcast) -> Booking:
    """Keep a place. Booking twice is one booking; who cancelled may book again. Raises Refused, Full."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state not in BEFORE:
            raise Refused(_("This broadcast can no longer be booked."))
        if not permissions.may_watch(user, row):
            raise Refused(_("This broadcast is for the learners of its course. Join the course first."))
        kept = row.bookings.filter(user=user).first()
        if kept and kept.cancelled_at is None:
            return kept
        if row.capacity is not None and row.bookings.standing().count() >= row.capacity:
            raise Full
        if kept is None:
            return Booking.objects.create(broadcast=row, user=user, made_at=timezone.now())
        kept.made_at, kept.cancelled_at = timezone.now(), None
        kept.save(update_fields=["made_at", "cancelled_at"])
        return kept


def cancel(user: User, broadcast: Broadcast) -> None:
    """Give the place back. Nothing booked is nothing to cancel."""
    Booking.objects.standing().filter(user=user, broadcast=broadcast).update(cancelled_at=timezone.now())


def of(user: User, broadcast: Broadcast) -> Booking | None:
    """The booking that stands, if any."""
    if not user.is_authenticated:
        return None
    return Booking.objects.standing().filter(user=user, broadcast=broadcast).first()


def places_left(broadcast: Broadcast) -> int | None:
    """None where there is no limit."""
    if broadcast.capacity is None:
        return None
    return max(0, broadcast.capacity - broadcast.bookings.standing().count())


def coming(user: User) -> list[Broadcast]:
    """What the person booked and is not over, soonest first."""
    if not user.is_authenticated:
        return []
    booked = Booking.objects.standing().filter(user=user).values("broadcast")
    rows = Broadcast.objects.announced().filter(pk__in=booked).exclude(state__in=Broadcast.OVER)
    return list(rows.prefetch_related("hosts__user"))
