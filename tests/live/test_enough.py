"""How much presence is enough: known beforehand, the same for the page, the list and the ledger, never taken back."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from live import attendance, schedule, settling
from live.models import Broadcast, Presence
from live.registers import Register
from live.timeline import Timeline
from tests import factories
from tests.live import streams


def told(client, broadcast):
    return client.get(reverse("broadcast_state", args=[broadcast.uuid]), {"mine": 1}).json()["minutes"]


def credited(broadcast, user):
    settling.settle(broadcast)
    return Presence.objects.get(broadcast=broadcast, user=user).credited


@pytest.mark.django_db
def test_who_was_told_reached_has_reached_though_it_ran_over(client, trainer, learner, began, at):
    made = factories.broadcast(state="live", trainer=trainer, starts_at=began, started_at=began, minutes=10)
    streams.record(made, began, 8 * 60)
    streams.stay(made, learner, (at(0), at(8)))
    client.force_login(learner)
    assert told(client, made) == {"present_ms": 480_000, "missing_ms": 0}
    streams.record(made, at(8), 12 * 60)
    streams.end(made, at(20), by=trainer)
    register = Register.of(made)
    person = attendance.of(made, learner.pk)
    assert (register.asked_minutes, register.row(learner, person, set(), None).missing_ms) == (8, 0)
    assert credited(made, learner)


@pytest.mark.django_db
def test_of_one_that_ended_early_the_share_of_what_there_was(client, trainer, learner, began, at):
    made = streams.lecture(began, minutes=5, by=trainer)
    Broadcast.objects.update(minutes=10)
    streams.stay(made, learner, (at(0), at(4)))
    client.force_login(learner)
    with time_machine.travel(at(6), tick=False):  # it can be taken up again, and would then go on
        assert told(client, made)["missing_ms"] == 240_000
    assert told(client, made)["missing_ms"] == 0
    made.refresh_from_db()
    assert credited(made, learner)


@pytest.mark.django_db
def test_a_cut_takes_nothing_back(trainer, learner, began, at):
    made = streams.lecture(began, minutes=10, by=trainer)
    streams.stay(made, learner, (at(0), at(8)))
    Broadcast.objects.update(cut_from_ms=240_000)
    made.refresh_from_db()
    assert credited(made, learner)


@pytest.mark.django_db
def test_less_is_not_enough(trainer, learner, began, at):
    made = streams.lecture(began, minutes=10, by=trainer)
    streams.stay(made, learner, (at(0), at(7)))
    assert not credited(made, learner)


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"minutes": 60}, {"threshold": 90}, {"sign_ins_needed": 3}])
def test_more_is_not_asked_for_once_it_has_begun(trainer, more):
    made = factories.broadcast(state="live", trainer=trainer, minutes=10, started_at=timezone.now())
    with pytest.raises(schedule.AskedMore):
        schedule.change(made, by=trainer, **more)
    schedule.change(made, by=trainer, title="新题", minutes=5)
    made.refresh_from_db()
    assert (made.title, made.minutes) == ("新题", 5)


@given(
    planned=st.integers(1, 30), share=st.integers(1, 100), there=st.integers(0, 3600), later=st.integers(0, 3600),
    cut=st.integers(0, 3600),
)  # fmt: skip
def test_reached_while_it_runs_is_reached_at_the_end(planned, share, there, later, cut):
    now = timezone.now()
    made = Broadcast(minutes=planned, threshold=share, state="live")
    person = attendance.Person(1, now, now, 1, 1, [[0, there * 1000]])
    before = attendance.missing(made, person, (0, there * 1000))
    length = (there + later) * 1000
    after = attendance.missing(made, person, (min(cut * 1000, length), length), final=True)
    assert before > 0 or after == 0
    assert after <= before


def test_nothing_was_on_air():
    now = timezone.now()
    person = attendance.Person(1, now, now, 0, 0, [])
    assert not attendance.enough(Broadcast(minutes=1, threshold=80), person, (0, 0))
    assert Timeline([]).length == 0
