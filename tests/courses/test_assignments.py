"""An enterprise gives its people a programme with a last day and reminds those who are behind."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from courses import assignments
from courses.models import Assignment, ProgrammeEnrolment
from lms.models import Outgoing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return factories.enterprise()


@pytest.fixture
def programme(home, course):
    return factories.programme(home, [course])


@pytest.fixture
def day():
    return timezone.localdate() + timedelta(days=30)


@pytest.fixture
def staff(firm):
    """Two people, one reached by mail, one by telephone."""
    from allauth.account.models import EmailAddress

    by_mail = factories.member(factories.user(name="曾凡", email="zeng@example.org"), firm).user
    EmailAddress.objects.create(user=by_mail, email="zeng@example.org", verified=True, primary=True)
    by_phone = factories.member(
        factories.user(name="罗军", email=None, mobile="13500000002", mobile_verified=True), firm
    ).user
    return [by_mail, by_phone]


def give(firm, staff, programme, day, by):
    return assignments.assign(
        enterprise=firm, people=[user.pk for user in staff], programme=programme, due_on=day, by=by
    )


def test_a_programme_is_given_and_joined(firm, staff, programme, day, manager):
    assert give(firm, staff, programme, day, manager) == {"new": 2, "moved": 0, "same": 0}
    assert set(ProgrammeEnrolment.objects.values_list("user", flat=True)) == {user.pk for user in staff}
    assert set(Assignment.objects.values_list("due_on", "made_by")) == {(day, manager.pk)}


def test_given_again_nothing_grows(firm, staff, programme, day, manager):
    give(firm, staff, programme, day, manager)
    assert give(firm, staff, programme, day, manager) == {"new": 0, "moved": 0, "same": 2}
    assert give(firm, staff[:1], programme, day + timedelta(days=1), manager) == {"new": 0, "moved": 1, "same": 0}
    assert (Assignment.objects.count(), ProgrammeEnrolment.objects.count()) == (2, 2)


def test_only_to_people_who_work_there(firm, staff, programme, day, manager, outsider):
    give(firm, [*staff, outsider], programme, day, manager)
    assert not Assignment.objects.filter(user=outsider).exists()
    with pytest.raises(assignments.Refused):
        give(firm, [outsider], programme, day, manager)
    assert not ProgrammeEnrolment.objects.filter(user=outsider).exists()


@pytest.mark.parametrize("days", [-1, 4 * 366])
def test_a_day_that_cannot_be_meant(firm, staff, programme, manager, days):
    with pytest.raises(assignments.Refused):
        give(firm, staff, programme, timezone.localdate() + timedelta(days=days), manager)
    assert not ProgrammeEnrolment.objects.exists()


def test_taken_back_it_can_be_given_anew(firm, staff, programme, day, manager):
    give(firm, staff[:1], programme, day, manager)
    assignments.withdraw(Assignment.objects.get())
    assert give(firm, staff[:1], programme, day, manager)["new"] == 1
    assert ProgrammeEnrolment.objects.count() == 1


def test_each_is_reminded_by_the_way_they_proved(firm, staff, programme, day, manager):
    give(firm, staff, programme, day, manager)
    assert assignments.remind(Assignment.objects.all()) == {"reminded": 2}
    assert [letter.to for letter in mail.outbox] == [["zeng@example.org"]]
    assert firm.name in mail.outbox[0].body
    assert Outgoing.objects.get(channel="sms").to == "13500000002"


def test_once_a_day_is_enough(firm, staff, programme, day, manager):
    give(firm, staff[:1], programme, day, manager)
    assignments.remind(Assignment.objects.all())
    assert assignments.remind(Assignment.objects.all()) == {"lately": 1}
    with time_machine.travel(timezone.now() + timedelta(hours=21)):
        assert assignments.remind(Assignment.objects.all()) == {"reminded": 1}


def test_nobody_who_finished_is_reminded(firm, staff, programme, day, manager):
    give(firm, staff[:1], programme, day, manager)
    ProgrammeEnrolment.objects.update(completed_at=timezone.now())
    assert assignments.remind(Assignment.objects.all()) == {"finished": 1}
    assert mail.outbox == []


def test_somebody_who_cannot_be_reached_is_told_of(firm, programme, day, manager):
    unproved = factories.member(factories.user(name="何晓雯", email="new@example.org"), firm).user
    give(firm, [unproved], programme, day, manager)
    assert assignments.remind(Assignment.objects.all()) == {"unreachable": 1}
    assert Assignment.objects.get().reminded_at is None
