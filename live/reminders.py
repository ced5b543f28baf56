"""Telling those who booked: a day before, shortly before, that it moved, that it is off, that the replay is there.

In the site and by mail to a proved address. Each message is a row before it is sent: two workers at once, or a worker
that died in between, tell nobody twice. A mail that the gateway refused is logged; the site has the message anyway.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException
from time import monotonic

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.models import User

from .models import Booking, Broadcast, Reminder

log = structlog.get_logger(__name__)
Kind = Reminder.Kind
State = Broadcast.State
DAY = timedelta(hours=24)
SOON = timedelta(minutes=15)
BATCH = 500  # bookings a kind and a round: the next round takes the rest
PIECE = 5.0  # seconds that the duty takes at a time: the other duties wait meanwhile
KEPT = timedelta(days=30)  # on the page


def remind_due() -> int:
    """The periodic duty. Says how many were told."""
    until, told = monotonic() + PIECE, 0
    gateway = get_connection()  # opened by the first mail, if there is one
    try:
        for kind, booking in _due():
            if monotonic() > until:
                break
            told += _tell(booking, kind, gateway)
    finally:
        _hang_up(gateway)
    return told


def _due() -> Iterator[tuple[str, Booking]]:
    now = timezone.now()
    standing = Booking.objects.standing().select_related("broadcast", "user")
    coming = standing.filter(broadcast__state__in=[State.SCHEDULED, State.READY], broadcast__starts_at__gt=now)
    # Whoever booked within the day knows; the short reminder comes to everybody.
    day = coming.filter(broadcast__starts_at__lte=now + DAY, made_at__lt=F("broadcast__starts_at") - DAY)
    recently = now - KEPT
    over = standing.filter(broadcast__starts_at__gte=recently)
    queries = {
        Kind.DAY: day.exclude(broadcast__starts_at__lte=now + SOON),
        Kind.SOON: coming.filter(broadcast__starts_at__lte=now + SOON),
        Kind.CANCELLED: over.filter(broadcast__state=State.CANCELLED),
        Kind.REPLAY: over.filter(broadcast__state=State.REPLAY).exclude(broadcast__reviewed_at=None),
    }
    for kind, rows in queries.items():
        for booking in _untold(rows, kind):
            yield kind, booking
    yield from _moved(coming)


def _untold(rows: QuerySet[Booking], kind: str) -> list[Booking]:
    told = Reminder.objects.filter(kind=kind, about=F("booking__broadcast__starts_at")).values("booking")
    return list(rows.exclude(pk__in=told)[:BATCH])


def _moved(coming: QuerySet[Booking]) -> Iterator[tuple[str, Booking]]:
    """Those whose booking was made for another time: `on_move` wrote down which they are."""
    for booking in _untold(coming.filter(reminders__kind=Kind.MOVED).distinct(), Kind.MOVED):
        yield Kind.MOVED, booking


def on_move(broadcast: Broadcast, before: datetime) -> None:
    """Called by the schedule: those who booked for the time before are told of the new one by the next round.

    The row of the old time is the mark that this booking has a change to hear of; it counts as read. What was once said
    of the new time is forgotten, for it was not the last word.
    """
    now = timezone.now()
    Reminder.objects.filter(booking__broadcast=broadcast, kind=Kind.MOVED, about=broadcast.starts_at).delete()
    rows = [
        Reminder(booking=booking, kind=Kind.MOVED, about=before, sent_at=now, read_at=now)
        for booking in broadcast.bookings.standing()
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def _tell(booking: Booking, kind: str, gateway: BaseEmailBackend) -> int:
    broadcast = booking.broadcast
    _row, created = Reminder.objects.get_or_create(
        booking=booking, kind=kind, about=broadcast.starts_at, defaults={"sent_at": timezone.now()}
    )
    if not created:
        return 0
    with translation.override(booking.user.language or settings.LANGUAGE_CODE):
        subject, text = words(kind, broadcast)
        _mail(booking.user, subject, f"{text}\n\n{settings.SITE_URL}{address(broadcast)}\n", gateway)
    return 1


def _mail(user: User, subject: str, text: str, gateway: BaseEmailBackend) -> None:
    """By the connection of the round, which stays open; after trouble the next mail opens another."""
    proved = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary").first()
    if proved is None:
        return
    try:
        gateway.open()
        send_mail(subject, text, None, [proved.email], connection=gateway)
    except (SMTPException, OSError) as error:
        log.warning("reminder_not_mailed", user=user.pk, error=str(error))
        _hang_up(gateway)


def _hang_up(gateway: BaseEmailBackend) -> None:
    try:
        gateway.close()
    except (SMTPException, OSError) as error:
        log.warning("mail_gateway_not_closed", error=str(error))


def address(broadcast: Broadcast) -> str:
    """Of the room, in the language that is active."""
    prefix = "/en" if (translation.get_language() or "").startswith("en") else ""
    return f"{prefix}/live/{broadcast.uuid}/"


def words(kind: str, broadcast: Broadcast) -> tuple[str, str]:
    """Subject and text of a message, in the language that is active."""
    facts = {
        "title": broadcast.shown_title,
        "when": date_format(timezone.localtime(broadcast.starts_at), "DATETIME_FORMAT"),
    }
    said = {
        Kind.DAY: (_("Tomorrow: %(title)s"), _("The broadcast that you booked begins at %(when)s.")),
        Kind.SOON: (_("In a few minutes: %(title)s"), _("The broadcast begins at %(when)s. The waiting room is open.")),
        Kind.MOVED: (_("New time: %(title)s"), _("The broadcast now begins at %(when)s. Your booking stands.")),
        Kind.CANCELLED: (_("Cancelled: %(title)s"), _("The broadcast planned for %(when)s will not take place.")),
        Kind.REPLAY: (_("Replay: %(title)s"), _("You can watch the broadcast of %(when)s again at the same address.")),
    }[Kind(kind)]
    subject, text = (each % facts for each in said)
    if kind == Kind.CANCELLED:
        last = broadcast.transitions.filter(after=State.CANCELLED).last()
        text = f"{text}\n{last.reason}" if last else text
    return subject, text


def unread(user: User) -> list[Reminder]:
    """What the site tells the person now, newest first."""
    if not user.is_authenticated:
        return []
    rows = Reminder.objects.filter(booking__user=user, read_at=None, sent_at__gte=timezone.now() - KEPT)
    return list(rows.select_related("booking__broadcast").order_by("-sent_at", "-pk")[:20])


def read(user: User, broadcast: Broadcast | None = None) -> None:
    """All that was told, or all about one broadcast, has been seen."""
    rows = Reminder.objects.filter(booking__user=user, read_at=None)
    if broadcast:
        rows = rows.filter(booking__broadcast=broadcast)
    rows.update(read_at=timezone.now())
