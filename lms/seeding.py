"""A large book of made-up people: three years of courses, broadcasts and classes over 21 cities, for trials of speed.

Written in bulk past the models, sealed as it is written, and only into an empty book. Its tallies are then counted
as after an upgrade. The campaigns of `letter` are those of a bureau's letter: 14 sessions with 15,000 attendances,
and 24 lectures with 150,000 enterprise attendances.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from . import chain, columns, sowing, tallies, tally, uscc
from .models import Activity, Participation, Region
from .periods import Refused

YEARS = (2024, 2025, 2026)
SEALED = 10_000  # rows of a batch
RNG = 20_240_923
UNITS = 8  # lessons of a course
CAMPAIGN = "川渝首席质量官培训"
LECTURES = "质量公益讲座"
SIZES = np.array(["L", "M", "S", "X", "I", "U"])
Say = Callable[[str], object]


@dataclass
class Firm:
    """A made-up enterprise and where it stands, as a row copies it."""

    uscc: str
    name: str
    size: str
    chains: str
    place: tuple[str, str, str, str, str]  # city, its name, province, county, its name


def seed(rows: int, *, letter: bool = False, say: Say = lambda text: None) -> int:
    """Fill an empty book with so many rows. Raises Refused when there is one already. Says how many were written."""
    if Participation.objects.exists():
        raise Refused("The book is not empty, and what is in it cannot be taken out.")
    made = Maker(rows, letter)
    with sowing.without_indexes("lms_participation"):
        written = 0
        for chunk in made.chunks():
            _write(chunk, made.titles)
            written += len(chunk)
            say(f"{written} rows")
    sowing.after(connection, "lms_participation")
    columns.renew(1)
    while tallies.keep():
        say(f"{len(tallies.missing())} periods to keep")
    return written


class Maker:
    """People, enterprises and activities in proportion to the rows, always the same ones."""

    def __init__(self, rows: int, letter: bool):
        self.rng = np.random.default_rng(RNG)
        self.rows, self.letter = rows, letter
        self.firms = _firms(self.rng, max(300, rows // 90, 6_250 if letter else 0))
        self.people = [self.rng.bytes(16).hex() for _ in range(max(50, rows // 14, 6_250 if letter else 0))]
        # Half the people work for the twelfth of the enterprises that are large.
        self.firm_of = (self.rng.random(len(self.people)) ** 1.6 * len(self.firms)).astype(np.int32)
        self.moves = self.rng.random(len(self.people)) < 0.04  # to the next enterprise, in the summer of a year
        self.nowhere = self.rng.random(len(self.people)) < 0.03  # belong to no enterprise
        self.activities = {row.pk: row for row in _activities(rows)}
        self.titles = {row.pk: row.key for row in self.activities.values()}
        self.numbers, self.turns = count(1), count(1)
        self.end = timezone.now() - timedelta(minutes=1)  # nobody has learnt anything later than that

    def chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        rows = [*self._letter(), *self._plain()] if self.letter else self._plain()
        chunk: list[tuple[Any, ...]] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) == SEALED:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _plain(self) -> Iterator[tuple[Any, ...]]:
        """A month at a time, so that rows come about in the order of their writing."""
        days = [date(year, month, 1) for year in YEARS for month in range(1, 13)]
        days = [day for day in days if _begin(day) < self.end - timedelta(days=1)]
        weights = np.linspace(1, 2.2, len(days))
        share = (weights / weights.sum() * self.rows).astype(int)
        share[-1] += self.rows - share.sum()
        for first, many in zip(days, share.tolist(), strict=True):
            yield from self._month(first, many)

    def _month(self, first: date, many: int) -> Iterator[tuple[Any, ...]]:
        rng, kinds = self.rng, _of_year(self.activities, first.year)
        begins, rows = _begin(first), 0
        past = min(28 * 86_400, int((self.end - begins).total_seconds()))
        plan: list[tuple[int, int, int, int]] = []  # second of the month, person, activity, unit
        while rows < many:
            person = int(rng.random() ** 1.2 * len(self.people))
            activity = kinds[int(rng.random() ** 1.5 * len(kinds))]
            lessons = 1 + int(rng.integers(UNITS)) if self.activities[activity].kind == "course" else 1
            second = int(rng.integers(min(27 * 86_400, past)))
            for lesson in range(min(lessons, many - rows)):
                plan.append((min(second + lesson * 30_000, past - 1), person, activity, lesson))
            rows += lessons
        last: tuple[Any, ...] | None = None
        for second, person, activity, unit in sorted(plan)[:many]:
            at = begins + timedelta(seconds=second)
            if next(self.turns) % 997 == 996 and last is not None:
                yield self._back(last, at)
                last = None
                continue
            last = self._row(at, person, activity, unit)
            yield last

    def _letter(self) -> Iterator[tuple[Any, ...]]:
        classes = [pk for pk, row in self.activities.items() if CAMPAIGN in row.campaigns]
        for n in range(15_000):
            at = datetime(2024, 7, 1, 1, tzinfo=UTC) + timedelta(days=n % 14, seconds=n)
            yield self._row(at, n // 14 % len(self.people), classes[n % 14], 0)
        lectures = [pk for pk, row in self.activities.items() if LECTURES in row.campaigns]
        for n in range(150_000):
            at = datetime(2024, 8, 1, 1, tzinfo=UTC) + timedelta(days=n % 24, seconds=n // 24)
            yield self._row(at, n // 24, lectures[n % 24], 0, firm=n // 24)

    def _row(self, at: datetime, person: int, activity: int, unit: int, firm: int | None = None) -> tuple[Any, ...]:
        number, kind = next(self.numbers), self.activities[activity].kind
        if firm is None:
            firm = int(self.firm_of[person]) + int(self.moves[person] and at.month > 6)
        stood = self.firms[firm % len(self.firms)]
        if self.nowhere[person] and at.year != 2024:
            stood = NOWHERE
        course = self.activities[activity].key.removeprefix("seed:").split(":")[0] if kind == "course" else ""
        channel = {"course": "on_demand", "broadcast": "replay" if number % 3 == 0 else "live"}.get(kind, "classroom")
        return (
            number, f"seed:{number}", "programme" if kind == "programme" else "lesson", activity, self.people[person],
            channel, 0 if kind == "programme" else (22.5, 45, 45, 90)[unit % 4], at, at + timedelta(seconds=2),
            "seed", f"lesson:{course}:{unit}" if course else f"activity:{activity}", "", stood.uscc, stood.name,
            "enterprise" if stood.uscc else "", stood.size, stood.chains, *stood.place, 2, None, "", None,
        )  # fmt: skip

    def _back(self, row: tuple[Any, ...], at: datetime) -> tuple[Any, ...]:
        number = next(self.numbers)
        fields = dict(zip(sowing.FIELDS, row, strict=True)) | {
            "id": number, "key": f"reversal:{row[0]}", "kind": "reversal", "minutes": -row[6], "recorded_at": at,
            "reverses_id": row[0], "reason": "误记", "author": self.people[0],
        }  # fmt: skip
        return tuple(fields[name] for name in sowing.FIELDS)


def _begin(day: date) -> datetime:
    """Its midnight in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


