"""Who booked is told in time, once, in the site and by mail."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from live import booking, reminders, schedule, states
from live.models import Reminder
from tests import factories
from tests.live import gateway

pytestmark = pytest.mark.django_db


def booked(learner, trainer, *, hours, booked_ago=48, **fields):
    made = factories.broadcast(trainer=trainer, starts_at=timezone.now() + timedelta(hours=hours), **fields)
    row = booking.book(learner, made)
    row.made_at = timezone.now() - timedelta(hours=booked_ago)
    row.save()
    return made


def kinds():
    return list(Reminder.objects.filter(read_at=None).values_list("kind", flat=True))


def test_a_day_before_and_shortly_before_once_each(learner, trainer):
    EmailAddress.objects.create(user=learner, email=learner.email, verified=True, primary=True)
    made = booked(learner, trainer, hours=20)
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    made.starts_at = timezone.now() + timedelta(minutes=10)
    made.save()
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    assert kinds() == ["day", "soon"]
    assert [message.to for message in mail.outbox] == [[learner.email]] * 2
    assert f"/live/{made.uuid}/" in mail.outbox[0].body


def test_who_booked_within_the_day_is_not_told_of_tomorrow(learner, trainer):
    booked(learner, trainer, hours=20, booked_ago=1)
    assert reminders.remind_due() == 0


def test_an_unproved_address_gets_no_mail_and_the_site_tells(learner, trainer):
    made = booked(learner, trainer, hours=0.1)
    assert reminders.remind_due() == 1
    assert mail.outbox == []
    assert [row.booking.broadcast for row in reminders.unread(learner)] == [made]
    reminders.read(learner, made)
    assert reminders.unread(learner) == []


def test_a_new_time_is_told_and_the_way_back_as_well(learner, trainer):
    made = booked(learner, trainer, hours=100)
    first, second = made.starts_at, made.starts_at + timedelta(hours=5)
    schedule.move(made, second, by=trainer)
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    schedule.move(made, first, by=trainer)
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    assert {row.about for row in Reminder.objects.filter(kind="moved", read_at=None)} == {first, second}


def test_who_booked_after_the_move_hears_nothing_of_it(learner, trainer):
    made = factories.broadcast(trainer=trainer, starts_at=timezone.now() + timedelta(hours=100))
    schedule.move(made, timezone.now() + timedelta(hours=120), by=trainer)
    booking.book(learner, made)
    assert reminders.remind_due() == 0


def test_a_cancellation_is_told_with_its_reason(learner, trainer):
    EmailAddress.objects.create(user=learner, email=learner.email, verified=True, primary=True)
    made = booked(learner, trainer, hours=100)
    schedule.cancel(made, by=trainer, reason="讲师临时有事")
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    assert "讲师临时有事" in mail.outbox[0].body


def test_the_replay_is_told_when_it_was_reviewed(learner, trainer):
    made = booked(learner, trainer, hours=0.5, booked_ago=0)
    for state in ("ready", "live", "ended", "processing", "replay"):
        states.move(made, state, reason="a step")
    assert reminders.remind_due() == 0
    made.reviewed_at = timezone.now()
    made.save()
    assert [reminders.remind_due(), reminders.remind_due()] == [1, 0]
    assert kinds() == ["replay"]


def test_who_gave_the_place_back_is_left_alone(learner, trainer):
    made = booked(learner, trainer, hours=0.1)
    booking.cancel(learner, made)
    assert reminders.remind_due() == 0


def test_a_round_without_time_leaves_the_rest_to_the_next(learner, trainer, monkeypatch):
    booked(learner, trainer, hours=0.1)
    with monkeypatch.context() as hurry:
        hurry.setattr(reminders, "PIECE", -1.0)
        assert reminders.remind_due() == 0
    assert reminders.remind_due() == 1


def test_a_round_takes_one_connection_and_trouble_another(trainer, settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.live.gateway.Gateway"
    for number in range(4):
        person = factories.user(email=f"learner{number}@example.org")
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        booked(person, trainer, hours=20)
    gateway.began()
    assert reminders.remind_due() == 4
    assert gateway.seen == ["open", "mail", "mail", "mail", "mail", "close"]
    Reminder.objects.all().delete()
    gateway.began(refuses=2)
    assert reminders.remind_due() == 4
    assert gateway.seen == ["open", "mail", "refused", "close", "open", "mail", "mail", "close"]
    gateway.began()
    assert reminders.remind_due() == 0
    assert gateway.seen == []
