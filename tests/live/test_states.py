from datetime import timedelta

import pytest
from django.utils import timezone

from live import runs, states
from live.models import Broadcast, Transition
from tests import factories

State = Broadcast.State
pytestmark = pytest.mark.django_db


def test_a_lecture_goes_its_way(trainer):
    broadcast = factories.broadcast(state="draft", trainer=trainer)
    way = [State.SCHEDULED, State.READY, State.LIVE, State.INTERRUPTED, State.LIVE, State.ENDED, State.PROCESSING]
    for state in [*way, State.REPLAY]:
        states.move(broadcast, state, actor=trainer, reason="a step")
    assert [row.after for row in Transition.objects.all()] == [*way, State.REPLAY]
    assert Transition.objects.filter(actor=trainer).count() == 8
    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.version) == (State.REPLAY, 8)
    assert broadcast.started_at <= broadcast.ended_at


def test_coming_back_is_not_a_new_beginning():
    broadcast = factories.broadcast(state="ready")
    began = timezone.now() - timedelta(minutes=5)
    states.move(broadcast, State.LIVE, reason="start", at=began)
    states.move(broadcast, State.INTERRUPTED, reason="network")
    assert broadcast.interrupted_at
    states.move(broadcast, State.LIVE, reason="a new run")
    assert (broadcast.started_at, broadcast.interrupted_at) == (began, None)


def test_the_same_state_again_leaves_no_row():
    broadcast = factories.broadcast(state="live")
    states.move(broadcast, State.LIVE, reason="pressed twice")
    assert not Transition.objects.exists()


@pytest.mark.parametrize(("before", "after"), [("draft", "live"), ("cancelled", "scheduled"), ("replay", "live")])
def test_no_way_leads_there(before, after):
    broadcast = factories.broadcast(state=before)
    with pytest.raises(states.Refused):
        states.move(broadcast, after, reason="no")
    assert (Broadcast.objects.get().state, Transition.objects.count()) == (before, 0)


def test_a_wrong_click_can_be_taken_back_for_half_an_hour():
    now = timezone.now()
    broadcast = factories.broadcast(state="live", started_at=now - timedelta(hours=1))
    states.move(broadcast, State.ENDED, reason="stop", at=now - timedelta(minutes=29))
    states.move(broadcast, State.LIVE, reason="wrong click")
    assert broadcast.ended_at is None
    states.move(broadcast, State.ENDED, reason="stop", at=now - timedelta(minutes=31))
    with pytest.raises(states.Refused):
        states.move(broadcast, State.LIVE, reason="too late")


def test_who_follows_hears_of_it_and_can_undo_it(monkeypatch):
    heard = []
    monkeypatch.setattr(states, "followers", [lambda row, before: heard.append((before, row.state))])
    broadcast = factories.broadcast(state="ready")
    states.move(broadcast, State.LIVE, reason="start")
    assert heard == [("ready", "live")]

    def fail(row, before):
        raise ValueError

    monkeypatch.setattr(states, "followers", [fail])
    with pytest.raises(ValueError):  # noqa: PT011 - that of the follower
        states.move(broadcast, State.ENDED, reason="stop")
    assert Broadcast.objects.get().state == State.LIVE


def test_taken_up_again_nothing_is_cut_off():
    broadcast = factories.broadcast(state="live", started_at=timezone.now())
    states.move(broadcast, State.ENDED, reason="stop")
    Broadcast.objects.update(state=State.REPLAY, cut_from_ms=2_000, cut_to_ms=4_000)
    broadcast.refresh_from_db()
    assert states.can_be_taken_up(broadcast)
    states.move(broadcast, State.INTERRUPTED, reason="taken up again")
    broadcast.refresh_from_db()
    assert (broadcast.cut_from_ms, broadcast.cut_to_ms) == (0, None)


def test_a_start_that_led_nowhere_is_forgotten(trainer):
    broadcast = factories.broadcast(state="ready", starts_at=timezone.now(), trainer=trainer)
    runs.start(broadcast, trainer)
    runs.stop(broadcast, trainer)
    assert (broadcast.state, broadcast.start_asked_at, broadcast.start_asked_by) == (State.READY, None, None)
    runs.start(broadcast, trainer)
    run = runs.open_run(broadcast, "rtmp", rehearsal=False)
    runs.stop(broadcast, trainer)
    run.refresh_from_db()
    assert run.rehearsal
    runs.start(broadcast, trainer)
    states.move(broadcast, State.SCHEDULED, reason="moved to a later time")
    broadcast.refresh_from_db()
    assert (broadcast.start_asked_at, broadcast.start_asked_by) == (None, None)
