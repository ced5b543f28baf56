"""The rows of the bureau's tables in official order, with their names; also those in which nothing happened."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from . import periods
from .models import Activity, ActivityFacts, Enterprise, IndustryChain, Participation, Region
from .scopes import NONE, Scope
from .tracks import TRACKS

Heads = list[tuple[str, str]]
STEPS = {"year": 0, "half": 1, "quarter": 2, "month": 3}  # the place of each in periods.labels


def of(by: str, scope: Scope, found: set[str]) -> Heads:
    """(code, name) of each row of a table; `found` are the codes that have figures."""
    return BY[by](scope, found - {""})


def _cities(scope: Scope, found: set[str]) -> Heads:
    known = {row.code: str(row) for row in Region.objects.statistical().current()}
    if scope.cities is not None:
        known = {code: name for code, name in known.items() if code in scope.cities}
    elif scope.province:
        known = {code: name for code, name in known.items() if _province(code) == scope.province or code in found}
    return [*known.items(), *_as_written("city", found - set(known))]


def _province(code: str) -> str:
    return f"{code[:2]}0000" if code.isdigit() else code


def _as_written(place: str, codes: set[str]) -> Heads:
    """Places that are on no list of today, by the name that the ledger copied."""
    if not codes - {NONE}:
        return []
    rows = Participation.objects.filter(**{f"{place}_code__in": codes}).order_by()
    names = dict(rows.values_list(f"{place}_code", f"{place}_name").distinct())
    return sorted((code, names.get(code, code)) for code in codes - {NONE})


def _counties(scope: Scope, found: set[str]) -> Heads:
    """With a city all its counties, else those with figures."""
    listed = Region.objects.current().filter(level=Region.Level.COUNTY).order_by("code")
    listed = listed.filter(parent__code__in=scope.cities) if scope.cities else listed.filter(code__in=found)
    if scope.county:
        listed = listed.filter(code=scope.county)
    known = {row.code: str(row) for row in listed}
    return [*known.items(), *_as_written("county", found - set(known)), *_without(found)]


def _without(found: set[str]) -> Heads:
    return [(NONE, _("Not given"))] if NONE in found else []


def _activities(scope: Scope, found: set[str]) -> Heads:
    rows = ActivityFacts.objects.known(scope.as_of).filter(key__in=found).order_by("starts_on", "key")
    return list(rows.values_list("key", "title"))


def _kinds(scope: Scope, found: set[str]) -> Heads:
    return [(code, str(name)) for code, name in Activity.Kind.choices]


def _channels(scope: Scope, found: set[str]) -> Heads:
    return [(code, str(name)) for code, name in Participation.Channel.choices]


def _tracks(scope: Scope, found: set[str]) -> Heads:
    return [*((track.key, str(track.name)) for track in TRACKS.values()), *_without(found)]


def _chains(scope: Scope, found: set[str]) -> Heads:
    rows = IndustryChain.objects.filter(in_use=True) | IndustryChain.objects.filter(code__in=found)
    known = {row.code: str(row) for row in rows.order_by("code")}
    strange = [(code, code) for code in sorted(found - set(known) - {NONE})]
    return [*known.items(), *strange, *_without(found)]


def _sizes(scope: Scope, found: set[str]) -> Heads:
    return [(code, str(name)) for code, name in Enterprise.Size.choices]


def _campaigns(scope: Scope, found: set[str]) -> Heads:
    return [*((label, label) for label in sorted(found - {NONE})), *_without(found)]


def _months(scope: Scope, found: set[str]) -> Heads:
    return [(label, label) for label in months(scope)]


BY: dict[str, Callable[[Scope, set[str]], Heads]] = {
    "city": _cities, "county": _counties, "activity": _activities, "kind": _kinds, "channel": _channels,
    "track": _tracks, "chain": _chains, "size": _sizes, "campaign": _campaigns, "month": _months,
}  # fmt: skip


OF_ACTIVITIES = ("activity", "kind", "track", "campaign")  # what a table is by that the facts of activities say


def activities(as_of: datetime | None) -> dict[int, dict[str, Any]]:
    """What the book knew of each activity at that moment. Every figure goes by this and not by the activity."""
    known = ActivityFacts.objects.known(as_of)
    return {row["activity"]: row for row in known.values("activity", "key", "kind", "track", "campaigns")}


def labels(activity: dict[str, Any] | None, by: str) -> list[str]:
    """The rows of a table in which an activity counts; nothing is known of one of which nothing is written down yet."""
    if activity is None:
        return [NONE]
    if by == "campaign":
        return list(activity["campaigns"]) or [NONE]
    return [activity["key" if by == "activity" else by] or NONE]


def months(scope: Scope) -> list[str]:
    return [label for label, _since, _until in steps(scope, "month")]


def steps(scope: Scope, step: str) -> Iterator[tuple[str, datetime, datetime]]:
    """(label, since, until) of each step that a scope touches. Without an end the facts themselves are the end."""
    since, until = scope.since, scope.until
    if since is None or until is None:
        ends = Participation.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
        if ends["first"] is None:
            return
        since, until = since or ends["first"], until or ends["last"] + timedelta(microseconds=1)
    day = timezone.localdate(since)
    while periods.midnight(day) < until:
        label, first, after = _step(day, step)
        yield label, periods.midnight(first), periods.midnight(after)
        day = after


def _step(day: date, step: str) -> tuple[str, date, date]:
    if step == "day":
        return day.isoformat(), day, periods.day_after(day)
    label = periods.labels(day)[STEPS[step]]
    return label, *periods.days(label)
