"""Counting over the columns of the book, by the definitions of the bureau.

Of a pair that is counted once (person × activity, enterprise × activity, person × lesson, person × programme) the
first fact in the period decides to which place, size and chain it belongs. So cities add up to the whole.
"""

import json
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from . import headings
from .columns import NEVER, REVERSAL, Arrays, Book
from .models import Enterprise
from .scopes import NONE, Measures, Scope

Array = np.ndarray[Any, Any]
FLAGS = 30_000_000  # cells of (group, thing) that are marked in memory; more are sorted
FEW = 20_000  # rows that are sorted rather than scattered
UNSIZED = str(Enterprise.Size.UNKNOWN)


class Facts:
    """The standing facts of a period, of some activities and channels, in the order in which they happened."""

    def __init__(self, book: Book, scope: Scope):
        self.book, self.scope = book, scope
        self.old = self._chosen(book.image.arrays, young=False)
        self.young = self._chosen(book.tail, young=True)
        self.known: Arrays = {}

    def __len__(self) -> int:
        return len(self.old) + len(self.young)

    def column(self, name: str) -> Array:
        if name not in self.known:
            column = self.book.image.arrays[name][self.old]
            if len(self.young):
                column = np.concatenate([column, self.book.tail[name][self.young]])[self._order]
            self.known[name] = column
        return self.known[name]

    @cached_property
    def _order(self) -> Array:
        when = [self.book.image.arrays["occurred"][self.old], self.book.tail["occurred"][self.young]]
        return np.argsort(np.concatenate(when), kind="stable")

    def code(self, name: str, value: str) -> int:
        """-1 for a value that no row has."""
        return self.book.lexicons[name].get(value, -1)

    def values(self, name: str) -> list[Any]:
        """The values in the order of their codes."""
        return list(self.book.lexicons[name])

    @cached_property
    def activities(self) -> dict[int, dict[str, Any]]:
        """What the book knew of each activity at the moment of the scope."""
        return headings.activities(self.scope.as_of)

    @cached_property
    def _narrow(self) -> Array | None:
        """Whether the activity with that key belongs to the scope, or None when all do."""
        scope = self.scope
        wanted = {"key": scope.activity, "kind": scope.kind, "track": scope.track}
        if not any(wanted.values()) and not scope.campaign:
            return None
        right = [pk for pk, row in self.activities.items() if _fits(row, wanted, scope.campaign)]
        flags = np.zeros(max(self.activities, default=0) + 2, bool)
        flags[right] = True
        return flags

    def _chosen(self, arrays: Arrays, *, young: bool) -> Array:
        """The places of the rows that belong here."""
        occurred, scope = arrays["occurred"], self.scope
        low = int(np.searchsorted(occurred, micro(scope.since))) if scope.since else 0
        high = int(np.searchsorted(occurred, micro(scope.until))) if scope.until else len(occurred)
        here = slice(low, high)
        right = self._standing(arrays, here, young=young)
        if self._narrow is not None:
            # Its last place is that of all activities younger than those that are known.
            right &= self._narrow[np.minimum(arrays["activity"][here], len(self._narrow) - 1)]
        if scope.channel:
            right &= arrays["channel"][here] == self.code("channel", scope.channel)
        return np.flatnonzero(right) + low

    def _standing(self, arrays: Arrays, here: slice, *, young: bool) -> Array:
        until = micro(self.scope.as_of) if self.scope.as_of else NEVER - 1
        right = arrays["taken"][here] > until
        right &= arrays["kind"][here] != self.code("kind", REVERSAL)
        if self.scope.as_of:
            right &= arrays["recorded"][here] <= until
        ids, when = self.book.taken_back
        if len(ids) and not young:
            right &= ~np.isin(arrays["id"][here], ids[when <= until])
        return right


def _fits(row: dict[str, Any], wanted: dict[str, str], campaign: str) -> bool:
    if any(value and row[name] != ("" if value == NONE else value) for name, value in wanted.items()):
        return False
    return not campaign or (not row["campaigns"] if campaign == NONE else campaign in row["campaigns"])