NOWHERE = Firm("", "", "", "[]", (Region.UNKNOWN, "未填报", Region.UNKNOWN, "", ""))


def _firms(rng: np.random.Generator, many: int) -> list[Firm]:
    counties = _counties()
    weights = np.array([34 if row[0] == "510100" else 12 if row[0] == "500000" else 2 for row in counties], float)
    for city in {row[0] for row in counties}:
        inside = np.array([row[0] == city for row in counties])
        weights[inside] /= inside.sum()
    chosen = rng.choice(len(counties), many, p=weights / weights.sum())
    sizes = SIZES[rng.choice(len(SIZES), many, p=[0.04, 0.13, 0.38, 0.27, 0.1, 0.08])]
    chains = rng.integers(1, 34, many)
    made = []
    for number, (place, size, industry) in enumerate(
        zip(chosen.tolist(), sizes.tolist(), chains.tolist(), strict=True)
    ):
        row = counties[place]
        listed = json.dumps([f"C{industry:02}"] if number % 5 else [])
        made.append(Firm(_code(row[3] or "110000", number), f"示范企业{number:06}", size, listed, row))
    return made


def _code(county: str, number: int) -> str:
    inner = f"DEMQ{number % 10_000:04}"
    body = f"91{county}{inner}{uscc.ALPHABET[number // 10_000 % 31]}"
    return body + uscc.outer_digit(body)


def _counties() -> list[tuple[str, str, str, str, str]]:
    found = Region.objects.current().filter(level=Region.Level.COUNTY).select_related("parent").order_by("code")
    listed = [(row.parent.code, row.parent.name, row.parent.province_code, row.code, row.name) for row in found]
    if not listed:
        raise Refused("Load the regions first: manage.py load_reference.")
    return [*listed, (Region.OTHER, "省外", Region.OTHER, "", "")]


def _activities(rows: int) -> list[Activity]:
    """Forty courses a year, two programmes, broadcasts and classes through the year, and those of the letter."""
    made = []
    for year in YEARS:
        made += [_activity(f"course-{n}:{year}", "course", f"示范课程{n}", date(year, 1, 1), n) for n in range(40)]
        made += [_activity(f"programme-{n}:{year}", "programme", f"示范项目{n}", date(year, 1, 1), n) for n in (0, 1)]
        for n in range(60):
            day = date(year, 1 + n % 12, 1 + n % 27)
            made.append(_activity(f"live-{n}:{year}", "broadcast", f"示范直播{n}", day, n))
            made.append(_activity(f"class-{n}:{year}", "classroom", f"示范培训班{n}", day, n))
    for n in range(14):
        made.append(
            _activity(f"letter-class-{n}", "classroom", f"{CAMPAIGN}第{n + 1}场", date(2024, 7, 1), n, CAMPAIGN)
        )
    for n in range(24):
        made.append(_activity(f"letter-talk-{n}", "broadcast", f"{LECTURES}第{n + 1}期", date(2024, 8, 1), n, LECTURES))
    return [tally.activity(**fields) for fields in made]


def _activity(key: str, kind: str, title: str, day: date, number: int, campaign: str = "") -> dict[str, Any]:
    ends = date(day.year, 12, 31) if kind in {"course", "programme"} else day
    return {
        "key": f"seed:{key}", "kind": kind, "title": title, "starts_on": day, "ends_on": ends, "region_code": "510000",
        "campaigns": [campaign] if campaign else [], "track": ("cqo", "std", "tqm", "chain")[number % 4],
    }  # fmt: skip


def _of_year(activities: dict[int, Activity], year: int) -> list[int]:
    """Courses first: they are chosen most often. Those of the letter are left to it."""
    rows = [row for row in activities.values() if row.starts_on and row.starts_on.year == year and not row.campaigns]
    order = {"course": 0, "broadcast": 1, "classroom": 2, "programme": 3}
    return [row.pk for row in sorted(rows, key=lambda row: order[row.kind])]


def _write(rows: list[tuple[Any, ...]], keys: dict[int, str]) -> None:
    """A batch of the chain and its rows."""
    with transaction.atomic():
        batch = chain.close(chain.waiting_facts(), [sowing.line(row, keys) for row in rows])
        sowing.insert(connection, rows, batch.pk)
