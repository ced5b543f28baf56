"""Which days a table is about, and which it is compared with."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lms import timespans
from lms.timespans import Refused, Span

TODAY = date(2026, 11, 29)
dates = st.dates(date(2001, 1, 1), date(2098, 12, 31))


def days(span):
    return str(span.first), str(span.last)


@pytest.mark.parametrize(
    ("kind", "first", "last", "chinese"),
    [
        ("month", "2026-11-01", "2026-11-29", "2026年11月"),
        ("quarter", "2026-10-01", "2026-11-29", "2026年第四季度"),
        ("half", "2026-01-01", "2026-06-30", "2026年上半年"),
        ("year", "2026-01-01", "2026-11-29", "2026年"),
        ("nonsense", "2026-10-01", "2026-11-29", "2026年第四季度"),
    ],
)
def test_what_the_picker_means_today(kind, first, last, chinese):
    span = timespans.choose(kind, today=TODAY)
    assert (*days(span), span.chinese) == (first, last, chinese)


def test_the_last_day_belongs_to_it_to_its_last_second():
    span = timespans.between(date(2026, 12, 1), date(2026, 12, 31), today=TODAY)
    assert span.since == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert span.until == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert span.since <= datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC) < span.until


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        ("2024-07-01", "2024-09-30", "quarter"),
        ("2026-10-01", "2026-11-29", "quarter"),  # as far as it has come
        ("2024-07-01", "2024-12-31", "half"),
        ("2024-02-01", "2024-02-29", "month"),
        ("2024-02-01", "2024-02-28", "custom"),
        ("2026-01-01", "2026-11-29", "year"),
        ("2026-11-01", "2026-11-29", "month"),
        ("2024-07-02", "2024-09-30", "custom"),
    ],
)
def test_two_days_that_are_a_quarter_are_called_so(first, last, kind):
    assert timespans.between(date.fromisoformat(first), date.fromisoformat(last), today=TODAY).kind == kind


def test_a_running_quarter_is_compared_with_as_many_days_of_the_one_before():
    span = timespans.choose("quarter", today=TODAY)
    assert days(timespans.before(span)) == ("2026-07-01", "2026-08-29")
    assert timespans.before(span).days == span.days == 60


def test_a_whole_one_is_compared_with_a_whole_one():
    february = timespans.between(date(2024, 2, 1), date(2024, 2, 29), today=TODAY)
    assert days(timespans.before(february)) == ("2024-01-01", "2024-01-31")
    march = timespans.between(date(2024, 3, 1), date(2024, 3, 31), today=TODAY)
    assert days(timespans.before(march)) == ("2024-02-01", "2024-02-29")


def test_the_last_days_of_march_have_a_whole_february_to_be_compared_with():
    running = timespans.choose("month", today=date(2026, 3, 30))
    assert days(timespans.before(running)) == ("2026-02-01", "2026-02-28")


def test_any_days_are_compared_with_as_many_before_them():
    span = timespans.between(date(2026, 5, 3), date(2026, 5, 9), today=TODAY)
    assert days(timespans.before(span)) == ("2026-04-26", "2026-05-02")


def test_the_neighbours_of_a_quarter():
    earlier, later = timespans.neighbours(timespans.choose("quarter", today=TODAY), today=TODAY)
    assert (days(earlier), later) == (("2026-07-01", "2026-09-30"), None)
    _, later = timespans.neighbours(earlier, today=TODAY)
    assert days(later) == ("2026-10-01", "2026-11-29")


def test_its_name_in_english():
    with translation.override("en"):
        names = [timespans.choose(kind, today=TODAY).name for kind in ("month", "quarter", "half", "year")]
    assert names == ["2026-11", "Quarter 4 of 2026", "First half of 2026", "Year 2026"]


@pytest.mark.parametrize(
    ("first", "last"),
    [(None, TODAY), (TODAY, None), (TODAY, TODAY - timedelta(days=1)), (date(1999, 12, 31), TODAY)],
)
def test_days_that_make_no_period_are_refused_in_words(first, last):
    with pytest.raises(Refused, match=r"\w"):
        timespans.between(first, last, today=TODAY)


@given(first=dates, length=st.integers(0, 800), today=dates)
def test_no_two_neighbours_share_a_day(first, length, today):
    span = timespans.between(first, first + timedelta(days=length), today=today)
    earlier, later = timespans.neighbours(span, today=today)
    assert earlier.until == span.since
    assert later is None or later.first == span.end + timedelta(days=1)
    assert timespans.before(span).until <= span.since
    assert timespans.before(span).days <= span.days or not span.running


@given(day=dates, kind=st.sampled_from(["month", "quarter", "half", "year"]))
def test_a_span_holds_its_day_and_is_found_again_by_its_days(day, kind):
    span = timespans.natural(kind, day, today=date(2100, 1, 1))
    assert span.first <= day <= span.last
    assert timespans.between(span.first, span.last, today=day) == Span(kind, span.first, span.last, span.end)