def micro(moment: datetime) -> int:
    """Microseconds since 1970, without a detour over floating point."""
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + moment.microsecond


@dataclass
class Groups:
    """To which group each fact belongs: `codes` by fact, `labels` by code."""

    codes: Array
    labels: list[str]


class Decided:
    """Of each pair the fact that decides, among some of the facts; then what is counted of them."""

    def __init__(self, facts: Facts, rows: Array | None = None, where: Array | None = None):
        self.facts = facts
        rows = np.arange(len(facts)) if rows is None else rows
        finished = facts.column("kind")[rows] == facts.code("kind", "programme")
        present = rows[~finished]
        named = present[facts.column("firm")[present] != facts.code("firm", "")]
        self.attended = self._first("attended", present)
        self.represented = self._first("represented", named)
        self.studied = self._first("studied", present)
        self.best = self._best(present)
        self.graduated = self._first("studied", rows[finished])
        if where is not None:
            self._keep(where)

    def among(self, where: Array) -> "Decided":
        """Those of the deciding facts for which `where` is true; nothing is decided anew."""
        part = copy(self)
        part._keep(where)
        return part

    def _keep(self, where: Array) -> None:
        self.best = self.best[where[self.studied]]
        for name in ("attended", "represented", "studied", "graduated"):
            chosen = getattr(self, name)
            setattr(self, name, chosen[where[chosen]])

    def _first(self, pair: str, rows: Array) -> Array:
        codes = self.facts.column(pair)[rows]
        if len(rows) <= FEW:
            return rows[np.unique(codes, return_index=True)[1]]
        first = np.full(self.facts.book.sizes[pair], -1, np.int64)
        first[codes[::-1]] = np.arange(len(rows) - 1, -1, -1)  # of equal codes the last one written stays
        return rows[first[first >= 0]]

    def _best(self, present: Array) -> Array:
        """The credit of each deciding fact: the best of its pair. Few lessons are studied twice in a period."""
        minutes = self.facts.column("minutes")
        best = minutes[self.studied].astype(np.int64)
        if len(present) == len(self.studied):
            return best
        codes = self.facts.column("studied")
        later = np.ones(len(self.facts), bool)
        later[self.studied] = False
        again = present[later[present]]
        places = np.searchsorted(codes[self.studied], codes[again])  # deciding facts come in the order of their pairs
        np.maximum.at(best, places, minutes[again])
        return best

    def figures(self) -> Measures:
        return next(iter(self.by(Groups(np.zeros(len(self.facts), np.int8), [""])).values()))

    def by(self, groups: Groups) -> dict[str, Measures]:
        """The figures of each group that has any."""
        many, column = len(groups.labels), self.facts.column

        def counted(chosen: Array) -> Array:
            return np.bincount(groups.codes[chosen], minlength=many)

        def distinct(chosen: Array, what: str) -> Array:
            return _distinct(groups.codes[chosen], column(what)[chosen], many)

        minutes = np.bincount(groups.codes[self.studied], weights=self.best, minlength=many)
        figures = {
            "sessions": distinct(self.attended, "activity"),
            "attendances": counted(self.attended),
            "persons": distinct(self.attended, "person"),
            "enterprise_attendances": counted(self.represented),
            "enterprises": distinct(self.represented, "firm"),
            "graduates": counted(self.graduated),
        }
        return {
            label: Measures.of_tenths(
                round(minutes[code]), **{name: int(found[code]) for name, found in figures.items()}
            )
            for code, label in enumerate(groups.labels)
        }

    def sessions(self, groups: Groups) -> Iterator[tuple[str, int, int]]:
        """(group, activity, how many attended) of those that somebody attended."""
        activities = self.facts.column("activity")[self.attended].astype(np.int64)
        keys, many = np.unique(groups.codes[self.attended].astype(np.int64) << 32 | activities, return_counts=True)
        for key, count in zip(keys.tolist(), many.tolist(), strict=True):
            yield groups.labels[key >> 32], key & 0xFFFFFFFF, count


