"""The six measures as the bureau defines them, and what must hold between them."""

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
        "minutes": "225.0",
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


def test_a_count_costs_one_query_and_one_for_each_figure_of_courses(people, django_assert_num_queries):
    for person in people:
        write(person)
    with django_assert_num_queries(1 + 2):
        reports.measures(Scope())


PLACES = ("510100", "510700", "500000", "OTHER", "UNKNOWN")
FIRMS = ("", "91510100DEMQ01379A", "91510700DEMQ00026K", "91500000DEMQ0003X1")
fact = st.fixed_dictionaries(
    {
        "person": st.integers(0, 3),
        "course": st.integers(1, 3),
        "lesson": st.integers(1, 4),
        "month": st.integers(0, 5),
        "minutes": st.sampled_from([Decimal("22.5"), Decimal(30), Decimal(45), Decimal(90)]),
        "kind": st.sampled_from(["lesson", "lesson", "lesson", "programme"]),
        "firm": st.sampled_from(FIRMS),
        "city": st.sampled_from(PLACES),
        "reversed": st.booleans(),
    }
)
ADDED_UP = ("attendances", "enterprise_attendances", "graduates", "minutes")


def write_standing(person, at, fact):
    """A fact of somebody who stood there at that moment, wherever the others of theirs were."""
    activity_ = activity(fact["course"])
    return Participation.objects.create(
        key=f"k{next(serial)}", kind=fact["kind"], activity=activity_, person=person.ledger_key, channel="on_demand",
        minutes=fact["minutes"], occurred_at=at, recorded_at=at, unit=f"{fact['kind']}:{fact['lesson']}",
        enterprise_uscc=fact["firm"], city_code=fact["city"], city_name=fact["city"],
        province_code=fact["city"][:2],
    )  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(fact, max_size=15))
def test_cities_add_up_for_people_who_move_between_firms_and_cities(people, facts):
    author = User.objects.first()
    start = MARCH + timedelta(days=1000 * next(serial))  # a time of its own for each example
    attended, best = set(), {}
    for fact in facts:
        row = write_standing(people[fact["person"]], start + timedelta(days=30 * fact["month"]), fact)
        if fact["reversed"]:
            tally.reverse(row, author=author, reason="误记")
        elif fact["kind"] == "lesson":
            attended.add((fact["person"], fact["course"]))
            lesson = fact["person"], fact["lesson"]
            best[lesson] = max(best.get(lesson, 0), fact["minutes"])
    period = {"since": start, "until": start + timedelta(days=300)}
    total = reports.measures(Scope(**period))
    assert total.attendances == len(attended)
    assert total.minutes == sum(best.values())
    for split in (
        [Scope(**period, cities=(city,)) for city in PLACES],
        [Scope(**period, cities=PLACES[:2]), Scope(**period, cities=PLACES[2:])],
        [Scope(**period, province=code) for code in {city[:2] for city in PLACES}],
    ):
        parts = [reports.measures(scope) for scope in split]
        for name in ADDED_UP:
            assert sum(getattr(part, name) for part in parts) == getattr(total, name), name
        for part in parts:
            assert part.persons <= part.attendances
            assert part.enterprises <= part.enterprise_attendances


def test_somebody_who_moves_belongs_to_where_the_first_fact_stood(people):
    """Three lessons of one course: the first in Chengdu, the others, one of them the same again, in Mianyang."""
    mover, chengdu, mianyang = people[0], FIRMS[1], FIRMS[2]
    common = {"course": 1, "kind": "lesson", "minutes": Decimal(45)}
    write_standing(mover, MARCH, {**common, "lesson": 1, "firm": chengdu, "city": "510100"})
    later = {**common, "firm": mianyang, "city": "510700"}
    write_standing(mover, MARCH + timedelta(days=1), {**later, "lesson": 1, "minutes": Decimal(90)})
    write_standing(mover, MARCH + timedelta(days=2), {**later, "lesson": 2})
    here, there = (reports.measures(Scope(cities=(city,))) for city in ("510100", "510700"))
    assert (here.attendances, here.enterprise_attendances, here.hours) == (1, 1, Decimal("2.0"))
    assert (there.attendances, there.enterprise_attendances, there.hours) == (0, 1, Decimal("1.0"))
    whole = reports.measures(Scope())
    assert (whole.attendances, whole.enterprise_attendances, whole.hours) == (1, 2, Decimal("3.0"))
    assert reports.measures(Scope(enterprise=mianyang)).attendances == 0
    assert reports.rows(Scope(cities=("510700",))).count() == 2


def test_the_figures_of_one_city_cost_the_same(people, django_assert_num_queries):
    for person in people:
        write(person)
    with django_assert_num_queries(1 + 2):
        reports.measures(Scope(cities=("510100",)))
