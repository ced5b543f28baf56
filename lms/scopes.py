"""What is counted, and the figures that come of it: the words in which every table of the bureau is asked for."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from . import periods

NONE = "-"  # in a scope and in a table: those for whom nothing was given
HOUR = Decimal(45)  # minutes of one 学时
EXACT = ("hours", "minutes")
COUNTED = (
    "sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "hours", "graduates", "minutes",
)  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """What is counted: facts in [since, until), of these places and kinds, as the book read at `as_of`.

    None and "" are everything, but no cities at all are nothing. NONE asks for those without the thing.
    """

    since: datetime | None = None
    until: datetime | None = None
    cities: tuple[str, ...] | None = None
    province: str = ""
    county: str = ""
    enterprise: str = ""  # its credit code
    activity: str = ""  # its key
    kind: str = ""  # of activity
    channel: str = ""
    track: str = ""
    chain: str = ""
    size: str = ""
    campaign: str = ""
    as_of: datetime | None = None

    @classmethod
    def of_period(cls, label: str, **more: object) -> "Scope":
        """The scope of a standard period: 2026, 2026H1, 2026Q3 or 2026-07."""
        since, until = periods.bounds(label)
        return replace(cls(since=since, until=until), **more)  # type: ignore[arg-type]

    @classmethod
    def of_days(cls, first: date, last: date, **more: object) -> "Scope":
        """From the first to the last day, both included, by the calendar of Shanghai."""
        since, until = periods.midnight(first), periods.midnight(periods.day_after(last))
        return replace(cls(since=since, until=until), **more)  # type: ignore[arg-type]

    @property
    def period(self) -> str:
        """The name of the standard period that this is, or nothing."""
        return periods.label_of(self.since, self.until)


@dataclass(frozen=True)
class Measures:
    """The six measures, 结业人数 beside them, and what the apps above the ledger add.

    人次, 家次, 结业人数 and minutes of all cities add up to the whole; 人数, 家数 and 场次 do not have to.
    """

    sessions: int = 0  # 场次: activities with somebody in them
    attendances: int = 0  # 人次: person × activity
    persons: int = 0  # 人数
    enterprise_attendances: int = 0  # 家次: enterprise × activity
    enterprises: int = 0  # 家数
    hours: Decimal = Decimal("0.0")  # 学时: person × lesson, credited once
    graduates: int = 0  # 结业人数: person × programme
    minutes: Decimal = Decimal("0.0")  # credited, 45 are one 学时
    certificates: int = 0  # 发证: issued and not revoked
    satisfied: int = 0  # answers that say 满意 or 非常满意 …
    answers: int = 0  # … of so many (N)

    @property
    def satisfaction(self) -> Decimal | None:
        """满意度 in per cent, or None when nobody was asked. Never shown without `answers`."""
        return round(Decimal(100 * self.satisfied) / self.answers, 1) if self.answers else None

    def as_dict(self) -> dict[str, int | str]:
        """What the ledger alone says: an auditor comes to the same."""
        known = asdict(self)
        return {name: str(known[name]) if name in EXACT else known[name] for name in COUNTED}

    @classmethod
    def of_tenths(cls, tenths: int, **figures: int) -> "Measures":
        """From credited tenths of a minute."""
        minutes = Decimal(int(tenths)) / 10
        return cls(hours=round(minutes / HOUR, 1), minutes=round(minutes, 1), **figures)


@dataclass(frozen=True)
class Row:
    """A line of a table. `code` is what a scope takes to ask for this line alone."""

    code: str
    name: str
    measures: Measures


@dataclass(frozen=True)
class Table:
    """Rows in official order, and the whole. The whole is counted, not added up: see Measures."""

    by: str
    scope: Scope
    rows: tuple[Row, ...]
    total: Measures

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def adds_up(self) -> bool:
        """Whether 人次, 家次, 结业人数 and minutes of the rows make the total."""
        return self.by in {"city", "county", "size"}
