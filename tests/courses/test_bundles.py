"""What figures of an evaluation tell of fewer than five people together: nothing, however they are subtracted."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses import bundles, satisfaction
from courses.bundles import ENOUGH, Waiting
from courses.models import Aspect, Evaluation, EvaluationBundle
from lms import headings, tally
from lms.models import Participation
from lms.reports import Scope
from tests import factories

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)
CITIES = {"510100": ("510104", "510105"), "510700": ("510703",), "UNKNOWN": ("",)}
key = st.tuples(st.sampled_from(["2026-03", "2026-04"]), st.sampled_from("AB"), st.sampled_from("xy"))
moves = st.lists(st.one_of(key, st.just("look"), st.integers(0, 200)), max_size=120)


def isolated(shown, everybody):
    """The smallest set that sums of shown figures can tell apart: people who stand in exactly the same figures."""
    classes = defaultdict(set)
    for one in everybody:
        classes[tuple(one in each for each in shown)].add(one)
    return min((len(group) for where, group in classes.items() if any(where)), default=ENOUGH)


@given(moves)
def test_no_two_looks_tell_fewer_than_five_apart(moves):
    """People answer, the duty runs, somebody is no longer counted, it closes; each time every cell is looked at."""
    keys, made, gone, shown = {}, [], set(), []

    def look(closed):
        free = [Waiting(pk, keys[pk]) for pk in keys if pk not in gone and not any(pk in each for each in made)]
        made.extend(map(frozenset, bundles.together(free, closed=closed)))
        cells = {(): set(keys)} | {key[:depth]: set() for key in keys.values() for depth in (1, 2, 3)}
        for pk, key in keys.items():
            for depth in (1, 2, 3):
                cells[key[:depth]].add(pk)
        whole = [each for each in made if not each & gone]
        shown.extend(frozenset().union(*(each for each in whole if each <= cell)) for cell in cells.values())

    for move in moves:
        if move == "look":
            look(closed=False)
        elif isinstance(move, tuple):
            keys[len(keys)] = move
        else:
            gone |= {move} & set(keys)
    look(closed=True)
    assert isolated(shown, keys) >= ENOUGH


@given(st.lists(key, max_size=80), st.integers(0, 80))
def test_each_goes_into_one_bundle_and_none_is_forgotten_at_the_end(keys, early):
    waiting = [Waiting(pk, each) for pk, each in enumerate(keys)]
    made = bundles.together(waiting[:early], closed=False)
    gone = {pk for each in made for pk in each}
    made += bundles.together([each for each in waiting if each.pk not in gone], closed=True)
    found = [pk for each in made for pk in each]
    assert all(len(each) >= ENOUGH for each in made)
    assert sorted(found) == (list(range(len(keys))) if len(keys) >= ENOUGH else [])


def test_people_of_one_place_go_together():
    waiting = [Waiting(n, ("2026-03", "AB"[n % 2], "")) for n in range(20)]
    assert bundles.together(waiting, closed=False) == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]
    assert [len(each) for each in bundles.together(waiting[:16], closed=True)] == [8, 8]
    assert [sorted(each) for each in bundles.together(waiting[:9], closed=True)] == [list(range(9))]


def test_many_of_everywhere_do_not_wait_for_the_end():
    waiting = [Waiting(n, (f"2026-{n:02}", "A", "")) for n in range(30)]
    assert bundles.together(waiting, closed=False) == [[0, 1, 2, 3, 4]]


# --- the same of what the school tells out of its database ---

serial = count(1)


def fact(activity, person, city, county, channel):
    number, now = next(serial), timezone.now()
    return Participation.objects.create(
        key=f"b{number}", activity=activity, person=person, occurred_at=now, recorded_at=now, kind="lesson", minutes=45,
        city_code=city, county_code=county, province_code="510000", unit=f"lesson:{number}", channel=channel,
        enterprise_size="SM"[number % 2], chains=["C01"] if number % 3 else ["C01", "C02"],
    )  # fmt: skip


def answer(row, dice):
    stars = {name: dice.randint(1, 5) for name in Aspect.values}
    Evaluation.objects.create(
        activity=row.activity, fact=row, person=row.person, satisfied=sum(n > 3 for n in stars.values()),
        answered_at=timezone.now(), **stars,
    )  # fmt: skip


def scopes(moments):
    narrowed = [{}, {"kind": "course"}, {"channel": "live"}, {"size": "S"}, {"chain": "C02"}, {"activity": "course:b1"}]
    narrowed += [{"cities": (city,)} for city in CITIES] + [{"county": "510104"}, {"until": BEGIN + timedelta(days=9)}]
    for as_of in [None, *moments[-3:]]:
        yield from (Scope(as_of=as_of, **each) for each in narrowed)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_two_figures_of_the_school_tell_fewer_than_five_apart(seed, provincial_clerk):
    dice, shown, moments = random.Random(seed), [], []
    with time_machine.travel(BEGIN, tick=False) as clock:
        held = [
            tally.activity(key=f"{kind}:b{number}", kind=kind, title=f"活动{number}", ends_on=date(2026, 3, 20))
            for number, kind in enumerate(["course", "broadcast"], 1)
        ]
        rows = []
        for turn in range(6):
            for _each in range(dice.randint(4, 16) if turn < 5 else 0):
                city = dice.choice([*CITIES])
                person = factories.user(name="某人").ledger_key
                where = city, dice.choice(CITIES[city]), dice.choice(["live", "on_demand"])
                rows.append(fact(dice.choice(held), person, *where))
                answer(rows[-1], dice)
            if turn == 3:
                tally.reverse(rows[2], author=provincial_clerk, reason="误记")
            clock.shift(timedelta(days=4 if turn < 4 else 60))
            bundles.gather()
            moments.append(timezone.now())
            shown += [frozenset(bundles.told(scope).values_list("pk", flat=True)) for scope in scopes(moments)]
    assert isolated(shown, Evaluation.objects.values_list("pk", flat=True)) >= ENOUGH
    assert any(shown)
    assert EvaluationBundle.objects.count() > 4
    for scope in scopes(moments):
        good = bundles.told(scope).aggregate(good=Sum("satisfied"))["good"] or 0
        assert satisfaction.source(scope, "").get("", {"satisfied": 0})["satisfied"] == good
    for by in headings.BY:
        assert all(row["answers"] >= 5 * ENOUGH for row in satisfaction.source(Scope(), by).values())
