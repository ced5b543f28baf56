"""The days that a table is about: a month, a quarter, a half, a year, or any two days; the last one counts too."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

MONTH, QUARTER, HALF, YEAR, CUSTOM = KINDS = ("month", "quarter", "half", "year", "custom")
MONTHS = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
DAY = timedelta(days=1)
CHINESE_QUARTERS = "一二三四"


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Span:
    """From the morning of the first day to the evening of the last, in the time of the school."""

    kind: str
    first: date
    last: date
    end: date  # of the month, quarter, half or year; `last` is earlier while it is running

    @property
    def since(self) -> datetime:
        return _morning(self.first)

    @property
    def until(self) -> datetime:
        """The first moment that does not belong to it."""
        return _morning(self.last + DAY)

    @property
    def running(self) -> bool:
        return self.last < self.end

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def name(self) -> str:
        """In the reader's language."""
        year, part = self.first.year, (self.first.month - 1) // MONTHS.get(self.kind, 1) + 1
        names = {
            MONTH: _("%(year)d-%(month)s"),
            QUARTER: _("Quarter %(part)d of %(year)d"),
            HALF: _("First half of %(year)d") if part == 1 else _("Second half of %(year)d"),
            YEAR: _("Year %(year)d"),
            CUSTOM: _("%(first)s to %(last)s"),
        }
        values = {"year": year, "part": part, "month": f"{part:02}", "first": self.first, "last": self.last}
        return names[self.kind] % values

    @property
    def chinese(self) -> str:
        """As it stands in the head of an official table, whatever the language of the reader."""
        year, part = self.first.year, (self.first.month - 1) // MONTHS.get(self.kind, 1)
        if self.kind == MONTH:
            return f"{year}年{part + 1}月"
        if self.kind == QUARTER:
            return f"{year}年第{CHINESE_QUARTERS[part]}季度"
        if self.kind == HALF:
            return f"{year}年{'上下'[part]}半年"
        return f"{year}年" if self.kind == YEAR else f"{self.first}至{self.last}"


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def choose(kind: str, *, today: date, first: date | None = None, last: date | None = None) -> Span:
    """What the picker means today. Half is always 上半年. Raises Refused for days that make no period."""
    if kind == CUSTOM:
        return between(first, last, today=today)
    if kind == HALF:
        return natural(HALF, min(today, date(today.year, 6, 30)), today=today)
    return natural(kind if kind in MONTHS else QUARTER, today, today=today)


def between(first: date | None, last: date | None, *, today: date) -> Span:
    """Two days, and which month, quarter, half or year they are, if they are one."""
    if first is None or last is None:
        raise Refused(_("Give the first and the last day."))
    if last < first:
        raise Refused(_("The last day is before the first one."))
    if first < EARLIEST or last > LATEST:
        raise Refused(_("Give days between the years 2000 and 2100."))
    starting = [whole for whole in (natural(kind, first, today=LATEST) for kind in MONTHS) if whole.first == first]
    for whole in starting:
        if last == whole.end:
            return whole
    for whole in starting:
        if last == today < whole.end:
            return Span(whole.kind, first, last, whole.end)
    return Span(CUSTOM, first, last, last)


def moment(asked: datetime | None) -> datetime | None:
    """When the book is read as it stood: a moment that has come. Raises Refused for any other: what it will hold then
    nobody can say again."""
    if asked is None:
        return None
    if not EARLIEST.year < asked.year < LATEST.year:  # so that no clock of another place leaves the calendar
        raise Refused(_("Give a moment between the years 2000 and 2100."))
    aware = asked if timezone.is_aware(asked) else timezone.make_aware(asked)
    if aware > timezone.now():
        raise Refused(_("This moment has not come yet. The book can be read as it stood at one that has."))
    return aware


def natural(kind: str, day: date, *, today: date) -> Span:
    """The month, quarter, half or year of a day, as far as it has come."""
    months = MONTHS[kind]
    month = (day.month - 1) // months * months + 1
    first = date(day.year, month, 1)
    closing = month + months - 1
    end = date(day.year, closing, calendar.monthrange(day.year, closing)[1])
    return Span(kind, first, max(first, min(end, today)), end)


def before(span: Span) -> Span:
    """What a span is compared with: as many days of the one before while it is running, else the whole of it."""
    if span.kind == CUSTOM:
        last = span.first - DAY
        first = last - timedelta(days=span.days - 1)
        return Span(CUSTOM, first, last, last)
    whole = natural(span.kind, span.first - DAY, today=LATEST)
    if not span.running:
        return whole
    return Span(whole.kind, whole.first, min(whole.end, whole.first + timedelta(days=span.days - 1)), whole.end)


def neighbours(span: Span, *, today: date) -> tuple[Span, Span | None]:
    """The one before, and the one after unless it is still to come."""
    earlier = before(Span(span.kind, span.first, span.end, span.end))
    start = span.end + DAY
    if start > today:
        return earlier, None
    if span.kind == CUSTOM:
        last = start + timedelta(days=span.days - 1)
        return earlier, Span(CUSTOM, start, last, last)
    return earlier, natural(span.kind, start, today=today)
