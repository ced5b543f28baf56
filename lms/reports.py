"""The bureau's figures. Every number on any page comes from here, counted from the rows of the ledger.

Somebody may change enterprise or city in the middle of an activity. A pair that is counted once (person × activity,
enterprise × activity, person × lesson, person × programme) therefore belongs to where its first fact in the period
stood, and only then is it asked of which city or enterprise that is: so cities add up to the whole.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Count, F, Func, Max, QuerySet, Sum, When, Window
from django.db.models.functions import FirstValue, RowNumber
from django.utils import timezone

from .models import KeptFigures, Participation
from .models.tally import ParticipationQuerySet
from .tally import HOUR

PUBLIC = "public"  # the name under which the figures of the home page are kept
PUBLIC_CACHE = "public-figures"
FRESH_FOR = 60  # seconds that a process keeps what it read, and that figures are at least apart
SHARE = 20  # counting may take the worker a twentieth of its time


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
    """The six measures, and 结业人数 beside them. Hours to one decimal; `minutes` is what they are made of, exactly.

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

    def as_dict(self) -> dict[str, int | str]:
        exact = ("hours", "minutes")
        return {name: str(value) if name in exact else value for name, value in asdict(self).items()}


def rows(scope: Scope) -> ParticipationQuerySet:
    """The facts that happened within a scope, doubles included."""
    return _period(scope).filter(**_stood(scope))


def measures(scope: Scope) -> Measures:
    facts = _period(scope)
    present = facts.taking_part()
    attendances = _deciding(present, scope, "person", "activity")
    named = _deciding(present.exclude(enterprise_uscc=""), scope, "enterprise_uscc", "activity")
    studied = _minutes(present, scope)
    return Measures(
        **attendances.aggregate(sessions=Count("activity", distinct=True), persons=Count("person", distinct=True)),
        **named.aggregate(enterprises=Count("enterprise_uscc", distinct=True)),
        attendances=_pairs(attendances, "person", "activity"),
        enterprise_attendances=_pairs(named, "enterprise_uscc", "activity"),
        hours=round(studied / HOUR, 1),
        graduates=_pairs(_deciding(facts.graduating(), scope, "person", "unit"), "person", "unit"),
        minutes=round(studied, 1),
    )


def _period(scope: Scope) -> ParticipationQuerySet:
    conditions = {
        "occurred_at__gte": scope.since,
        "occurred_at__lt": scope.until,
        "activity__key": scope.activity or None,
        "activity__kind": scope.kind or None,
    }
    return Participation.objects.standing(scope.as_of).filter(**_given(conditions))


def _stood(scope: Scope) -> dict[str, Any]:
    """The conditions on where a person stood."""
    return _given(
        {
            "city_code__in": scope.cities,
            "province_code": scope.province or None,
            "enterprise_uscc": scope.enterprise or None,
        }
    )


def _given(conditions: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conditions.items() if value is not None}


def _deciding(facts: ParticipationQuerySet, scope: Scope, *pair: str) -> ParticipationQuerySet:
    """Of each pair that belongs to the scope a fact or more. Without a place nothing has to be decided."""
    stood = _stood(scope)
    return Participation.objects.filter(pk__in=_first(facts, pair).values("pk"), **stood) if stood else facts


def _first(facts: ParticipationQuerySet, pair: tuple[str, ...]) -> ParticipationQuerySet:
    return facts.annotate(turn=_within(pair, RowNumber())).filter(turn=1)


def _within(pair: tuple[str, ...], what: Func) -> Window:
    return Window(what, partition_by=[F(name) for name in pair], order_by=["occurred_at", "pk"])


def _pairs(facts: QuerySet[Participation], *pair: str) -> int:
    return facts.values(*pair).distinct().count()


def _minutes(present: ParticipationQuerySet, scope: Scope) -> Decimal:
    """Studying the same lesson twice in one period is credited once, at its best."""
    pair = ("person", "unit")
    stood = _stood(scope)
    if stood:
        here = FirstValue(Case(When(**stood, then=1), default=0))
        most = Window(Max("minutes"), partition_by=[F(name) for name in pair])
        first = _first(present, pair).annotate(here=_within(pair, here), most=most)
        return first.filter(here=1).aggregate(total=Sum("most"))["total"] or Decimal(0)
    once = present.values(*pair).annotate(most=Max("minutes"))
    return once.aggregate(total=Sum("most"))["total"] or Decimal(0)


def public_figures() -> Measures:
    """Everything so far, for the home page, as last counted by the duty `keep_public_figures`.

    The request counts only in a school where that duty has never run.
    """
    known: Measures | None = cache.get(PUBLIC_CACHE)
    if known is None:
        kept = KeptFigures.objects.filter(name=PUBLIC).first()
        known = _read(kept.figures) if kept else measures(Scope())
        cache.set(PUBLIC_CACHE, known, FRESH_FOR)
    return known


def keep_public_figures() -> bool:
    """The periodic duty: count anew when the book grew. Returns whether it did."""
    kept = KeptFigures.objects.filter(name=PUBLIC).first()
    newest = Participation.objects.aggregate(pk=Max("pk"))["pk"] or 0
    now, began = timezone.now(), monotonic()
    if kept and (kept.upto == newest or now - kept.counted_at < _pause(kept.seconds)):
        return False
    figures = measures(Scope()).as_dict()
    KeptFigures.objects.update_or_create(
        name=PUBLIC,
        defaults={"figures": figures, "upto": newest, "counted_at": now, "seconds": monotonic() - began},
    )
    return True


def _pause(seconds: float) -> timedelta:
    return timedelta(seconds=max(FRESH_FOR, SHARE * seconds))


def _read(figures: dict[str, Any]) -> Measures:
    return Measures(**{**figures, "hours": Decimal(figures["hours"]), "minutes": Decimal(figures["minutes"])})
