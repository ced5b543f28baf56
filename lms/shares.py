"""What one person, or one enterprise, adds to the cells of the kept tallies, from their own facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .models import Participation

Kind = Participation.Kind
ALL = ""


@dataclass(frozen=True)
class Fact:
    pk: int
    kind: str
    activity: int
    unit: str
    minutes: Decimal
    city: str
    at: datetime
    reverses: int | None
    labels: tuple[str, ...]  # the periods it lies in


@dataclass
class Cells:
    """{(period, city): {figure: how many}}, minutes in tenths, and {(period, city, activity): who attended}."""

    figures: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sessions: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def add(self, after: "Cells", before: "Cells") -> None:
        """What is more in `after` than in `before`."""
        for sign, cells in ((1, after), (-1, before)):
            for cell, figures in cells.figures.items():
                for name, many in figures.items():
                    self.figures[cell][name] += sign * many
            for key, many in cells.sessions.items():
                self.sessions[key] += sign * many

    def count(self, label: str, city: str, name: str, many: int = 1) -> None:
        self.figures[label, city][name] += many
        self.figures[label, ALL][name] += many

    def mark(self, label: str, cities: Iterable[str], name: str) -> None:
        """Once in each city, once in all."""
        for city in {*cities, ALL}:
            self.figures[label, city][name] += 1


def standing(facts: Iterable[Fact]) -> list[Fact]:
    """Those that none of them takes back, in the order in which they happened."""
    known = list(facts)
    gone = {fact.reverses for fact in known if fact.kind == Kind.REVERSAL}
    right = [fact for fact in known if fact.kind != Kind.REVERSAL and fact.pk not in gone]
    return sorted(right, key=lambda fact: (fact.at, fact.pk))


def of_person(facts: list[Fact], labels: set[str]) -> Cells:
    """人次, 人数, 学时 and 结业人数 of one person in some periods."""
    cells = Cells()
    for label in labels:
        _person(cells, label, [fact for fact in facts if label in fact.labels])
    return cells


def _person(cells: Cells, label: str, facts: list[Fact]) -> None:
    attended: dict[int, str] = {}
    studied: dict[str, str] = {}
    best: dict[str, int] = {}
    finished: dict[str, str] = {}
    for fact in facts:
        if fact.kind == Kind.PROGRAMME:
            finished.setdefault(fact.unit, fact.city)
            continue
        attended.setdefault(fact.activity, fact.city)
        studied.setdefault(fact.unit, fact.city)
        best[fact.unit] = max(best.get(fact.unit, 0), int(fact.minutes * 10))
    for activity, city in attended.items():
        cells.count(label, city, "attendances")
        cells.sessions[label, city, activity] += 1
        cells.sessions[label, ALL, activity] += 1
    for unit, city in studied.items():
        cells.count(label, city, "minutes", best[unit])
    for city in finished.values():
        cells.count(label, city, "graduates")
    if attended:
        cells.mark(label, attended.values(), "persons")


def of_firm(facts: list[Fact], labels: set[str]) -> Cells:
    """家次 and 家数 of one enterprise in some periods."""
    cells = Cells()
    present = [fact for fact in facts if fact.kind != Kind.PROGRAMME]
    for label in labels:
        represented: dict[int, str] = {}
        for fact in present:
            if label in fact.labels:
                represented.setdefault(fact.activity, fact.city)
        for city in represented.values():
            cells.count(label, city, "enterprise_attendances")
        if represented:
            cells.mark(label, represented.values(), "enterprises")
    return cells
