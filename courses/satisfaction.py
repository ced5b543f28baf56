"""满意度 by the scopes of the bureau: a source of lms.reports.

An evaluation stands in the period, place and channel of the first standing fact by which its person took part, and is
valid as long as there is one: a fact that is taken back leaves the others. Each cell counts the bundles that lie in it
as a whole (see `bundles`), so that no answer is told by a cell, nor by the difference of two.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db.models import Count, F, Sum, Value
from django.db.models.functions import TruncMonth

from lms import headings
from lms.models import Enterprise
from lms.reports import NONE, Scope

from . import bundles
from .models import Aspect

FIVE = len(Aspect)
Codes = Callable[[Any], list[str]]


def _plain(value: Any) -> list[str]:
    return [str(value or NONE)]


def _listed(values: list[str]) -> list[str]:
    return list(values) or [NONE]


# What a table is by that a fact says: its column, and the value as codes of rows. The rest the book says of activities.
BY: dict[str, tuple[str, Codes]] = {
    "city": ("city_code", _plain),
    "county": ("county_code", _plain),
    "channel": ("channel", _plain),
    "chain": ("chains", _listed),
    "size": ("enterprise_size", lambda value: [str(value or Enterprise.Size.UNKNOWN)]),
    "month": ("occurred_at", lambda value: [f"{value:%Y-%m}"]),
}


def source(scope: Scope, by: str) -> dict[str, dict[str, int]]:
    sizes: dict[int, int] = {}
    parts: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])  # of each bundle what lies in a cell
    cell, codes = _cell(scope, by)
    rows = bundles.bundled(scope).annotate(cell=cell).order_by().values_list("cell", "bundle", "bundle__size")
    for value, bundle, size, people, good in rows.annotate(n=Count("pk"), good=Sum("satisfied")):
        sizes[bundle] = size
        for code in codes(value):
            part = parts[code, bundle]
            part[0] += people
            part[1] += good
    found: dict[str, dict[str, int]] = {}
    for (code, bundle), (people, good) in parts.items():
        if people == sizes[bundle]:
            figures = found.setdefault(code, {"satisfied": 0, "answers": 0})
            figures["satisfied"] += good
            figures["answers"] += people * FIVE
    return found


def _cell(scope: Scope, by: str) -> tuple[Any, Codes]:
    if not by:
        return Value(""), lambda value: [value]
    if by in headings.OF_ACTIVITIES:
        known = headings.activities(scope.as_of)
        return F("activity"), lambda value: headings.labels(known.get(value), by)
    column, codes = BY[by]
    cell: Any = bundles.first(column, scope.as_of)
    return (TruncMonth(cell) if by == "month" else cell), codes
