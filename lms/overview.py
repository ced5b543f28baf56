"""The desk of the bureau as one answer: figures beside those of the period before, map, trend, table, lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from . import charts, columns, counting, definitions, periods, reports, timespans
from .bureau import Question
from .charts import Bars, TileMap
from .definitions import Definition
from .reports import Measures, Table
from .timespans import Span

Number = int | Decimal
DAILY, WEEKLY = 31, 184  # days of the longest period that is drawn by days, by weeks


@dataclass(frozen=True)
class Change:
    """Against the period before, in words: colour alone says nothing."""

    words: str
    down: bool
    before: Number


@dataclass(frozen=True)
class Figure:
    definition: Definition
    value: Number
    change: Change


@dataclass(frozen=True)
class Lock:
    """Of the period that is shown, when it is one that can be locked."""

    label: str  # 2026Q3
    locked: bool


@dataclass(frozen=True)
class Point:
    """A day, a week as far as it lies in the period, or a month."""

    span: Span
    measures: Measures

    @property
    def short(self) -> str:
        return f"{self.span.first:%m-%d}" if self.span.kind == timespans.CUSTOM else f"{self.span.first:%Y-%m}"


@dataclass(frozen=True)
class Overview:
    question: Question
    before: Span
    as_of: object
    figures: tuple[Figure, ...]
    table: Table
    map: TileMap | None
    trend: Bars
    points: tuple[Point, ...]
    lock: Lock | None

    @property
    def empty(self) -> bool:
        total = self.table.total
        return not (total.attendances or total.graduates or total.certificates)

    @property
    def moved(self) -> dict[str, int]:
        """By how many people and enterprises the rows are more than the whole: those who moved in the period."""
        return {name: self._more(name) for name in ("persons", "enterprises")}

    def _more(self, name: str) -> int:
        return sum(getattr(row.measures, name) for row in self.table.rows) - getattr(self.table.total, name)


def overview(question: Question) -> Overview:
    before = timespans.before(question.span)
    table = reports.table(question.scope(), by=question.by)
    former = reports.measures(question.scope(before))
    points = tuple(_trend(question))
    return Overview(
        question=question,
        before=before,
        as_of=question.as_of or timezone.now(),
        figures=tuple(_figure(each, table.total, former) for each in definitions.MAIN),
        table=table,
        map=_map(table) if table.by == "city" else None,
        trend=charts.bars([(point.short, point.measures.attendances) for point in points]),
        points=points,
        lock=lock_of(question.span),
    )


def _map(table: Table) -> TileMap:
    return charts.tile_map({row.code: row.measures.attendances for row in table.rows})


def _trend(question: Question) -> list[Point]:
    """The book is opened once for all of them."""
    book = columns.read()
    return [Point(each, counting.total(book, question.scope(each))) for each in steps(question.span)]


def steps(span: Span) -> list[Span]:
    """Days, weeks from Monday or months: so that there are some bars, and not too many."""
    found, day = [], span.first
    while day <= span.last:
        last = min(_last_of_step(span, day), span.last)
        monthly = span.days > WEEKLY
        found.append(Span(timespans.MONTH if monthly else timespans.CUSTOM, day, last, last))
        day = last + timespans.DAY
    return found


def _last_of_step(span: Span, day: date) -> date:
    if span.days <= DAILY:
        return day
    if span.days <= WEEKLY:
        return day + timedelta(days=6 - day.weekday())
    return timespans.natural(timespans.MONTH, day, today=timespans.LATEST).end


def _figure(definition: Definition, now: Measures, before: Measures) -> Figure:
    value, former = getattr(now, definition.key), getattr(before, definition.key)
    return Figure(definition, value, change(value, former, absolute=definition.key == "sessions"))


def change(value: Number, before: Number, *, absolute: bool = False) -> Change:
    """Sessions are so few that a share of them would say little."""
    if value == before:
        return Change(_("The same"), False, before)
    down = value < before
    difference = abs(Decimal(value) - Decimal(before))
    if absolute or not before:
        words = _("%(n)s less") if down else _("%(n)s more")
        return Change(words % {"n": f"{difference:,}"}, down, before)
    percent = f"{100 * difference / Decimal(before):.1f}"
    words = _("Down %(percent)s%%") if down else _("Up %(percent)s%%")
    return Change(words % {"percent": percent}, down, before)


def lock_of(span: Span) -> Lock | None:
    """Of a month, quarter, half or year: any other days cannot be locked as one."""
    label = label_of(span)
    return Lock(label, label in periods.locked((label,))) if label else None


def label_of(span: Span) -> str:
    """2026, 2026H1, 2026Q3 or 2026-07: what a lock is called."""
    if span.kind == timespans.CUSTOM:
        return ""
    places: Sequence[str] = (timespans.YEAR, timespans.HALF, timespans.QUARTER, timespans.MONTH)
    return periods.labels(span.first)[places.index(span.kind)]
