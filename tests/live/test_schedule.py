"""Planning, announcing, moving and calling off a broadcast."""

from datetime import timedelta

import pytest
from django.utils import timezone

from live import keys, schedule, states
from live.models import Broadcast, Deed, Host, Reminder
from lms.models import Activity
from tests import factories

State = Broadcast.State
pytestmark = pytest.mark.django_db


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def test_a_plan_is_a_draft_with_a_room_hosted_by_who_made_it(trainer):
    made = schedule.create(by=trainer, starts_at=in_hours(24), title="标准解读", minutes=60, capacity=30)
    assert (made.state, made.capacity, made.planned_end - made.starts_at) == ("draft", 30, timedelta(minutes=60))
    assert made.room.mode == "open"
    assert [(host.user, host.role) for host in made.hosts.all()] == [(trainer, "trainer")]


def test_announcing_opens_an_activity_of_the_ledger_once(trainer):
    organisers = [{"role": "主办", "name": "四川省市场监督管理局"}]
    made = schedule.create(
        by=trainer, starts_at=in_hours(24), title="标准解读", organisers=organisers, region_code="510100",
        campaigns=["2026质量月"],
    )  # fmt: skip
    schedule.announce(made, by=trainer)
    schedule.announce(made, by=trainer)
    activity = Activity.objects.get()
    assert made.activity == activity
    assert (activity.key, activity.kind, activity.organisers) == (f"broadcast:{made.uuid}", "broadcast", organisers)
    assert (activity.region_code, activity.campaigns) == ("510100", ["2026质量月"])
    assert [(row.before, row.after, row.actor) for row in made.transitions.all()] == [("draft", "scheduled", trainer)]


def test_a_new_time_moves_the_activity_and_is_news_for_bookings(trainer, learner):
    made = factories.broadcast(trainer=trainer, state="draft", starts_at=in_hours(2))
    schedule.announce(made, by=trainer)
    made.bookings.create(user=learner, made_at=timezone.now())
    before, version = made.starts_at, made.version
    schedule.move(made, in_hours(50), by=trainer)
    assert made.version == version + 1
    assert made.activity.starts_on == timezone.localtime(made.starts_at).date()
    assert Reminder.objects.get().about == before


def test_an_open_room_closes_when_the_beginning_moves_far_away(trainer):
    made = factories.broadcast(trainer=trainer, state="ready", starts_at=in_hours(0.3))
    schedule.move(made, in_hours(30), by=trainer)
    assert made.state == State.SCHEDULED


def test_the_waiting_room_opens_half_an_hour_before(trainer):
    soon = factories.broadcast(trainer=trainer, starts_at=in_hours(0.4))
    late = factories.broadcast(trainer=trainer, starts_at=in_hours(0.6))
    assert schedule.open_due() == 1
    assert schedule.open_due() == 0
    assert [Broadcast.objects.get(pk=row.pk).state for row in (soon, late)] == ["ready", "scheduled"]


def test_calling_off_keeps_the_reason(trainer):
    made = factories.broadcast(trainer=trainer)
    schedule.cancel(made, by=trainer, reason="讲师临时有事")
    assert made.state == State.CANCELLED
    assert made.transitions.get().reason == "讲师临时有事"


def test_calling_off_wants_a_reason(trainer):
    with pytest.raises(schedule.Refused):
        schedule.cancel(factories.broadcast(trainer=trainer), by=trainer, reason=" ")


@pytest.mark.parametrize(("hours", "minutes"), [(-1, 60), (9000, 60), (24, 0), (24, 500)])
def test_impossible_times_are_refused(trainer, hours, minutes):
    with pytest.raises(schedule.Refused):
        schedule.create(by=trainer, starts_at=in_hours(hours), title="标准解读", minutes=minutes)
    assert not Broadcast.objects.exists()


def test_what_has_begun_is_not_moved(trainer):
    made = factories.broadcast(trainer=trainer, state="live")
    with pytest.raises(schedule.Refused):
        schedule.move(made, in_hours(50), by=trainer)


def test_what_has_begun_is_not_called_off(trainer):
    with pytest.raises(states.Refused):
        schedule.cancel(factories.broadcast(trainer=trainer, state="live"), by=trainer, reason="讲师临时有事")


def test_hosts_are_named_and_one_trainer_stays(trainer, learner):
    made = factories.broadcast(trainer=trainer)
    schedule.name_hosts(made, {trainer.pk: Host.Role.TRAINER, learner.pk: Host.Role.MODERATOR})
    schedule.name_hosts(made, {trainer.pk: Host.Role.TRAINER, learner.pk: Host.Role.ASSISTANT})
    assert {host.user: host.role for host in made.hosts.all()} == {trainer: "trainer", learner: "assistant"}
    with pytest.raises(schedule.Refused):
        schedule.name_hosts(made, {learner.pk: Host.Role.MODERATOR})
    assert made.hosts.count() == 2


def test_who_hosts_no_more_leaves_no_key_behind(trainer, learner, admin):
    made = factories.broadcast(trainer=trainer)
    schedule.name_hosts(made, {trainer.pk: "trainer", learner.pk: "assistant"}, by=trainer)
    key = keys.issue(made, by=learner)
    schedule.name_hosts(made, {trainer.pk: "trainer", learner.pk: "assistant", admin.pk: "moderator"}, by=trainer)
    assert keys.matches(made, key)
    schedule.name_hosts(made, {trainer.pk: "trainer", learner.pk: "moderator"}, by=trainer)
    assert not keys.matches(made, key)
    told = Deed.objects.values_list("verb", "role", "person", "detail")
    assert list(told) == [
        ("role", "trainer", learner.pk, "- → assistant"),
        ("role", "trainer", admin.pk, "- → moderator"),
        ("role", "trainer", learner.pk, "assistant → moderator"),
        ("role", "trainer", admin.pk, "moderator → -"),
    ]


def test_the_key_of_a_trainer_who_stays_stands(trainer, learner):
    made = factories.broadcast(trainer=trainer)
    schedule.name_hosts(made, {trainer.pk: "trainer", learner.pk: "assistant"})
    key = keys.issue(made, by=trainer)
    schedule.name_hosts(made, {trainer.pk: "trainer"})
    assert keys.matches(made, key)
