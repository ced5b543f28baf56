"""The figures of the home page are counted by a duty: who opens the page never waits for them."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from lms import jobs, reports, tally
from lms.models import KeptFigures


@pytest.fixture
def write(learner):
    run = tally.activity(key="course:1:2026", kind="course", title="基础")

    def one(n):
        return tally.record(
            key=f"k{n}", kind="lesson", activity=run, person=learner, channel="on_demand", minutes=45,
            occurred_at=timezone.now(), unit=f"lesson:{n}",
        )  # fmt: skip

    return one


def pass_time(**passed):
    for row in KeptFigures.objects.all():
        KeptFigures.objects.update(counted_at=row.counted_at - timedelta(**passed))
    cache.clear()


def test_the_duty_counts_and_the_page_reads(write, django_assert_num_queries):
    write(1)
    call_command("tick", verbosity=0)
    with django_assert_num_queries(1):
        assert reports.public_figures() == reports.Measures(
            sessions=1, attendances=1, persons=1, hours=tally.HOUR / 45, minutes=tally.HOUR
        )
    with django_assert_num_queries(0):
        assert reports.public_figures().attendances == 1


def test_stale_figures_are_shown_until_the_duty_renews_them(write, django_assert_num_queries):
    write(1)
    reports.keep_public_figures()
    write(2)
    pass_time(days=1)
    with django_assert_num_queries(1):
        assert reports.public_figures().hours == 1
    assert reports.keep_public_figures() is True
    cache.clear()
    assert reports.public_figures().hours == 2


def test_before_the_first_duty_the_page_counts_for_itself(write):
    write(1)
    assert reports.public_figures().attendances == 1
    assert not KeptFigures.objects.exists()


def test_nothing_is_counted_while_the_book_stays_as_it_is(write, django_assert_num_queries):
    write(1)
    reports.keep_public_figures()
    pass_time(hours=2)
    with django_assert_num_queries(2):
        assert reports.keep_public_figures() is False


def test_a_reversal_is_a_reason_to_count(write, provincial_clerk):
    row = write(1)
    reports.keep_public_figures()
    tally.reverse(row, author=provincial_clerk, reason="误记")
    pass_time(hours=2)
    assert reports.keep_public_figures() is True
    assert reports.public_figures().attendances == 0


def test_counting_takes_the_worker_a_twentieth_of_its_time(write):
    write(1)
    reports.keep_public_figures()
    KeptFigures.objects.update(seconds=30)
    write(2)
    pass_time(seconds=599)
    assert reports.keep_public_figures() is False
    pass_time(seconds=2)
    assert reports.keep_public_figures() is True


def test_it_is_a_duty():
    assert reports.keep_public_figures in jobs.periodic
