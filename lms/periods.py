"""The standard periods of the bureau by the calendar of Shanghai, and which of them are locked."""

import re
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import PeriodLock, User

SHAPE = re.compile(r"(?P<year>\d{4})(?:(?P<kind>[HQ](?=\d$)|-(?=\d\d$))(?P<number>\d+))?")
GATE = 5_110_013  # the advisory lock between who writes facts and who locks a period (PostgreSQL)


class Refused(Exception):
    """The message says why, in the reader's language."""


class Locked(Refused):
    """A new fact falls into a locked period and names no reason."""

    def __init__(self, period: str):
        super().__init__(
            _("The period %(period)s is locked. A correction has to name its reason.") % {"period": period}
        )
        self.period = period


def labels(day: date) -> tuple[str, str, str, str]:
    """The four standard periods of a day: year, half, quarter, month."""
    return (
        f"{day.year:04}",
        f"{day.year:04}H{(day.month + 5) // 6}",
        f"{day.year:04}Q{(day.month + 2) // 3}",
        f"{day.year:04}-{day.month:02}",
    )


def labels_at(moment: datetime) -> tuple[str, str, str, str]:
    return labels(timezone.localdate(moment))


def days(label: str) -> tuple[date, date]:
    """The first day of a period, and the day after its last. Raises ValueError for what is no period."""
    found = SHAPE.fullmatch(label)
    months = {"": 12, "H": 6, "Q": 3, "-": 1}[found["kind"] or ""] if found else 0
    first = 1 + months * (int(found["number"] or 1) - 1) if found else 0
    if not found or not 1 <= first <= 12:
        raise ValueError(f"no period: {label}")
    year, ends = int(found["year"]), first + months
    return date(year, first, 1), date(year + (ends > 12), ends - 12 if ends > 12 else ends, 1)


def midnight(day: date) -> datetime:
    """When a day begins in Shanghai."""
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())


def day_after(day: date) -> date:
    return day + timedelta(days=1)


def bounds(label: str) -> tuple[datetime, datetime]:
    first, after = days(label)
    return midnight(first), midnight(after)


def label_of(since: datetime | None, until: datetime | None) -> str:
    """The name of the standard period between two moments, or nothing when it is none."""
    if since is None or until is None:
        return ""
    first = timezone.localdate(since)
    return next((label for label in labels(first) if bounds(label) == (since, until)), "")


def months(since: datetime, until: datetime) -> list[str]:
    """The months that lie in [since, until), in order."""
    day, found = timezone.localdate(since).replace(day=1), []
    while midnight(day) < until:
        found.append(f"{day.year:04}-{day.month:02}")
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def lock(label: str, *, author: User, reason: str) -> PeriodLock:
    """No new facts from now on but corrections that name their reason. Locking twice is one row."""
    return _turn(label, locked=True, author=author, reason=reason)


def unlock(label: str, *, author: User, reason: str) -> PeriodLock:
    """Facts may be written into the period again. Its locks and their reasons stay to be read."""
    return _turn(label, locked=False, author=author, reason=reason)


def _turn(label: str, *, locked: bool, author: User, reason: str) -> PeriodLock:
    days(label)
    if not reason.strip():
        raise Refused(_("Say why the period is locked or unlocked."))
    with transaction.atomic():
        hold(GATE)
        last = history(label).last()
        if last and last.locked == locked:
            return last
        if last is None and not locked:
            raise Refused(_("The period %(period)s is not locked.") % {"period": label})
        return PeriodLock.objects.create(
            period=label, locked=locked, reason=reason.strip(), author=author.ledger_key, at=timezone.now()
        )


def history(label: str):  # type: ignore[no-untyped-def]
    """What was decided about a period, oldest first."""
    return PeriodLock.objects.filter(period=label).order_by("pk")


def locked(labels: tuple[str, ...] | None = None, *, as_of: datetime | None = None) -> list[str]:
    """The periods that are locked now, or were at a moment, of these or of all."""
    rows = PeriodLock.objects.order_by("pk")
    if as_of is not None:
        rows = rows.filter(at__lte=as_of)
    if labels is not None:
        rows = rows.filter(period__in=labels)
    last = dict(rows.values_list("period", "locked"))
    return sorted(label for label, holds in last.items() if holds)


def are_closed(since: datetime, until: datetime, *, as_of: datetime | None = None) -> bool:
    """Whether every day between two moments lies in a locked period: the month, or a longer one around it."""
    closed = set(locked(as_of=as_of))
    return bool(closed) and all(closed & set(labels(days(month)[0])) for month in months(since, until))


def lock_over(moment: datetime) -> str:
    """The locked period that a moment lies in, or nothing. Holds off who would lock one until the end of the
    transaction: a fact is either before the lock or refused by it.
    """
    hold(GATE, shared=True)
    return next(iter(locked(labels_at(moment))), "")


def hold(key: int, *, shared: bool = False) -> None:
    """Keep others out until the end of the transaction. SQLite lets one write at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s)", [key])
