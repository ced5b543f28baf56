"""Answers about an activity are put together in bundles, and a bundle is told as a whole or not at all.

Every figure of an evaluation, of whatever period, place or moment, is a sum of whole bundles. So is any difference of
two figures: what somebody can find out by subtracting is what at least ENOUGH people said together. That is why a
bundle is final, and why an answer in it can neither be changed nor leave it alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lms import drilling
from lms.models import Activity, Participation
from lms.reports import Scope

from .models import Evaluation, EvaluationBundle

log = structlog.get_logger(__name__)
ENOUGH = EvaluationBundle.ENOUGH
OPEN_FOR = timedelta(days=30)  # in which an activity that is over is asked about
# While it is asked: of so many equal parts of the key as many answers wait before the first ENOUGH of them go together.
# At least ENOUGH stay behind, so that the last ones find company when it closes.
WAIT = {3: 2 * ENOUGH, 2: 4 * ENOUGH, 0: 6 * ENOUGH}
Key = tuple[str, str, str]  # month, city, county: bundles of people of one place can be told for that place


@dataclass(frozen=True)
class Waiting:
    """An answer that is in no bundle yet."""

    pk: int
    key: Key


def together(waiting: Sequence[Waiting], *, closed: bool) -> list[list[int]]:
    """Which answers go together now, the oldest first. Of a closed evaluation all of them, if they are ENOUGH."""
    return _rest(waiting) if closed else _steps(waiting)


def _steps(waiting: Sequence[Waiting]) -> list[list[int]]:
    made: list[list[int]] = []
    left = list(waiting)
    for depth, wait in WAIT.items():
        for members in _alike(left, depth):
            while len(members) >= wait:
                made.append([each.pk for each in members[:ENOUGH]])
                del members[:ENOUGH]
        gone = {pk for bundle in made for pk in bundle}
        left = sorted((each for each in left if each.pk not in gone), key=lambda each: each.key)
    return made


def _rest(waiting: Sequence[Waiting]) -> list[list[int]]:
    made: list[list[int]] = []
    left = list(waiting)
    for depth in (3, 2, 1, 0):
        groups = _alike(left, depth)
        made += [[each.pk for each in members] for members in groups if len(members) >= ENOUGH]
        left = [each for members in groups if len(members) < ENOUGH for each in members]
    few = [each.pk for each in left]
    if few and made:
        made = _taken_in(few, made)
    return made


def _taken_in(few: list[int], made: list[list[int]]) -> list[list[int]]:
    """The last ones get company from the largest bundle, or join it when it cannot spare as many."""
    largest = max(made, key=len)
    others = [bundle for bundle in made if bundle is not largest]
    lack = ENOUGH - len(few)
    if len(largest) - lack < ENOUGH:
        return [*others, [*largest, *few]]
    return [*others, largest[:-lack], [*largest[-lack:], *few]]


def _alike(waiting: Iterable[Waiting], depth: int) -> list[list[Waiting]]:
    groups: dict[tuple[str, ...], list[Waiting]] = defaultdict(list)
    for each in waiting:
        groups[each.key[:depth]].append(each)
    return list(groups.values())


def gather() -> int:
    """The periodic duty: put answers together where there are enough. Says how many bundles it made."""
    over = timezone.localdate() - OPEN_FOR
    free = Evaluation.objects.standing().filter(bundle=None).order_by().values("activity").annotate(n=Count("pk"))
    may_be_over = Q(activity__ends_on=None) | Q(activity__ends_on__lt=over)
    found = free.filter(Q(n__gte=2 * ENOUGH) | Q(may_be_over, n__gte=ENOUGH))
    return sum(_gather(key) for key in found.values_list("activity", flat=True))


@transaction.atomic
def _gather(key: int) -> int:
    activity = Activity.objects.select_for_update().get(pk=key)
    made = 0
    for members in together(_waiting(activity), closed=_is_closed(activity)):
        bundle = EvaluationBundle.objects.create(activity=activity, size=len(members), made_at=timezone.now())
        free = Evaluation.objects.standing().filter(bundle=None, pk__in=members)
        if free.update(bundle=bundle) == len(members):
            made += 1
            continue
        log.info("bundle_given_up", activity=activity.key)  # somebody changed an answer meanwhile: at the next turn
        Evaluation.objects.filter(bundle=bundle).update(bundle=None)
        bundle.delete()
    return made


def _waiting(activity: Activity) -> list[Waiting]:
    """Answers of people who are counted, with where and when they are."""
    rows = valid(Scope(activity=activity.key)).standing().filter(bundle=None).order_by("answered_at", "pk")
    placed = rows.annotate(at=first("occurred_at"), city=first("city_code"), county=first("county_code"))
    return [
        Waiting(pk, (f"{timezone.localtime(at):%Y-%m}", city, county))
        for pk, at, city, county in placed.values_list("pk", "at", "city", "county")
    ]


def _is_closed(activity: Activity) -> bool:
    """Whether nobody who is counted may answer any more."""
    last = activity.participations.standing().aggregate(at=Max("recorded_at"))["at"]
    days: list[date] = [timezone.localdate(last)] if last else []
    days += [activity.ends_on] if activity.ends_on else []
    return bool(days) and max(days) + OPEN_FOR < timezone.localdate()


def first(column: str, as_of: datetime | None = None) -> Subquery:
    """Of the fact that places an evaluation: the first one that stands."""
    facts = Participation.objects.standing(as_of).taking_part()
    mine = facts.filter(activity=OuterRef("activity"), person=OuterRef("person"))
    return Subquery(mine.order_by("occurred_at", "pk").values(column)[:1])


def valid(scope: Scope) -> Any:
    """Answers whose person is counted in the scope. Each asks for its first fact by index: no walk over the book."""
    facts = drilling.of_period(scope).filter(drilling.stood(scope), pk=OuterRef("placed"))
    return Evaluation.objects.annotate(placed=first("pk", scope.as_of)).filter(Exists(facts))


def bundled(scope: Scope) -> QuerySet[Evaluation]:
    """Of these the ones in bundles that were made by the moment of the scope. Only whole bundles may be told."""
    made = {"bundle__made_at__lte": scope.as_of} if scope.as_of else {"bundle__isnull": False}
    return valid(scope).filter(**made)


def told(scope: Scope) -> QuerySet[Evaluation]:
    """The answers behind the figures of a scope: those of bundles that lie in it as a whole."""
    whole = bundled(scope).order_by().values("bundle").annotate(n=Count("pk")).filter(n=F("bundle__size"))
    return Evaluation.objects.filter(bundle__in=whole.values("bundle"))
