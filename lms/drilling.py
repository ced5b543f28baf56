"""The rows behind a figure: a query whose count is the figure, so that every cell can be opened and read."""

import json
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.fields.json import JSONField
from django.db.models.functions import RowNumber
from django.db.models.lookups import Lookup

from .models import ActivityFacts, Enterprise, Participation
from .models.tally import ParticipationQuerySet
from .scopes import NONE, Scope

# Of which columns each figure is counted once, and which facts it is counted of.
PAIRS = {
    "attendances": ("person", "activity"),
    "persons": ("person", "activity"),
    "sessions": ("person", "activity"),
    "enterprise_attendances": ("enterprise_uscc", "activity"),
    "enterprises": ("enterprise_uscc", "activity"),
    "hours": ("person", "unit"),
    "minutes": ("person", "unit"),
    "graduates": ("person", "unit"),
}
ONE_OF = {"persons": "person", "sessions": "activity", "enterprises": "enterprise_uscc"}


@JSONField.register_lookup
class Listing(Lookup):  # type: ignore[type-arg]
    """`chains__listing="C01"`: a list of strings has that one, on both databases."""

    lookup_name = "listing"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [json.dumps(value)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, values = self.process_lhs(compiler, connection)
        _right, wanted = self.process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{left} @> %s::jsonb", [*values, *wanted]
        return f"INSTR({left}, %s) > 0", [*values, *wanted]


def rows(scope: Scope, measure: str = "") -> ParticipationQuerySet:
    """The deciding facts of a measure; all facts without one. Raises ValueError for what is no measure of rows."""
    facts = of_period(scope)
    if not measure:
        return facts.filter(stood(scope))
    if measure not in PAIRS:
        raise ValueError(f"no rows behind {measure}")
    of_kind = facts.graduating() if measure == "graduates" else facts.taking_part()
    if measure.startswith("enterprise"):
        of_kind = of_kind.exclude(enterprise_uscc="")
    decided = Participation.objects.filter(stood(scope), pk__in=first(of_kind, *PAIRS[measure]).values("pk"))
    if measure in ONE_OF:
        return Participation.objects.filter(pk__in=first(decided, ONE_OF[measure]).values("pk"))
    return decided


def of_period(scope: Scope) -> ParticipationQuerySet:
    """The standing facts of a period, of the activities and channels of a scope."""
    facts = within(Participation.objects.standing(scope.as_of), scope)
    return facts.filter(channel=scope.channel) if scope.channel else facts


def within(facts: Any, scope: Scope) -> Any:
    """Of facts that have a moment and an activity those of a period and of the activities of a scope."""
    conditions = Q()
    for name, value in {"occurred_at__gte": scope.since, "occurred_at__lt": scope.until}.items():
        if isinstance(value, datetime):
            conditions &= Q(**{name: value})
    activities = _activities(scope)
    if activities is not None:
        # Of certificates of before nobody may know the activity: it has no campaign and no track.
        unknown = Q(activity=None) if _takes_unknown(facts, scope) else Q()
        conditions &= Q(activity__in=activities) | unknown
    return facts.filter(conditions)


def _takes_unknown(facts: Any, scope: Scope) -> bool:
    asked = {scope.activity, scope.kind, scope.track, scope.campaign}
    return asked <= {"", NONE} and facts.model._meta.get_field("activity").null


def _activities(scope: Scope) -> Any:
    wanted = {"key": scope.activity, "kind": scope.kind, "track": "" if scope.track == NONE else scope.track}
    conditions = {name: value for name, value in wanted.items() if value}
    if scope.track == NONE:
        conditions["track"] = ""
    if not conditions and not scope.campaign:
        return None
    found = ActivityFacts.objects.known(scope.as_of).filter(**conditions)
    if scope.campaign:
        none = scope.campaign == NONE
        found = found.filter(campaigns=[]) if none else found.filter(campaigns__listing=scope.campaign)
    return found.values("activity")


def stood(scope: Scope) -> Q:
    """The conditions on where a person stood."""
    conditions = Q()
    if scope.cities is not None:
        conditions &= Q(city_code__in=scope.cities)
    for name, value in {"province_code": scope.province, "county_code": scope.county}.items():
        if value:
            conditions &= Q(**{name: "" if value == NONE else value})
    if scope.enterprise:
        conditions &= Q(enterprise_uscc="" if scope.enterprise == NONE else scope.enterprise)
    if scope.size:
        unknown = str(Enterprise.Size.UNKNOWN)
        conditions &= Q(enterprise_size__in=["", unknown] if scope.size == unknown else [scope.size])
    if scope.chain:
        conditions &= Q(chains=[]) if scope.chain == NONE else Q(chains__listing=scope.chain)
    return conditions


def first(facts: Any, *pair: str) -> Any:
    """Of each pair the fact that decides: the first one."""
    turn = Window(RowNumber(), partition_by=[F(name) for name in pair], order_by=["occurred_at", "pk"])
    return facts.annotate(turn=turn).filter(turn=1)
