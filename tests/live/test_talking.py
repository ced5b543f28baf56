"""Talking and keeping order by plain forms, without a socket and without scripts."""

import pytest
from django.urls import reverse
from django.utils import timezone

from live.models import Message, Poll, Restriction, RollCall, RollCallAnswer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(trainer, learner):
    learner.mobile_verified = True
    learner.save()
    return factories.broadcast(trainer=trainer, state="live")


def address(broadcast, name, *more):
    return reverse(name, args=[broadcast.uuid, *more])


def said(room, author, text="这一条", kind="message"):
    return Message.objects.create(
        broadcast=room, author=author, author_name=author.name, text=text, kind=kind, status="shown", at=timezone.now()
    )


def deed(client, room, **fields):
    return client.post(address(room, "moderate"), fields, headers={"Accept": "application/json"})


def test_a_message_is_said_and_stands_on_the_page(client, room, learner):
    client.force_login(learner)
    page = client.post(address(room, "broadcast_say"), {"text": "谢谢李老师"}, follow=True)
    assert "谢谢李老师" in page.content.decode()
    assert Message.objects.get().status == "shown"


def test_what_was_refused_is_not_lost(client, room, learner):
    room.room.mode = "off"
    room.room.save()
    client.force_login(learner)
    page = client.post(address(room, "broadcast_say"), {"text": "谢谢李老师"}, follow=True).content.decode()
    assert ">谢谢李老师</textarea>" in page
    assert 'class="chat__text">谢谢李老师' not in page


def test_a_question_gets_votes(client, room, learner, trainer):
    client.force_login(learner)
    client.post(address(room, "broadcast_say"), {"text": "任命文件由谁签发？", "question": "1"})
    question = Message.objects.get(kind="question")
    client.post(address(room, "vote_question", question.pk))
    question.refresh_from_db()
    assert question.votes == 1


def test_open_questions_stand_before_answered_ones(client, room, learner):
    answered = said(room, learner, "已答的一问", kind="question")
    Message.objects.filter(pk=answered.pk).update(answered_at=timezone.now(), votes=9)
    said(room, learner, "待答的一问", kind="question")
    client.force_login(learner)
    questions = client.get(address(room, "broadcast")).context["questions"]
    assert [each.text for each in questions] == ["待答的一问", "已答的一问"]


def test_a_moderator_hides_mutes_and_removes(client, room, learner, trainer):
    message = said(room, learner)
    client.force_login(trainer)
    assert deed(client, room, verb="mute-10", message=message.pk).status_code == 204
    assert deed(client, room, verb="delete", message=message.pk).status_code == 204
    assert deed(client, room, verb="ban", message=message.pk).status_code == 204
    message.refresh_from_db()
    assert message.status == "deleted"
    assert sorted(Restriction.objects.values_list("kind", flat=True)) == ["ban", "mute"]
    client.force_login(learner)
    assert (
        client.post(
            address(room, "broadcast_say"), {"text": "再说一句"}, headers={"Accept": "application/json"}
        ).status_code
        == 403
    )


def test_the_rules_of_the_room_are_one_form(client, room, trainer):
    client.force_login(trainer)
    assert deed(client, room, verb="rules", mode="questions", slow_seconds="30", overlay="1").status_code == 204
    assert deed(client, room, verb="pin", text="14:58 起集中答疑").status_code == 204
    room.room.refresh_from_db()
    kept = room.room
    assert (kept.mode, kept.slow_seconds, kept.overlay, kept.checked_first) == ("questions", 30, True, False)
    assert kept.notice == "14:58 起集中答疑"


def test_a_poll_is_asked_and_answered(client, room, trainer, learner):
    client.force_login(trainer)
    assert deed(client, room, verb="poll", question="听得清吗", options="清楚\n不清楚").status_code == 204
    poll = Poll.objects.get()
    client.force_login(learner)
    answer = client.post(address(room, "ballot", poll.pk), {"keys": "a"}, headers={"Accept": "application/json"})
    assert answer.status_code == 204
    assert poll.ballots.get().keys == ["a"]


def test_a_sign_in_is_asked_and_answered_with_the_code(client, room, trainer, learner):
    client.force_login(trainer)
    told = deed(client, room, verb="roll_call")
    assert RollCall.objects.get().code in told.json()["message"]
    client.force_login(learner)
    json = {"Accept": "application/json"}
    assert client.post(address(room, "sign_in_by_code"), {"code": "x"}, headers=json).status_code == 422
    done = client.post(address(room, "sign_in_by_code"), {"code": RollCall.objects.get().code}, headers=json)
    assert done.status_code == 200
    assert RollCallAnswer.objects.get().user == learner


def test_a_learner_keeps_no_order(client, room, learner, trainer):
    message = said(room, trainer)
    client.force_login(learner)
    assert deed(client, room, verb="delete", message=message.pk).status_code == 409
    assert deed(client, room, verb="roll_call").status_code == 403
    message.refresh_from_db()
    assert message.status == "shown"


@pytest.mark.parametrize(
    "fields", [{"verb": "fly"}, {"verb": "delete", "message": "x"}, {"verb": "mute-x", "message": 1}, {}]
)
def test_what_cannot_be_read_is_refused(client, room, trainer, fields):
    client.force_login(trainer)
    assert deed(client, room, **fields).status_code == 422


def test_nobody_talks_without_an_account(client, room):
    answer = client.post(address(room, "broadcast_say"), {"text": "谢谢"})
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]
    assert not Message.objects.exists()
