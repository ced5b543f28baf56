"""The bureau's figures. Every number on any page comes from here, counted from the rows of the ledger."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Count, Max, Q, QuerySet, Sum

from .models import Participation
from .models.tally import ParticipationQuerySet
from .tally import HOUR

FRESH_FOR = 60  # seconds that the figures of the home page are kept


@dataclass(frozen=True)
class Scope:
    """What is counted: facts in [since, until), of these cities, as the book read at `as_of`. None is everything."""

    since: datetime | None = None
    until: datetime | None = None
    cities: tuple[str, ...] | None = None
    province: str = ""
    enterprise: str = ""  # its credit code
    activity: str = ""  # its key
    kind: str = ""  # of activity
    as_of: datetime | None = None


@dataclass(frozen=True)
class Measures:
    """The six measures, and 结业人数 beside them. Hours to one decimal."""

    sessions: int = 0  # 场次: activities with somebody in them
    attendances: int = 0  # 人次: person × activity
    persons: int = 0  # 人数
    enterprise_attendances: int = 0  # 家次: enterprise × activity
    enterprises: int = 0  # 家数
    hours: Decimal = Decimal("0.0")  # 学时: person × lesson, credited once
    graduates: int = 0  # 结业人数: person × programme

    def as_dict(self) -> dict[str, int | str]:
        return {name: str(value) if name == "hours" else value for name, value in asdict(self).items()}


def rows(scope: Scope) -> ParticipationQuerySet:
    """The facts behind the figures of a scope: what a cell of a table drills down to."""
    found = Participation.objects.standing(scope.as_of)
    conditions = {
        "occurred_at__gte": scope.since,
        "occurred_at__lt": scope.until,
        "city_code__in": scope.cities,
        "province_code": scope.province or None,
        "enterprise_uscc": scope.enterprise or None,
        "activity__key": scope.activity or None,
        "activity__kind": scope.kind or None,
    }
    return found.filter(**{name: value for name, value in conditions.items() if value is not None})


def measures(scope: Scope) -> Measures:
    facts = rows(scope)
    present = facts.taking_part()
    named = present.exclude(enterprise_uscc="")
    counted = present.aggregate(
        sessions=Count("activity", distinct=True),
        persons=Count("person", distinct=True),
        enterprises=Count("enterprise_uscc", distinct=True, filter=~Q(enterprise_uscc="")),
    )
    return Measures(
        **counted,
        attendances=present.values("activity", "person").distinct().count(),
        enterprise_attendances=named.values("activity", "enterprise_uscc").distinct().count(),
        hours=_hours(present),
        graduates=facts.filter(kind=Participation.Kind.PROGRAMME).values("unit", "person").distinct().count(),
    )


def _hours(present: QuerySet[Participation]) -> Decimal:
    """Studying the same lesson twice in one period is credited once, at its best."""
    once = present.values("person", "unit").annotate(most=Max("minutes"))
    minutes = once.aggregate(total=Sum("most"))["total"] or 0
    return round(Decimal(minutes) / HOUR, 1)


def public_figures() -> Measures:
    """Everything so far, for the home page; at most a minute old."""
    known: Measures | None = cache.get("public-figures")
    if known is None:
        known = measures(Scope())
        cache.set("public-figures", known, FRESH_FOR)
    return known
