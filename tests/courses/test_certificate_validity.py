"""How long a certificate counts, and how a new period of training renews it."""

import datetime as dt
from contextlib import suppress

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from courses import certificates, register
from courses.models import Certificate
from tests import factories
from tests.courses import graduates

Status = Certificate.Status
FIRST = dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC)


@pytest.fixture
def programme(home):
    return graduates.programme(home, series=factories.series("CQY", validity_months=36))


@pytest.fixture
def issued(learner, programme):
    with time_machine.travel(FIRST, tick=False):
        return graduates.certificate(learner, programme, ended_at=FIRST)


def again(user, programme, period=2, **fields):
    return graduates.completion(user, programme, period=period, **fields)


@pytest.mark.parametrize(
    ("issued_on", "months", "last"),
    [
        ("2023-06-15", 36, "2026-06-14"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-12-01", 1, "2026-12-31"),
        ("2026-03-01", 120, "2036-02-29"),
    ],
)
def test_the_last_day(issued_on, months, last):
    assert register.last_day(dt.date.fromisoformat(issued_on), months) == dt.date.fromisoformat(last)


@pytest.mark.parametrize("months", [None, 0])
def test_without_months_it_has_no_end(months):
    assert register.last_day(dt.date(2026, 1, 1), months) is None


def test_a_term_beyond_the_calendar_has_no_end(learner, home):
    """As from a series of before there was a bound: completing a programme must not break."""
    assert register.last_day(dt.date(2026, 1, 1), 100_000) is None
    assert register.last_day(dt.date(2026, 1, 1), (9999 - 2026) * 12 + 12) is None
    programme = graduates.programme(home, series=factories.series("CQY", validity_months=32_767))
    assert graduates.certificate(learner, programme).expires_on.year > 4000


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 120))
def test_the_last_day_is_that_many_months_away(day, months):
    last = register.last_day(day, months)
    ends = last + dt.timedelta(days=1)
    assert last > day
    assert (ends.year * 12 + ends.month) - (day.year * 12 + day.month) == months + (ends.day == 1 and day.day > 1)
    with suppress(ValueError):
        assert ends == day.replace(
            year=day.year + (day.month - 1 + months) // 12, month=(day.month - 1 + months) % 12 + 1
        )


def test_a_certificate_is_valid_through_its_last_day(issued):
    assert issued.expires_on == dt.date(2029, 6, 14)
    assert issued.status_on(dt.date(2029, 6, 14)) == Status.VALID
    assert issued.status_on(dt.date(2029, 6, 15)) == Status.EXPIRED


def test_the_lists_agree_with_the_statuses(issued, programme, admin):
    others = certificates.issue_batch(graduates.completions(programme, 3))
    certificates.revoke(others[0], author=admin, reason="不属实")
    certificates.supersede(others[1], changes={"name": "新名字"}, author=admin, reason="姓名更正")
    for today in (dt.date(2029, 6, 14), dt.date(2029, 6, 15), dt.date(2040, 1, 1)):
        rows = list(Certificate.objects.told())
        assert len(rows) == 5
        for status in Status:
            listed = set(Certificate.objects.with_status(status, today))
            assert listed == {row for row in rows if row.status_on(today) == status}


def test_whom_to_remind(issued, programme):
    today = dt.date(2029, 5, 1)
    assert list(Certificate.objects.expiring(before=dt.date(2029, 6, 15), today=today)) == [issued]
    assert list(Certificate.objects.expiring(before=dt.date(2029, 6, 14), today=today)) == []
    assert list(Certificate.objects.expiring(before=dt.date(2029, 7, 1), today=dt.date(2029, 6, 15))) == []


@time_machine.travel("2029-05-01 02:00:00Z", tick=False)
def test_completing_the_next_period_renews_from_the_old_last_day(issued, learner, programme):
    renewed = certificates.issue(again(learner, programme))
    assert renewed.renews == issued
    assert renewed.version == 1
    assert renewed.expires_on == dt.date(2032, 6, 14)
    old = Certificate.objects.told().get(pk=issued.pk)
    assert old.status == Status.VALID
    assert old.renewal == renewed
    assert graduates.verbs(old) == ["issued", "renewed"]
    assert not Certificate.objects.expiring(before=dt.date(2029, 7, 1)).exists()


@time_machine.travel("2029-08-01 02:00:00Z", tick=False)
def test_a_late_renewal_counts_from_its_own_day(issued, learner, programme):
    assert certificates.issue(again(learner, programme)).expires_on == dt.date(2032, 7, 31)
    assert Certificate.objects.told().get(pk=issued.pk).status == Status.EXPIRED


@time_machine.travel("2029-05-01 02:00:00Z", tick=False)
def test_another_programme_may_renew(issued, learner, home, programme):
    course = graduates.programme(home, title="能力提升班", series=programme.series)
    renewed = certificates.renew(issued, programme_enrolment=again(learner, course, period=1))
    assert renewed.renews == issued
    assert renewed.snapshot["programme"] == "能力提升班"
    assert renewed.expires_on == dt.date(2032, 6, 14)
    assert certificates.renew(issued, programme_enrolment=renewed.programme_enrolment) == renewed
    assert Certificate.objects.count() == 2


def test_a_certificate_that_was_issued_already_can_be_named_a_renewal(issued, learner, home, programme):
    course = graduates.programme(home, title="能力提升班", series=programme.series)
    made = graduates.certificate(learner, course)
    assert certificates.renew(issued, programme_enrolment=made.programme_enrolment) == made
    made.refresh_from_db()
    assert made.renews == issued


def test_a_renewal_that_makes_no_sense_is_refused(issued, learner, outsider, programme, admin, home):
    second = again(learner, programme)
    refused = [
        issued.programme_enrolment,
        again(outsider, programme, period=1),
        again(learner, programme, period=3, completed_at=None, ended_at=FIRST),
        graduates.completion(learner, graduates.programme(home, series=None)),
    ]
    for row in refused:
        with pytest.raises(certificates.Refused):
            certificates.renew(issued, programme_enrolment=row)
    certificates.revoke(issued, author=admin, reason="不属实")
    with pytest.raises(certificates.Refused):
        certificates.renew(issued, programme_enrolment=second)
    assert Certificate.objects.count() == 1


def test_a_revoked_certificate_is_followed_by_a_first_one_not_a_renewal(issued, learner, programme, admin):
    certificates.revoke(issued, author=admin, reason="不属实")
    assert certificates.issue(again(learner, programme)).renews is None


def test_a_certificate_is_renewed_once(issued, learner, programme, home):
    certificates.issue(again(learner, programme))
    course = graduates.programme(home, title="能力提升班", series=programme.series)
    with pytest.raises(certificates.Refused):
        certificates.renew(issued, programme_enrolment=graduates.completion(learner, course))


def test_a_correction_keeps_the_last_day(issued, admin):
    made = certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    assert made.expires_on == issued.expires_on
