"""Kept tallies are what the book says, whatever is written, late, taken back or written by many at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import columns, counting, periods, reports, tallies, tally
from lms.models import KeptTally, Participation, UncountedFact, User
from lms.reports import Scope
from tests import factories

MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)
PLACES = ("510100", "510700", "500000", "OTHER", "UNKNOWN")
FIRMS = ("", "91510100DEMQ01379A", "91510700DEMQ00026K", "91500000DEMQ0003X1")
serial = count(1)


def activity(n, kind="course"):
    return tally.activity(key=f"{kind}:{n}", kind=kind, title=f"课程{n}")


def write(person, course=1, lesson=1, at=MARCH, **fields):
    facts = {
        "kind": "lesson", "minutes": Decimal(45), "city_code": "510100", "city_name": "成都市",
        "province_code": "510000", "unit": f"lesson:{lesson}", "channel": "on_demand", **fields,
    }  # fmt: skip
    row = Participation.objects.create(
        key=f"t{next(serial)}", activity=activity(course), person=person, occurred_at=at, recorded_at=at, **facts
    )
    UncountedFact.objects.create(participation=row.pk)
    return row


@pytest.fixture
def people(db):
    return [factories.user(name=f"学员{n}").ledger_key for n in range(4)]


def recounted(label, cities=None):
    return counting.total(columns.read(), Scope.of_period(label, cities=cities))


def holds():
    assert tallies.differences() == []
    for label in KeptTally.objects.values_list("period", flat=True).distinct():
        assert reports.measures(Scope.of_period(label)) == recounted(label)
        for city in PLACES:
            assert reports.measures(Scope.of_period(label, cities=(city,))) == recounted(label, (city,))


def test_the_first_fact_of_a_period_makes_it_kept(people):
    write(people[0])
    assert reports.measures(Scope.of_period("2026Q1")).attendances == 1
    assert set(KeptTally.objects.values_list("period", flat=True)) == {"2026", "2026H1", "2026Q1", "2026-03"}
    assert not UncountedFact.objects.exists()


def test_further_facts_are_added_without_counting_the_book(people, monkeypatch):
    write(people[0])
    tallies.catch_up()
    monkeypatch.setattr(columns, "read", None)
    write(people[1], city_code="510700", enterprise_uscc=FIRMS[2])
    write(people[0], course=2, lesson=2)
    found = reports.measures(Scope.of_period("2026"))
    assert (found.sessions, found.attendances, found.persons, found.enterprises) == (2, 3, 2, 1)
    monkeypatch.undo()
    holds()


def test_a_late_fact_may_become_the_first_one(people):
    write(people[0], city_code="510700", enterprise_uscc=FIRMS[2])
    tallies.catch_up()
    write(people[0], lesson=2, at=MARCH - timedelta(hours=5), enterprise_uscc=FIRMS[1])
    assert reports.measures(Scope.of_period("2026", cities=("510100",))).attendances == 1
    assert reports.measures(Scope.of_period("2026", cities=("510700",))).attendances == 0
    holds()


def test_what_is_taken_back_leaves_no_session(people, provincial_clerk):
    row = write(people[0])
    tallies.catch_up()
    tally.reverse(row, author=provincial_clerk, reason="误记")
    assert reports.measures(Scope.of_period("2026")) == reports.Measures()
    holds()


def test_taking_up_costs_the_same_at_any_size(people, django_assert_num_queries):
    write(people[0])
    tallies.catch_up()
    costs = []
    for number in range(2):
        for n in range(1 + 5 * number):
            write(people[n % 4], course=10 * (1 + number) + n, lesson=n)
        with CaptureQueriesContext(connection) as spent:
            tallies.catch_up()
        costs.append(len(spent))
        with django_assert_num_queries(4):  # with certificates and satisfaction, which courses count
            reports.measures(Scope.of_period("2026"))
    assert costs[0] == costs[1] < 20


def test_many_at_once_are_counted_from_the_book(people, monkeypatch):
    monkeypatch.setattr(tallies, "FEW", 3)
    write(people[0])
    tallies.catch_up()
    for n in range(5):
        write(people[n % 4], course=n % 2, lesson=n, at=MARCH + timedelta(days=20 * n))
    assert tallies.catch_up() == 5
    holds()


def test_the_duty_keeps_periods_that_nobody_kept_and_goes_on_where_it_was(people, monkeypatch):
    for n in range(3):
        write(people[0], at=MARCH + timedelta(days=100 * n))
    UncountedFact.objects.all().delete()  # as after an upgrade
    assert len(tallies.missing()) == 13
    monkeypatch.setattr(tallies, "BUDGET", -1.0)
    assert tallies.keep() == 0
    tallies.build("2026-06")
    monkeypatch.undo()
    assert tallies.keep() == 12
    assert tallies.missing() == []
    holds()


def test_the_audit_finds_a_tally_that_was_changed(people):
    write(people[0])
    tallies.catch_up()
    KeptTally.objects.filter(period="2026Q1", city="").update(attendances=9)
    assert tallies.differences() == ["the kept tally of 2026Q1 in all differs from the book"]


fact = st.fixed_dictionaries(
    {
        "person": st.integers(0, 3),
        "course": st.integers(1, 3),
        "lesson": st.integers(1, 4),
        "day": st.integers(0, 200),
        "minutes": st.sampled_from([Decimal("22.5"), Decimal(30), Decimal(45), Decimal(90)]),
        "kind": st.sampled_from(["lesson", "lesson", "lesson", "programme"]),
        "firm": st.sampled_from(FIRMS),
        "city": st.sampled_from(PLACES),
        "reversed": st.booleans(),
    }
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(fact, max_size=4), max_size=4))
def test_tallies_hold_after_every_round_of_writing(people, rounds):
    author = User.objects.first()
    start = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=1000 * next(serial))
    for facts in rounds:
        for one in facts:
            row = write(
                people[one["person"]], course=one["course"], lesson=one["lesson"],
                at=start + timedelta(days=one["day"]), minutes=one["minutes"], kind=one["kind"],
                enterprise_uscc=one["firm"], city_code=one["city"],
            )  # fmt: skip
            if one["reversed"]:
                tally.reverse(row, author=author, reason="误记")
        tallies.catch_up()
    assert tallies.differences() == []


def test_the_last_second_of_the_year_by_the_clock_of_shanghai(people):
    last = datetime(2026, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    write(people[0], at=last)
    write(people[1], at=last + timedelta(microseconds=1))
    assert reports.measures(Scope.of_period("2026-12")).attendances == 1
    assert reports.measures(Scope.of_period("2027-01")).attendances == 1
    assert periods.labels_at(last)[0] == "2026"
    assert [row.measures.attendances for row in reports.table(Scope.of_period("2026"), "month")][-1] == 1
    holds()


def test_a_fact_written_while_the_book_is_checked_is_no_difference(people):
    write(people[0])
    tallies.catch_up()
    book = columns.read(anew=True)
    write(people[1], lesson=2)
    tallies.catch_up()
    assert tallies.differences(book) == []
    KeptTally.objects.filter(period="2026Q1", city="").update(attendances=9)
    assert tallies.differences(book) == ["the kept tally of 2026Q1 in all differs from the book"]
