"""On Monday morning a training manager hears who is late and what is due: once, or not at all."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from courses import assignments, weekly
from courses.models import Assignment, WeeklyLetter
from lms.models import Outgoing
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour, minute=0, day=MONDAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(7), tick=False) as moved:
        yield moved


@pytest.fixture
def manager(manager):
    EmailAddress.objects.create(user=manager, email=manager.email, verified=True, primary=True)
    return manager


@pytest.fixture
def firm(manager):
    return manager.memberships.get().enterprise


@pytest.fixture
def programme(home, course):
    return factories.programme(home, [course])


def given(firm, programme, manager, name, due_on):
    person = factories.member(factories.user(name=name), firm).user
    assignments.assign(enterprise=firm, people=[person.pk], programme=programme, due_on=MONDAY, by=manager)
    Assignment.objects.filter(user=person).update(due_on=due_on)
    return person


def test_who_is_late_and_what_is_due_is_told_once(clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    given(firm, programme, manager, "罗军", MONDAY + timedelta(days=6))
    given(firm, programme, manager, "谢建华", MONDAY + timedelta(days=7))
    assert weekly.tell_due() == 0  # seven o'clock
    clock.move_to(at(8))
    assert (weekly.tell_due(), weekly.tell_due()) == (1, 0)
    letter = mail.outbox[0]
    assert letter.to == [manager.email]
    assert [name in letter.body for name in ("曾凡", "罗军", "谢建华")] == [True, True, False]
    assert reverse("enterprise_desk", args=[firm.uscc]) in letter.body
    assert letter.body.index("曾凡") < letter.body.index("罗军")


def test_next_monday_it_is_told_again_and_on_other_days_never(clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    for days, told in ((0, 1), (1, 0), (6, 0), (7, 1)):
        clock.move_to(at(9, day=MONDAY + timedelta(days=days)))
        assert weekly.tell_due() == told, days


def test_midnight_is_that_of_shanghai(clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    clock.move_to(at(23, 59))
    assert weekly.tell_due() == 1
    WeeklyLetter.objects.all().delete()
    clock.move_to(at(0, 0, MONDAY + timedelta(days=1)))
    assert weekly.tell_due() == 0


def test_nothing_due_is_no_letter(clock, firm, programme, manager):
    given(firm, programme, manager, "谢建华", MONDAY + timedelta(days=30))
    clock.move_to(at(8))
    assert weekly.tell_due() == 0
    assert mail.outbox == []


def test_who_has_finished_or_left_is_behind_with_nothing(clock, firm, programme, manager):
    person = given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    person.memberships.update(ended_on=MONDAY)
    clock.move_to(at(8))
    assert weekly.tell_due() == 0
    assert mail.outbox == []


def test_it_can_be_switched_off_and_on(client, clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    client.force_login(manager)
    client.post(reverse("enterprise_weekly", args=[firm.uscc]), {"weekly": "off"})
    clock.move_to(at(8))
    assert weekly.tell_due() == 0
    client.post(reverse("enterprise_weekly", args=[firm.uscc]), {"weekly": "on"})
    assert weekly.tell_due() == 1


def test_who_proved_a_number_only_gets_a_text_message(clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    EmailAddress.objects.all().delete()
    manager.mobile, manager.mobile_verified = "13800000077", True
    manager.save()
    clock.move_to(at(8))
    assert weekly.tell_due() == 1
    assert Outgoing.objects.get().to == "13800000077"


def test_other_enterprises_hear_nothing_of_it(clock, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    other = factories.enterprise("91510700DEMQ00026K", "绵阳示范电子有限公司")
    stranger = factories.member(factories.user(name="别家"), other, role="manager").user
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    clock.move_to(at(8))
    weekly.tell_due()
    assert [letter.to for letter in mail.outbox] == [[manager.email]]


class Broken(EmailBackend):
    """A gateway that is away."""

    def open(self):
        raise OSError("away")

    def send_messages(self, letters):
        raise OSError("away")


class Counting(EmailBackend):
    """A connection that stays open until it is closed."""

    opened, connected = 0, False

    def open(self):
        if not self.connected:
            self.connected = True
            Counting.opened += 1

    def close(self):
        self.connected = False


def test_a_gateway_that_is_away_is_tried_again(clock, settings, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    clock.move_to(at(8))
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    assert weekly.tell_due() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert weekly.tell_due() == 1


def test_who_has_a_number_only_is_told_while_the_gateway_is_away(clock, settings, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    fields = {"mobile": "13800000078", "mobile_verified": True}
    factories.member(factories.user(name="只有手机", **fields), firm, role="manager")
    clock.move_to(at(8))
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    assert weekly.tell_due() == 1
    assert [letter.to for letter in Outgoing.objects.all()] == ["13800000078"]


def test_a_round_opens_one_connection(clock, settings, firm, programme, manager):
    given(firm, programme, manager, "曾凡", MONDAY - timedelta(days=1))
    for number in range(3):
        second = factories.member(factories.user(name=f"管理员{number}"), firm, role="manager").user
        EmailAddress.objects.create(user=second, email=second.email, verified=True, primary=True)
    settings.EMAIL_BACKEND, Counting.opened = f"{__name__}.Counting", 0
    clock.move_to(at(8))
    assert (weekly.tell_due(), Counting.opened, len(mail.outbox)) == (4, 1, 4)