def _distinct(groups: Array, things: Array, many: int) -> Array:
    """How many different things each group has."""
    if not len(things):
        return np.zeros(many, np.int64)
    size = int(things.max()) + 1
    if many * size <= FLAGS:
        flags = np.zeros(many * size, bool)
        flags[groups.astype(np.int64) * size + things] = True
        return flags.reshape(many, size).sum(axis=1)
    pairs = np.unique(groups.astype(np.int64) * size + things)
    return np.bincount(pairs // size, minlength=many)


# --- where people stood ---


def places(facts: Facts) -> Array | None:
    """Whether each fact stands where the scope asks, or None when it may stand anywhere."""
    scope, right = facts.scope, []
    if scope.cities is not None:
        right.append(_among(facts, "city", scope.cities))
    for name, value in (("province", scope.province), ("county", scope.county), ("firm", scope.enterprise)):
        if value:
            right.append(_among(facts, name, ("",) if value == NONE else (value,)))
    if scope.size:
        right.append(_among(facts, "size", ("", UNSIZED) if scope.size == UNSIZED else (scope.size,)))
    if scope.chain:
        right.append(_in_chain(facts, scope.chain))
    return np.logical_and.reduce(right) if right else None


def _among(facts: Facts, name: str, values: tuple[str, ...]) -> Array:
    return np.isin(facts.column(name), [facts.code(name, value) for value in values])


def _in_chain(facts: Facts, chain: str) -> Array:
    sets = [json.loads(text) for text in facts.values("chains")]
    right = np.array([not chains if chain == NONE else chain in chains for chains in sets], bool)
    return right[facts.column("chains")]


def _stood(name: str) -> Callable[[Facts], Groups]:
    return lambda facts: Groups(facts.column(name), [value or NONE for value in facts.values(name)] or [NONE])


def _sizes(facts: Facts) -> Groups:
    values = facts.values("size") or [""]
    labels = sorted({value or UNSIZED for value in values})
    renamed = np.array([labels.index(value or UNSIZED) for value in values])
    return Groups(renamed[facts.column("size")], labels)


STOOD = {"city": _stood("city"), "county": _stood("county"), "size": _sizes}


# --- what is asked ---


def total(book: Book, scope: Scope) -> Measures:
    facts = Facts(book, scope)
    return Decided(facts, where=places(facts)).figures()


def table(book: Book, scope: Scope, by: str) -> tuple[dict[str, Measures], Measures]:
    """The figures by value of `by`, and of the whole."""
    facts = Facts(book, scope)
    where = places(facts)
    whole = Decided(facts, where=where)
    if by in STOOD:
        return whole.by(STOOD[by](facts)), whole.figures()
    if by == "chain":
        return _by_chain(facts, whole), whole.figures()
    return {label: Decided(facts, rows, where).figures() for label, rows in _parts(facts, by)}, whole.figures()


def _by_chain(facts: Facts, whole: Decided) -> dict[str, Measures]:
    """An enterprise may belong to several: these rows overlap."""
    named = {chain for text in facts.values("chains") for chain in json.loads(text)}
    return {chain: whole.among(_in_chain(facts, chain)).figures() for chain in [*sorted(named), NONE]}


def _parts(facts: Facts, by: str) -> Iterator[tuple[str, Array]]:
    """The facts of each channel, activity or group of activities."""
    if by == "channel":
        for code, value in enumerate(facts.values("channel")):
            yield value, np.flatnonzero(facts.column("channel") == code)
        return
    order = np.argsort(facts.column("activity"), kind="stable")
    found, starts = np.unique(facts.column("activity")[order], return_index=True)
    of_activity = dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True)) if len(found) else {}
    groups: dict[str, list[Array]] = {}
    for activity, rows in of_activity.items():
        for label in headings.labels(facts.activities.get(activity), by):
            groups.setdefault(label, []).append(rows)
    for label, parts in groups.items():
        yield label, np.sort(np.concatenate(parts)) if len(parts) > 1 else parts[0]
