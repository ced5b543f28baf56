"""All that was said beside a replay, piece by piece."""

import pytest
from django.urls import reverse
from django.utils import timezone

from live.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def replayed(trainer):
    return factories.broadcast(
        trainer=trainer, state="replay", film=factories.video(), reviewed_at=timezone.now(), cut_from_ms=1_000
    )


def say(broadcast, author, *moments):
    now = timezone.now()
    for number, at in enumerate(moments):
        Message.objects.create(
            broadcast=broadcast,
            author=author,
            author_name="张明远",
            text=str(number),
            status="shown",
            at=now,
            media_ms=at,
        )


def test_more_than_a_piece_in_one_millisecond_is_told_to_its_end(client, replayed, learner, monkeypatch):
    monkeypatch.setattr("live.views.replay.PIECE", 2)
    say(replayed, learner, 1_500, 1_500, 1_500, 1_500, 1_500, 1_200, 3_000)
    client.force_login(learner)
    told, asked, more = [], {}, True
    while more:
        answer = client.get(reverse("replay_chat", args=[replayed.uuid]), asked).json()
        told += answer["messages"]
        more = answer["more"] and len(told) < 20
        asked = {"after": told[-1]["at"], "id": told[-1]["id"]}
    assert [(line["at"], line["text"]) for line in told] == [
        (200, "5"), *((500, str(n)) for n in range(5)), (2_000, "6"),
    ]  # fmt: skip
    assert told[0]["said_at"] == round(Message.objects.first().at.timestamp() * 1000)


def test_from_a_moment_on(client, replayed, learner):
    say(replayed, learner, 1_500, 2_500)
    client.force_login(learner)
    address = reverse("replay_chat", args=[replayed.uuid])
    assert [len(client.get(address, {"after": after}).json()["messages"]) for after in ("0", "500", "501", "x")] == [
        2, 2, 1, 2,
    ]  # fmt: skip
