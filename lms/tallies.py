"""Kept tallies: the figures of every month, quarter, half and year, of all and of each city.

Who writes a fact leaves its number beside it, in the same transaction. Whoever asks first takes such numbers up: what
the person and the enterprise of a fact added to each period before it and after it are both worked out from their own
rows, so that late rows, reversals and reversals of first facts need no rules of their own. Many at once, and periods
that nobody has kept so far, are counted from the whole book. One at a time does this; writers wait for nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from . import columns, counting, periods
from .models import KeptSession, KeptTally, Participation, UncountedFact
from .scopes import Measures, Scope
from .shares import Cells, Fact, of_firm, of_person, standing

FEW = 2_000  # facts taken up one by one; more are counted from the whole book
TURN = 5_110_014  # the advisory lock of who keeps the tallies
ALL = ""  # the city of a cell that counts all of them
NAMES = ("sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "minutes", "graduates")
BUDGET = 20.0  # seconds that the duty spends on periods nobody kept so far


def kept(scope: Scope) -> Measures | None:
    """The kept figures of a standard period, of all or one city; None for what is not kept."""
    label = _label(scope)
    if not label or (scope.cities is not None and len(scope.cities) != 1):
        return None
    catch_up()
    city = scope.cities[0] if scope.cities else ALL
    cells = {cell.city: cell for cell in KeptTally.objects.filter(period=label, city__in=[ALL, city])}
    return _measures(cells.get(city)) if ALL in cells else None


def kept_by_city(scope: Scope) -> tuple[dict[str, Measures], Measures] | None:
    """The kept figures of each city and of the whole in a standard period; None for what is not kept."""
    label = _label(scope)
    if not label or scope.cities is not None:
        return None
    catch_up()
    cells = {cell.city: _measures(cell) for cell in KeptTally.objects.filter(period=label)}
    return (cells, cells.pop(ALL)) if ALL in cells else None


def _label(scope: Scope) -> str:
    plain = replace(scope, cities=None) == Scope(since=scope.since, until=scope.until)
    return scope.period if plain else ""


def _measures(cell: KeptTally | None) -> Measures:
    if cell is None:
        return Measures()
    figures = {name: getattr(cell, name) for name in NAMES if name != "minutes"}
    return Measures.of_tenths(int(cell.minutes * 10), **figures)


def catch_up() -> int:
    """Take up all facts that the tallies do not know yet. Says how many there were."""
    if not UncountedFact.objects.exists():
        return 0
    if UncountedFact.objects.count() > FEW:
        columns.renew()
    with transaction.atomic():
        periods.hold(TURN)
        fresh = _uncounted()
        labels = _labels(fresh)
        known = KeptTally.objects.filter(period__in=labels, city=ALL).count()
        if len(fresh) > FEW or known < len(labels):
            return _rebuild()
        _add(fresh)
        UncountedFact.objects.filter(participation__in=fresh).delete()
    return len(fresh)


def _uncounted() -> list[int]:
    return list(UncountedFact.objects.order_by("participation").values_list("participation", flat=True))


def _labels(fresh: list[int]) -> set[str]:
    if len(fresh) > FEW:
        return set()
    moments = Participation.objects.filter(pk__in=fresh).values_list("occurred_at", flat=True)
    return {label for moment in moments for label in periods.labels_at(moment)}


# --- from the whole book ---


def _rebuild() -> int:
    """Count all periods anew that uncounted facts lie in. No fact is written meanwhile."""
    periods.hold(periods.GATE)
    fresh = _uncounted()
    labels: set[str] = set()
    for start in range(0, len(fresh), FEW):
        labels |= _labels(fresh[start : start + FEW])
    book = columns.read()
    for label in sorted(labels):
        _count(book, label)
    return UncountedFact.objects.all().delete()[0]


def build(label: str) -> None:
    """Count a period from the whole book and keep it. The image is renewed first, while nobody waits for a lock."""
    columns.renew()
    with transaction.atomic():
        periods.hold(TURN)
        if UncountedFact.objects.exists():
            catch_up()
        periods.hold(periods.GATE)
        catch_up()
        _count(columns.read(), label)


def missing() -> list[str]:
    """The periods between the first and the last fact that nobody has kept so far, the youngest first."""
    ends = Participation.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    if ends["first"] is None:
        return []
    known = set(KeptTally.objects.filter(city=ALL).values_list("period", flat=True))
    months = periods.months(ends["first"], ends["last"] + timedelta(microseconds=1))
    wanted = {label for month in months for label in periods.labels(periods.days(month)[0])}
    return sorted(wanted - known, reverse=True)


def keep() -> int:
    """The periodic duty: take up what was written, and count periods that are not kept, as many as time allows.

    Interrupted at any moment, it goes on with the next period. Says how many periods it counted.
    """
    began, counted = monotonic(), 0
    catch_up()
    for label in missing():
        if monotonic() - began > BUDGET:
            break
        build(label)
        counted += 1
    return counted


def _count(book: columns.Book, label: str) -> None:
    cells, sessions = _counted(book, label)
    KeptTally.objects.filter(period=label).delete()
    KeptSession.objects.filter(period=label).delete()
    KeptTally.objects.bulk_create(
        KeptTally(period=label, city=city, **{name: getattr(found, name) for name in NAMES})
        for city, found in cells.items()
    )
    KeptSession.objects.bulk_create(
        (
            KeptSession(period=label, city=city, activity_id=activity, attendances=many)
            for (city, activity), many in sessions.items()
        ),
        batch_size=2_000,
    )


def _counted(book: columns.Book, label: str) -> tuple[dict[str, Measures], dict[tuple[str, int], int]]:
    """The cells of a period as the book says, and who attended what."""
    facts = counting.Facts(book, Scope.of_period(label))
    decided = counting.Decided(facts)
    cities = counting.STOOD["city"](facts)
    cells = {city: found for city, found in decided.by(cities).items() if found != Measures()}
    sessions: Counter[tuple[str, int]] = Counter()
    for city, activity, many in decided.sessions(cities):
        sessions[city, activity] = many
        sessions[ALL, activity] += many
    return {**cells, ALL: decided.figures()}, dict(sessions)


def differences(book: columns.Book | None = None) -> list[str]:
    """Where kept figures are not what the book says, in words; nothing when they hold."""
    if book is None or UncountedFact.objects.exists():
        catch_up()
        book = columns.read()
    labels = KeptTally.objects.filter(city=ALL).order_by("period").values_list("period", flat=True)
    suspected = [label for label in labels if _differences_of(label, book)]
    if not suspected:
        return []
    with transaction.atomic():  # a fact written since the book was read is none
        periods.hold(TURN)
        periods.hold(periods.GATE)
        catch_up()
        book = columns.read(anew=True)
        return [words for label in suspected for words in _differences_of(label, book)]


def _differences_of(label: str, book: columns.Book) -> list[str]:
    found = []
    cells, sessions = _counted(book, label)
    kept_cells = {cell.city: _measures(cell) for cell in KeptTally.objects.filter(period=label)}
    for city in sorted({*cells, *kept_cells}):
        if cells.get(city, Measures()) != kept_cells.get(city, Measures()):
            found.append(f"the kept tally of {label} {city or 'in all'} differs from the book")
    rows = KeptSession.objects.filter(period=label).exclude(attendances=0)
    if {(row.city, row.activity_id): row.attendances for row in rows} != sessions:
        found.append(f"the kept sessions of {label} differ from the book")
    return found


# --- one by one ---


def _add(fresh: list[int]) -> None:
    new = set(fresh)
    rows = list(Participation.objects.filter(pk__in=fresh).values_list("person", "enterprise_uscc", "occurred_at"))
    touched: dict[Any, set[str]] = defaultdict(set)
    for person, firm, moment in rows:
        labels = periods.labels_at(moment)
        touched[person].update(labels)
        touched[firm].update(labels)
    touched.pop("", None)
    years = [label for labels in touched.values() for label in labels if len(label) == 4]
    since, until = periods.bounds(min(years))[0], periods.bounds(max(years))[1]
    of_people = _facts("person", [who for who in touched if not isinstance(who, str)], since, until)
    of_firms = _facts("enterprise_uscc", [who for who in touched if isinstance(who, str)], since, until)
    others = set(_uncounted()) - new  # written since: neither before nor after
    change = Cells()
    for found, share in ((of_people, of_person), (of_firms, of_firm)):
        for who, facts in found.items():
            known = [fact for fact in facts if fact.pk not in others]
            after = share(standing(known), touched[who])
            before = share(standing(fact for fact in known if fact.pk not in new), touched[who])
            change.add(after, before)
    _save(change)


def _facts(field: str, who: Iterable[Any], since: datetime, until: datetime) -> dict[Any, list[Fact]]:
    found: dict[Any, list[Fact]] = defaultdict(list)
    keys = list(who)
    for start in range(0, len(keys), 500):
        chosen = {f"{field}__in": keys[start : start + 500], "occurred_at__gte": since, "occurred_at__lt": until}
        rows = Participation.objects.filter(**chosen).values_list(
            field, "pk", "kind", "activity_id", "unit", "minutes", "city_code", "occurred_at", "reverses_id"
        )
        for key, pk, kind, activity, unit, minutes, city, at, reverses in rows.iterator(5_000):
            labels = periods.labels_at(at)
            found[key].append(Fact(pk, kind, activity, unit, minutes, city, at, reverses, labels))
    return found


def _save(change: Cells) -> None:
    labels = {label for label, _city in change.figures} | {label for label, _city, _activity in change.sessions}
    _save_sessions(change, labels)
    cells = {(cell.period, cell.city): cell for cell in KeptTally.objects.filter(period__in=labels)}
    changed = []
    for (label, city), figures in change.figures.items():
        if not any(figures.values()):
            continue
        cell = cells.get((label, city)) or KeptTally(period=label, city=city)
        for name, more in figures.items():
            value = getattr(cell, name)
            setattr(cell, name, value + (Decimal(more) / 10 if name == "minutes" else more))
        changed.append(cell)
    KeptTally.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["period", "city"], update_fields=list(NAMES)
    )


def _save_sessions(change: Cells, labels: set[str]) -> None:
    moved = {key: more for key, more in change.sessions.items() if more}
    if not moved:
        return
    activities = {activity for _label, _city, activity in moved}
    rows = KeptSession.objects.filter(period__in=labels, activity__in=activities)
    known = {(row.period, row.city, row.activity_id): row.attendances for row in rows}
    made = []
    for (label, city, activity), more in moved.items():
        before = known.get((label, city, activity), 0)
        after = before + more
        change.figures[label, city]["sessions"] += (after > 0) - (before > 0)
        made.append(KeptSession(period=label, city=city, activity_id=activity, attendances=after))
    KeptSession.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["period", "activity", "city"], update_fields=["attendances"]
    )
