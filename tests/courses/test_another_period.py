"""Studying again and renewing: offered where the rules allow it, and the old record and certificate stay."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from courses import certificates, completion
from courses.models import Certificate, Enrolment, ProgrammeEnrolment
from tests import factories
from tests.courses import graduates

FIRST = dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home, title="任职培训", series=factories.series("CQY", validity_months=12))


@pytest.fixture
def issued(learner, programme):
    """Valid through 2027-06-14."""
    with time_machine.travel(FIRST, tick=False):
        return graduates.certificate(learner, programme)


@pytest.fixture
def read(client, learner):
    def page(address):
        client.force_login(learner)
        return client.get(address).content.decode()

    return page


def form(name, page):
    return f'action="{reverse(name, args=[page.pk])}"'


def test_a_finished_course_offers_another_period(client, read, learner, home):
    course = factories.course(home)
    row = factories.enrolment(learner, course, completed_at=timezone.now())
    shown = read(course.url)
    assert form("study_again", course) in shown
    assert "已完成的学习记录和证书保持不变" in shown
    answer = client.post(reverse("study_again", args=[course.pk]), follow=True)
    assert form("study_again", course) not in answer.content.decode()
    row.refresh_from_db()
    assert row.completed_at
    assert list(Enrolment.objects.order_by("period").values_list("period", flat=True)) == [1, 2]


@pytest.mark.parametrize("joined", [False, True])
def test_a_course_that_is_not_finished_does_not(read, learner, home, joined):
    course = factories.course(home)
    if joined:
        factories.enrolment(learner, course)
    assert reverse("study_again", args=[course.pk]) not in read(course.url)


def test_a_finished_programme_offers_another_period(client, read, learner, programme, issued):
    shown = read(programme.url)
    assert form("join_again", programme) in shown
    client.post(reverse("join_again", args=[programme.pk]))
    periods = ProgrammeEnrolment.objects.filter(user=learner).order_by("period")
    assert list(periods.values_list("period", flat=True)) == [1, 2]
    assert Certificate.objects.filter(pk=issued.pk, revoked_at=None, successor=None).exists()
    assert issued.programme_enrolment.certificates.get() == issued


def test_a_programme_under_way_does_not(read, learner, programme):
    row = factories.programme_enrolment(
        learner, factories.programme(programme.get_parent(), [factories.course(programme.get_parent())])
    )
    assert reverse("join_again", args=[row.programme_id]) not in read(row.programme.url)


@pytest.mark.parametrize(("day", "offered"), [("2027-03-15", False), ("2027-03-16", True), ("2027-08-01", True)])
def test_a_certificate_offers_renewal_before_it_ends_and_afterwards(read, programme, issued, day, offered):
    with time_machine.travel(f"{day} 02:00:00Z", tick=False):
        address = reverse("certificate", args=[issued.number])
        assert (form("join_again", programme) in read(address)) is offered
        assert (f'href="{address}#renewal"' in read(reverse("my_learning"))) is offered


@time_machine.travel("2027-05-01 02:00:00Z", tick=False)
def test_a_renewal_under_way_leads_on_and_a_completed_one_ends_the_offer(client, read, home, learner, admin):
    course = factories.course(home)
    programme = factories.programme(home, [course], title="任职培训", series=factories.series("CQZ", validity_months=1))
    with time_machine.travel("2027-04-15 02:00:00Z", tick=False):
        factories.enrolment(learner, course, completed_at=timezone.now())
        issued = graduates.certificate(learner, programme)
    address = reverse("certificate", args=[issued.number])
    read(address)
    client.post(reverse("join_again", args=[programme.pk]))
    shown = read(address)
    assert form("join_again", programme) not in shown
    assert f'<a class="button" href="{programme.url}">' in shown
    second = ProgrammeEnrolment.objects.get(user=learner, period=2)
    completion.override(author=admin, reason="线下学完", programme_enrolment=second)
    assert Certificate.objects.get(programme_enrolment=second).renews == issued
    assert 'id="renewal"' not in read(address)


@time_machine.travel("2027-08-01 02:00:00Z", tick=False)
def test_nobody_is_led_to_a_programme_that_was_taken_down_or_to_renew_for_others(
    client, read, admin, programme, issued
):
    address = reverse("certificate", args=[issued.number])
    programme.unpublish()
    shown = read(address)
    assert 'id="renewal"' in shown
    assert reverse("join_again", args=[programme.pk]) not in shown
    client.force_login(admin)
    assert 'id="renewal"' not in client.get(address).content.decode()


@time_machine.travel("2027-08-01 02:00:00Z", tick=False)
def test_a_revoked_certificate_is_not_renewed(read, admin, issued):
    certificates.revoke(issued, author=admin, reason="不属实")
    assert 'id="renewal"' not in read(reverse("certificate", args=[issued.number]))
