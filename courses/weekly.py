"""On Monday morning each training manager hears who is behind and what is due in the week: one letter, or none.

A manager's week is taken in the database before the letter leaves, so two workers, or a worker twice, send one. The
mails of a round leave through one connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from smtplib import SMTPException
from time import monotonic

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms import messages, school
from lms.messages import Sms
from lms.models import Enterprise, Membership, User

from . import workforce
from .models import Assignment, WeeklyLetter
from .workforce import Row

log = structlog.get_logger(__name__)
MONDAY = 0
FROM = 8  # o'clock, by the calendar of Shanghai
WEEK = timedelta(days=6)  # Monday to Sunday
SHOWN = 30  # people in a letter; the desk shows the others
PIECE = 10.0  # seconds of a round: other duties wait meanwhile
TOLD = "weekly_list"  # the kind of the text message


@dataclass(frozen=True)
class Week:
    """What a letter tells of an enterprise."""

    enterprise: Enterprise
    late: tuple[Row, ...]
    due: tuple[Row, ...]


def tell_due() -> int:
    """The periodic duty. Says how many managers were told."""
    now = timezone.localtime()
    waiting = _waiting(now.date()) if now.weekday() == MONDAY and now.hour >= FROM else []
    if not waiting:
        return 0
    mail = get_connection()  # opened by the first mail: who has a number only hears without it
    try:
        return _round(waiting, now.date(), mail)
    finally:
        _hang_up(mail)


def _round(waiting: Sequence[tuple[Enterprise, list[User]]], monday: date, mail: BaseEmailBackend) -> int:
    until, told = monotonic() + PIECE, 0
    for enterprise, managers in waiting:
        if monotonic() > until:
            break
        week = of(enterprise, monday)
        told += sum(_tell(user, week, monday, mail) for user in managers)
    return told


def _waiting(monday: date) -> list[tuple[Enterprise, list[User]]]:
    """Enterprises with something late or due, and their managers who have not heard of it this week."""
    asked = Assignment.objects.standing().filter(due_on__lte=monday + WEEK).values("enterprise")
    heard = WeeklyLetter.objects.filter(Q(off=True) | Q(week=monday)).values("user")
    rows = Membership.objects.current().filter(role=Membership.Role.MANAGER, enterprise__in=asked, user__is_active=True)
    rows = rows.exclude(user__in=heard).select_related("user", "enterprise").order_by("enterprise_id", "pk")
    found: dict[int, tuple[Enterprise, list[User]]] = {}
    for row in rows:
        found.setdefault(row.enterprise_id, (row.enterprise, []))[1].append(row.user)
    return list(found.values())


def of(enterprise: Enterprise, monday: date) -> Week:
    rows = [row for row in workforce.desk(enterprise).rows if row.due_on and not row.done]
    late = tuple(row for row in rows if row.due_on and row.due_on < monday)
    due = tuple(row for row in rows if row.due_on and monday <= row.due_on <= monday + WEEK)
    return Week(enterprise, late, due)


def _tell(user: User, week: Week, monday: date, mail: BaseEmailBackend) -> int:
    letter, _made = WeeklyLetter.objects.get_or_create(user=user)
    before = letter.week
    mine = WeeklyLetter.objects.filter(pk=letter.pk, off=False)
    if not mine.exclude(week=monday).update(week=monday):
        return 0
    if not (week.late or week.due):
        return 0
    try:
        return int(_send(user, week, mail))
    except (messages.NotSent, SMTPException, OSError) as error:
        mine.update(week=before)  # the next round tries again
        _hang_up(mail)
        log.warning("weekly_list_not_sent", user=user.pk, error=str(error))
        return 0


def _hang_up(mail: BaseEmailBackend) -> None:
    try:
        mail.close()
    except (SMTPException, OSError) as error:
        log.warning("mail_gateway_not_closed", error=str(error))


def _send(user: User, week: Week, mail: BaseEmailBackend) -> bool:
    proved = EmailAddress.objects.filter(user=user, verified=True, primary=True).first()
    with translation.override(user.language or settings.LANGUAGE_CODE):
        address = settings.SITE_URL + reverse("enterprise_desk", args=[week.enterprise.uscc])
        params = {
            "school": school.facts().shown_name,
            "enterprise": week.enterprise.name,
            "late": str(len(week.late)),
            "due": str(len(week.due)),
            "address": address,
        }
        line = _("[%(school)s] %(enterprise)s: %(late)s late, %(due)s due this week") % params
        if proved:
            mail.open()  # stays so for the next one
            EmailMessage(line, _text(week, address), None, [proved.email], connection=mail).send()
        elif user.mobile and user.mobile_verified:
            messages.send_sms(Sms(to=user.mobile, kind=TOLD, text=f"{line} {address}", params=params))
        else:
            return False
    return True


def _text(week: Week, address: str) -> str:
    parts = [_part(_("Late:"), week.late), _part(_("Due this week:"), week.due)]
    last = _("The whole list, and the switch for these letters: %(address)s") % {"address": address}
    return "\n\n".join([*(part for part in parts if part), last]) + "\n"


def _part(head: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [_line(row) for row in rows[:SHOWN]]
    if more := len(rows) - SHOWN:
        lines += [_("… and %(n)d more") % {"n": more}] if more > 0 else []
    return "\n".join([head, *lines])


def _line(row: Row) -> str:
    facts = {
        "name": row.membership.user.name,
        "programme": row.title,
        "day": date_format(row.due_on, "DATE_FORMAT") if row.due_on else "",
        "hours": f"{row.hours_left:.1f}",
    }
    return "- " + _("%(name)s, %(programme)s: by %(day)s, %(hours)s credit hours missing") % facts


def wanted(user: User) -> bool:
    return not WeeklyLetter.objects.filter(user=user, off=True).exists()


def choose(user: User, *, off: bool) -> None:
    WeeklyLetter.objects.update_or_create(user=user, defaults={"off": off})
