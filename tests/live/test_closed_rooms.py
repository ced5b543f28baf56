"""A room that is closed to a person: page, picture and presence say the same as its socket."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from live import moderation, posting, presence
from live.models import Broadcast, Restriction, Stay
from tests import factories

from . import streams
from .guests import speaker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def roster(monkeypatch):
    monkeypatch.setattr(presence, "here", presence.Roster())


@pytest.fixture
def live(trainer):
    """On air for a minute."""
    made = factories.broadcast(state="live", trainer=trainer, audience="members", started_at=timezone.now())
    streams.record(made, timezone.now() - timedelta(minutes=1), 60)
    return made


@pytest.fixture
def mei(client):
    person = speaker("陈梅", agreement="given")
    client.force_login(person)
    return person


def removed(live, person, by):
    said = posting.take([posting.Asked(live.pk, person.pk, uuid4(), "一句话", timezone.now())])[0]
    moderation.ban(live, by, said.pk)
    return said


def sees(client, live):
    """(whether the room is there, whether it can be written in, whether a picture is told, what keeps out)"""
    page = client.get(f"/live/{live.uuid}/").content.decode()
    told = client.get(f"/live/{live.uuid}/state").json()
    return "data-stage" in page, "data-composer" in page, bool(told["stream"]), told["shut"]


def beat(client, live, key):
    return client.post(
        f"/live/{live.uuid}/presence", {"key": str(key), "playing": True}, content_type="application/json"
    )


INSIDE = (True, True, True, "")


def test_who_was_removed_gets_neither_room_nor_picture_until_it_is_lifted(client, live, mei, trainer):
    assert sees(client, live) == INSIDE
    said = removed(live, mei, trainer)
    assert sees(client, live) == (False, False, False, "banned")
    page = client.get(f"/live/{live.uuid}/").content.decode()
    assert 'data-shut="banned"' in page
    assert "您已被请出本场直播间" in page
    assert "可以让您重新进入" in page
    assert "m3u8" not in page
    moderation.lift(live, trainer, said.pk)
    assert sees(client, live) == INSIDE


def test_no_minute_is_credited_after_a_removal_and_none_is_lost(client, live, mei, trainer, time_machine):
    now, key = timezone.now(), uuid4()
    for seconds in (0, 30, 60):
        time_machine.move_to(now + timedelta(seconds=seconds), tick=False)
        assert beat(client, live, key).status_code == 200
    removed(live, mei, trainer)
    time_machine.move_to(now + timedelta(seconds=90), tick=False)
    answer = beat(client, live, key)
    assert (answer.status_code, answer.json()["code"]) == (403, "banned")
    presence.flush()
    assert [end - begin for begin, end in Stay.objects.get().present] == [60_000]


def test_others_stay_and_so_does_who_has_come_to_work_there(client, live, mei, trainer):
    removed(live, speaker("张明远"), trainer)
    assert sees(client, live) == INSIDE
    removed(live, mei, trainer)
    live.hosts.create(user=mei, role="moderator")
    assert sees(client, live) == INSIDE


def test_a_muted_person_keeps_the_room(client, live, mei):
    Restriction.objects.create(broadcast=live, user=mei, kind="mute", made_at=timezone.now())
    assert sees(client, live) == INSIDE


def test_a_removal_ends_with_the_replay_that_is_shown(client, live, mei, trainer):
    removed(live, mei, trainer)
    film = factories.video(seconds=60, run=uuid4())
    Broadcast.objects.update(state="replay", film=film)
    assert sees(client, live) == (False, False, False, "banned")
    Broadcast.objects.update(reviewed_at=timezone.now())
    assert sees(client, live)[3] == ""
    assert client.get(f"/live/{live.uuid}/film").status_code == 200
    assert client.get(f"/live/{live.uuid}/").context["replay"] == film


def test_the_door_costs_one_question(client, live, mei):
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/live/{live.uuid}/state")
    assert sum("live_restriction" in query["sql"] for query in asked) == 1
    assert sum("live_host" in query["sql"] for query in asked) == 0
