"""发证数: certificates as the bureau counts them, each with the place of its holder at issue. Fed to `lms.reports`."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, QuerySet
from django.utils import timezone

from lms import drilling, enterprises, headings
from lms.models import Activity, Enterprise, Participation
from lms.scopes import NONE, Scope

from . import activities
from .models import Issuance, ProgrammeEnrolment

MEASURE = "certificates"
UNSIZED = str(Enterprise.Size.UNKNOWN)
# What a table is by, and the column that says it.
COLUMNS = {
    "city": "city_code", "county": "county_code", "size": "enterprise_size", "chain": "chains",
    **dict.fromkeys(headings.OF_ACTIVITIES, "activity"),
}  # fmt: skip


def write(enrolments: Iterable[ProgrammeEnrolment], numbers: dict[int, str]) -> dict[int, Issuance]:
    """A row for each first certificate, by the key of its enrolment. They come with their user and programme."""
    rows, now = list(enrolments), timezone.now()
    stood = enterprises.standings([row.user for row in rows], now)
    holders = _holders(rows)
    held: dict[Any, Activity] = {}
    made = {}
    for row in rows:
        year = row.programme_id, timezone.localdate(row.completed_at or now).year
        if year not in held:
            held[year] = activities.of_year(Activity.Kind.PROGRAMME, row.programme, row.completed_at or now)
        made[row.pk] = Issuance(
            holder=holders.setdefault((row.user_id, _unit(row)), uuid4()),
            activity=held[year],
            unit=_unit(row),
            number=numbers[row.pk],
            occurred_at=now,
            **_copied(stood[row.user_id]),
        )
    Issuance.objects.bulk_create(made.values())
    return made


def _unit(row: ProgrammeEnrolment) -> str:
    return f"programme:{row.programme.translation_key}"


def _holders(rows: list[ProgrammeEnrolment]) -> dict[tuple[int | None, str], UUID]:
    """What was drawn for a person and programme before: a renewal is another certificate of the same holder."""
    users, units = {row.user_id for row in rows}, {_unit(row) for row in rows}
    known = Issuance.objects.filter(versions__user__in=users, unit__in=units).order_by("-pk")
    return {(user, unit): holder for user, unit, holder in known.values_list("versions__user", "unit", "holder")}


def _copied(stood: enterprises.Standing) -> dict[str, Any]:
    """A standing by the names of the columns."""
    told = asdict(stood)
    firm = {f"enterprise_{name}": told.pop(name) for name in ("uscc", "name", "subject", "size")}
    return {**told, **firm}


def rows(scope: Scope) -> QuerySet[Issuance]:
    """Once for a person and programme in the period; the first one decides the place, as with all that is counted.
    Each has its `person` as long as the account lives."""
    return _rows(scope).with_person()


def _rows(scope: Scope) -> Any:
    if scope.channel not in ("", Participation.Channel.ON_DEMAND):
        return Issuance.objects.none()
    issued = drilling.within(Issuance.objects.standing(scope.as_of), scope)
    first = drilling.first(issued, "holder", "unit")
    return Issuance.objects.filter(drilling.stood(scope), pk__in=first.values("pk"))


def counted(scope: Scope, by: str) -> dict[str, dict[str, int]]:
    """A source of `lms.reports`: how many by row of a table, or of the whole."""
    if by == "month":
        cuts = {label: _cut(scope, since, until) for label, since, until in headings.steps(scope, "month")}
        found = Counter({label: _rows(cut).count() for label, cut in cuts.items()})
    elif by in COLUMNS:
        found, labels = Counter(), _labels(by, scope)
        for value, many in _rows(scope).order_by().values_list(COLUMNS[by]).annotate(many=Count("pk")):
            for label in labels(value):
                found[label] += many
    else:
        found = Counter({Participation.Channel.ON_DEMAND if by == "channel" else "": _rows(scope).count()})
    return {label: {MEASURE: many} for label, many in found.items() if many}


def _labels(by: str, scope: Scope) -> Callable[[Any], list[str]]:
    """The rows of a table in which a value of its column counts. Industry chains are lists: such rows overlap."""
    if by in headings.OF_ACTIVITIES:
        known = headings.activities(scope.as_of)
        return lambda activity: headings.labels(known.get(activity), by)
    if by == "chain":
        return lambda chains: chains or [NONE]
    return lambda value: [value or (UNSIZED if by == "size" else NONE)]


def _cut(scope: Scope, since: Any, until: Any) -> Scope:
    return replace(scope, since=max(since, scope.since or since), until=min(until, scope.until or until))
