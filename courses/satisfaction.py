"""满意度 by the scopes of the bureau: a source of lms.reports.

An evaluation stands in the period, place and channel of the first standing fact by which its person took part, and is
valid as long as there is one: a fact that is taken back leaves the others.
A cell of fewer people than `evaluation.ENOUGH` tells nothing, so that no answer is told by it.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from lms import drilling
from lms.models import Enterprise, Participation
from lms.reports import NONE, Scope

from .evaluation import ENOUGH
from .models import Aspect, Evaluation

FIVE = len(Aspect)
Codes = Callable[[Any], list[str]]


def _plain(value: Any) -> list[str]:
    return [str(value or NONE)]


def _listed(values: list[str]) -> list[str]:
    return list(values) or [NONE]


def _first(column: str, as_of: Any = None) -> Subquery:
    """Of the fact that places an evaluation."""
    facts = Participation.objects.standing(as_of).taking_part()
    mine = facts.filter(activity=OuterRef("activity"), person=OuterRef("person"))
    return Subquery(mine.order_by("occurred_at", "pk").values(column)[:1])


# What each table is by: the column (of the activity, or of the fact), and its value as codes of rows.
BY: dict[str, tuple[str, Codes]] = {
    "city": ("city_code", _plain),
    "county": ("county_code", _plain),
    "activity": ("activity__key", _plain),
    "kind": ("activity__kind", _plain),
    "channel": ("channel", _plain),
    "track": ("activity__track", _plain),
    "chain": ("chains", _listed),
    "size": ("enterprise_size", lambda value: [str(value or Enterprise.Size.UNKNOWN)]),
    "campaign": ("activity__campaigns", _listed),
    "month": ("occurred_at", lambda value: [f"{value:%Y-%m}"]),
}


def source(scope: Scope, by: str) -> dict[str, dict[str, int]]:
    people: dict[str, int] = defaultdict(int)
    satisfied: dict[str, int] = defaultdict(int)
    rows = valid(scope)
    if by:
        column, codes = BY[by]
        cell: Any = F(column) if column.startswith("activity__") else _first(column, scope.as_of)
        if by == "month":
            cell = TruncMonth(cell)
        counted = rows.annotate(cell=cell).order_by().values_list("cell").annotate(n=Count("pk"), good=Sum("satisfied"))
        for value, n, good in counted:
            for code in codes(value):
                people[code] += n
                satisfied[code] += good
    else:
        whole = rows.aggregate(n=Count("pk"), good=Sum("satisfied"))
        people[""], satisfied[""] = whole["n"], whole["good"] or 0
    return {code: {"satisfied": satisfied[code], "answers": n * FIVE} for code, n in people.items() if n >= ENOUGH}


def valid(scope: Scope) -> QuerySet[Evaluation]:
    """As they stood at the moment of the scope. Each asks for its first fact by index: no walk over the book."""
    facts = drilling.of_period(scope).filter(drilling.stood(scope), pk=OuterRef("placed"))
    held = Q(replaced_at=None)
    if scope.as_of:
        held = Q(answered_at__lte=scope.as_of) & (held | Q(replaced_at__gt=scope.as_of))
    return Evaluation.objects.annotate(placed=_first("pk", scope.as_of)).filter(held, Exists(facts))
