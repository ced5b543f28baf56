"""The six measures as the bureau defines them, and what must hold between them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import reports, tally
from lms.models import Participation, User
from lms.reports import Scope
from tests import factories

MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)
serial = count(1)


def activity(n):
    return tally.activity(key=f"course:{n}:2026", kind="course", title=f"课程{n}")


def write(person, course=1, lesson=1, at=MARCH, minutes=45, kind="lesson"):
    return tally.record(
        key=f"k{next(serial)}", kind=kind, activity=activity(course), person=person, channel="on_demand",
        minutes=minutes, occurred_at=at, unit=f"{kind}:{lesson}",
    )  # fmt: skip


@pytest.fixture
def people(db):
    """Two of one firm in Chengdu, one of another in Mianyang, one of none."""
    chengdu = factories.enterprise()
    mianyang = factories.enterprise("91510700DEMQ00026K", "绵阳示范电子", city=factories.region("510700", "绵阳市"))
    found = [factories.user(name=f"学员{n}") for n in range(4)]
    for person, firm in zip(found, [chengdu, chengdu, mianyang], strict=False):
        factories.member(person, firm)
    return found


def test_an_empty_book_counts_nothing(db):
    assert reports.measures(Scope()) == reports.Measures()


def test_the_measures_of_a_small_book(people):
    one, two, three, four = people
    write(one, course=1, lesson=1)
    write(one, course=1, lesson=2)
    write(one, course=2, lesson=3, minutes=Decimal("22.5"))
    write(two, course=1, lesson=1)
    write(three, course=1, lesson=1)
    write(four, course=2, lesson=3, minutes=Decimal("22.5"))
    assert reports.measures(Scope()).as_dict() == {
        "sessions": 2,
        "attendances": 5,
        "persons": 4,
        "enterprise_attendances": 3,
        "enterprises": 2,
        "hours": "5.0",
        "graduates": 0,
    }


def test_a_lesson_studied_twice_is_credited_once(people):
    write(people[0])
    write(people[0], at=MARCH + timedelta(days=100))
    counted = reports.measures(Scope())
    assert (counted.attendances, counted.hours) == (1, Decimal("1.0"))


def test_a_programme_is_counted_apart(people):
    write(people[0])
    write(people[0], course=9, kind="programme", minutes=0)
    counted = reports.measures(Scope())
    assert (counted.sessions, counted.attendances, counted.graduates) == (1, 1, 1)


def test_what_was_taken_back_is_not_counted(people, provincial_clerk):
    row = write(people[0])
    write(people[1])
    tally.reverse(row, author=provincial_clerk, reason="误记")
    counted = reports.measures(Scope())
    assert (counted.attendances, counted.persons, counted.hours) == (1, 1, Decimal("1.0"))


def test_a_correction_counts_in_the_period_of_the_fact(people, provincial_clerk):
    row = write(people[0], at=MARCH)
    tally.reverse(row, author=provincial_clerk, reason="误记")
    march = Scope(since=MARCH - timedelta(days=1), until=MARCH + timedelta(days=1))
    assert reports.measures(march).attendances == 0


def test_a_report_as_of_a_day_is_the_same_ever_after(people, provincial_clerk):
    row = write(people[0])
    write(people[1])
    then = Participation.objects.latest("recorded_at").recorded_at
    before = reports.measures(Scope(as_of=then))
    tally.reverse(row, author=provincial_clerk, reason="误记")
    write(people[2])
    assert reports.measures(Scope(as_of=then)) == before
    assert reports.measures(Scope()) != before


def test_a_scope_narrows_by_city_enterprise_activity_and_time(people):
    one, _two, three, four = people
    write(one, course=1)
    write(three, course=2, at=MARCH + timedelta(days=40))
    write(four, course=2)
    counted = {
        Scope(cities=("510100",)): 1,
        Scope(cities=("510100", "510700")): 2,
        Scope(cities=("UNKNOWN",)): 1,
        Scope(province="510000"): 2,
        Scope(enterprise=factories.USCC): 1,
        Scope(activity="course:2:2026"): 2,
        Scope(kind="broadcast"): 0,
        Scope(since=MARCH + timedelta(days=1)): 1,
        Scope(until=MARCH + timedelta(days=1)): 2,
        Scope(until=MARCH): 0,
    }
    assert {scope: reports.measures(scope).attendances for scope in counted} == counted


def test_each_figure_drills_down_to_its_rows(people):
    for person in people:
        write(person)
    scope = Scope(cities=("510100",))
    assert reports.rows(scope).count() == 2
    assert reports.measures(scope).attendances == 2


def test_a_count_costs_five_queries(people, django_assert_num_queries):
    for person in people:
        write(person)
    with django_assert_num_queries(5):
        reports.measures(Scope())


def test_the_figures_of_the_home_page_are_kept_for_a_minute(people, django_assert_num_queries):
    write(people[0])
    assert reports.public_figures().attendances == 1
    write(people[1])
    with django_assert_num_queries(0):
        assert reports.public_figures().attendances == 1


facts = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 4), st.integers(0, 5), st.booleans()), max_size=15
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts)
def test_what_must_hold_between_the_measures(people, facts):
    """Cities add up to the whole; persons and enterprises do not exceed their attendances; periods do not add up."""
    author = User.objects.first()
    start = MARCH + timedelta(days=1000 * next(serial))  # a time of its own for each example
    expected = Counter()
    for person, course, lesson, month, reverse in facts:
        row = write(people[person], course, lesson, at=start + timedelta(days=30 * month))
        if reverse:
            tally.reverse(row, author=author, reason="误记")
        else:
            expected[people[person].pk, course] += 1
    whole = Scope(since=start, until=start + timedelta(days=300))
    total = reports.measures(whole)
    cities = [
        reports.measures(Scope(since=whole.since, until=whole.until, cities=(city,)))
        for city in ("510100", "510700", "UNKNOWN")
    ]
    assert total.attendances == len(expected)
    assert sum(city.attendances for city in cities) == total.attendances
    assert sum(city.hours for city in cities) == total.hours
    assert total.persons <= total.attendances
    assert total.enterprises <= total.enterprise_attendances <= total.attendances
