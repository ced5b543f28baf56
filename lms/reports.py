"""The bureau's figures. Every number on any page comes from here, counted from the rows of the ledger.

Somebody may change enterprise or city in the middle of an activity. A pair that is counted once (person × activity,
enterprise × activity, person × lesson, person × programme) therefore belongs to where its first fact in the period
stood, and only then is it asked of which city or enterprise that is: so cities add up to the whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.db.models import Max, QuerySet
from django.utils import timezone

from . import columns, counting, drilling, headings, periods, tallies
from .models import KeptFigures, Participation
from .scopes import NONE, Measures, Row, Scope, Table

__all__ = [
    "NONE", "Measures", "Row", "Scope", "Table", "add_rows", "add_source", "keep_public_figures", "measures",
    "public_figures", "rows", "table", "trend",
]  # fmt: skip

PUBLIC = "public"  # the name under which the figures of the home page are kept
PUBLIC_CACHE = "public-figures"
FRESH_FOR = 60  # seconds that a process keeps what it read, and that figures are at least apart
SHARE = 20  # counting may take the worker a twentieth of its time

Added = Mapping[str, Mapping[str, int]]
Source = Callable[[Scope, str], Added]
sources: list[Source] = []
kept_elsewhere: dict[str, Callable[[Scope], QuerySet[Any]]] = {}


def add_source(source: Source) -> None:
    """Feed figures that the ledger does not hold: `certificates`, `satisfied`, `answers`.

    A source is asked for a scope and for what the table is by ("" for the whole), and answers
    {code of the row: {figure: value}}; the whole has the code "".
    """
    sources.append(source)


def add_rows(measure: str, rows: Callable[[Scope], QuerySet[Any]]) -> None:
    """The rows behind a figure that a source feeds: so many as it says, each with what a page asks of a fact."""
    kept_elsewhere[measure] = rows


def measures(scope: Scope) -> Measures:
    """The figures of a scope: kept ones for a standard period of all or one city, else counted."""
    kept = tallies.kept(scope)
    found = kept if kept is not None else counting.total(columns.read(), scope)
    return replace(found, **_added(scope, "").get("", {}))


def table(scope: Scope, by: str = "city") -> Table:
    """A table by city, county, activity, kind, channel, track, chain, size, campaign or month.

    Rows that the bureau always prints are there with zeros; the total is counted, not added up.
    """
    if by not in headings.BY:
        raise ValueError(f"no table by {by}")
    found, whole = _months(scope) if by == "month" else _counted(scope, by)
    added, of_whole = _added(scope, by), _added(scope, "").get("", {})
    rows = tuple(
        Row(code, name, replace(found.get(code, Measures()), **added.get(code, {})))
        for code, name in headings.of(by, scope, {*found, *added})
    )
    return Table(by, scope, rows, replace(whole, **of_whole))


def _counted(scope: Scope, by: str) -> tuple[dict[str, Measures], Measures]:
    kept = tallies.kept_by_city(scope) if by == "city" else None
    found, whole = kept or counting.table(columns.read(), scope, by)
    return {code: figures for code, figures in found.items() if figures != Measures()}, whole


def _months(scope: Scope) -> tuple[dict[str, Measures], Measures]:
    labels = headings.months(scope)
    within = [(label, _cut(scope, *periods.bounds(label))) for label in labels]
    parts = [tallies.kept(part) for _label, part in within]
    if any(part is None for part in parts):
        book = columns.read()
        parts = [part or counting.total(book, cut) for part, (_label, cut) in zip(parts, within, strict=True)]
    whole = tallies.kept(scope) or counting.total(columns.read(), scope)
    return dict(zip(labels, parts, strict=True)), whole  # type: ignore[arg-type]


def _cut(scope: Scope, since: datetime, until: datetime) -> Scope:
    """The part of a scope that lies between two moments."""
    return replace(scope, since=max(since, scope.since or since), until=min(until, scope.until or until))


@dataclass(frozen=True)
class Point:
    """One step of a trend."""

    label: str  # 2026-07, 2026Q3, 2026H2, 2026, or a day
    since: datetime
    until: datetime
    measures: Measures


def trend(scope: Scope, step: str = "month") -> list[Point]:
    """The figures of each month, quarter, half, year or day of a scope, in order; steps without facts are zeros."""
    found = []
    for label, since, until in headings.steps(scope, step):
        cut = _cut(scope, since, until)
        found.append(Point(label, since, until, measures(cut)))
    return found


def rows(scope: Scope, measure: str = "") -> QuerySet[Any]:
    """The facts behind a figure, a row each: so many as the figure says, for hours one for each lesson.

    Without a measure all facts that happened within a scope, doubles included.
    """
    return kept_elsewhere[measure](scope) if measure in kept_elsewhere else drilling.rows(scope, measure)


def _added(scope: Scope, by: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for source in sources:
        for code, figures in source(scope, by).items():
            found.setdefault(code, {}).update(figures)
    return found


def public_figures() -> Measures:
    """Everything so far, for the home page, as last counted by the duty `keep_public_figures`.

    The request counts only in a school where that duty has never run.
    """
    known: Measures | None = cache.get(PUBLIC_CACHE)
    if known is None:
        kept = KeptFigures.objects.filter(name=PUBLIC).first()
        known = _read(kept.figures) if kept else counting.total(columns.read(), Scope())
        cache.set(PUBLIC_CACHE, known, FRESH_FOR)
    return known


def keep_public_figures() -> bool:
    """The periodic duty: count anew when the book grew. Returns whether it did."""
    kept = KeptFigures.objects.filter(name=PUBLIC).first()
    newest = Participation.objects.aggregate(pk=Max("pk"))["pk"] or 0
    now, began = timezone.now(), monotonic()
    if kept and (kept.upto == newest or now - kept.counted_at < _pause(kept.seconds)):
        return False
    figures = counting.total(columns.read(), Scope()).as_dict()
    KeptFigures.objects.update_or_create(
        name=PUBLIC,
        defaults={"figures": figures, "upto": newest, "counted_at": now, "seconds": monotonic() - began},
    )
    return True


def _pause(seconds: float) -> timedelta:
    return timedelta(seconds=max(FRESH_FOR, SHARE * seconds))


def _read(figures: dict[str, Any]) -> Measures:
    return Measures(**{**figures, "hours": Decimal(figures["hours"]), "minutes": Decimal(figures["minutes"])})
