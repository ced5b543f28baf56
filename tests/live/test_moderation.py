"""What people with a role do in a room, each act with its row, and who may not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from live import entering, inquiries, moderation, polls, posting, states
from live.models import Broadcast, Complaint, Deed, Host, Message, Restriction, Room, Transition, Vote
from live.posting import Asked
from tests import factories

from .guests import speaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(trainer):
    return factories.broadcast(state="live", trainer=trainer, region_code="510100", audience="members")


@pytest.fixture
def moderator(live):
    return Host.objects.create(broadcast=live, user=speaker("主持人"), role="moderator").user


@pytest.fixture
def assistant(live):
    return Host.objects.create(broadcast=live, user=speaker("助教"), role="assistant").user


@pytest.fixture
def mei(db):
    return speaker("陈梅")


@pytest.fixture
def message(live, mei):
    return said(live, mei, "一句话")


def said(live, person, text, **asked):
    return posting.take([Asked(live.pk, person.pk, uuid4(), text, timezone.now(), **asked)])[0]


def deeds():
    return list(Deed.objects.values_list("verb", "role", "detail"))


def refusal(call, *told, **named):
    with pytest.raises((moderation.Refused, polls.Refused, entering.Refused)) as caught:
        call(*told, **named)
    assert caught.value.message
    return caught.value.code


def test_a_deleted_message_is_hidden_and_kept(live, moderator, message):
    moderation.delete(live, moderator, message.pk, reason="广告")
    moderation.delete(live, moderator, message.pk)
    message.refresh_from_db()
    assert (message.status, message.text, message.reason, message.decided_by) == (
        "deleted",
        "一句话",
        "广告",
        moderator,
    )
    assert deeds() == [("delete", "moderator", "广告")]
    assert Deed.objects.get().person == message.author


def test_what_waits_is_shown_or_refused(live, assistant, mei):
    Room.objects.update(checked_first=True)
    one, two = said(live, mei, "一"), said(live, mei, "二")
    moderation.approve(live, assistant, one.pk)
    moderation.refuse(live, assistant, two.pk, reason="跑题")
    moderation.approve(live, assistant, two.pk)
    assert list(Message.objects.values_list("status", "reason")) == [("shown", ""), ("refused", "跑题")]
    assert deeds() == [("approve", "assistant", ""), ("refuse", "assistant", "跑题")]


@pytest.mark.parametrize("minutes", [1, 10, 60])
def test_a_mute_ends_by_itself(live, trainer, message, minutes):
    row = moderation.mute(live, trainer, message.pk, minutes)
    assert timedelta(minutes=minutes - 1) < row.until - timezone.now() <= timedelta(minutes=minutes)
    assert said(live, message.author, "还能说吗").code == "muted"
    assert entering.enter(live.uuid, message.author).muted_until == row.until
    assert deeds() == [("mute", "trainer", f"{minutes} min")]


def test_who_was_sent_out_cannot_come_back_until_it_is_lifted(live, trainer, message):
    moderation.ban(live, trainer, message.pk)
    assert refusal(entering.enter, live.uuid, message.author) == "banned"
    moderation.lift(live, trainer, message.pk)
    assert not entering.enter(live.uuid, message.author).muted
    assert [verb for verb, _role, _detail in deeds()] == ["ban", "lift"]


def test_the_rules_of_talking_change_one_by_one(live, moderator):
    moderation.change(live, moderator, mode="questions", slow_seconds=30, notice="请先看讲义")
    moderation.change(live, moderator, mode="questions")
    room = Room.objects.get()
    assert (room.mode, room.slow_seconds, room.notice, room.version) == ("questions", 30, "请先看讲义", 1)
    assert deeds() == [
        ("mode", "moderator", "questions"), ("slow_seconds", "moderator", "30"), ("pin", "moderator", "请先看讲义"),
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", [{"slow_seconds": 301}, {"slow_seconds": -1}, {"mode": "loud"}])
def test_what_cannot_be_chosen(live, moderator, wanted):
    assert refusal(moderation.change, live, moderator, **wanted) == "unknown_choice"
    assert refusal(moderation.change, live, moderator, notice="长" * 201) == "too_long"
    assert not deeds()


def test_the_officer_on_duty_stops_the_broadcast(live, city_clerk):
    moderation.stop(live, city_clerk, reason="违法内容")
    live.refresh_from_db()
    assert (live.state, Room.objects.get().mode) == ("blocked", "off")
    assert Transition.objects.get().actor == city_clerk
    assert deeds() == [("stop", "bureau", "违法内容")]


@pytest.mark.parametrize("before", ["live", "interrupted", "ended", "replay_failed"])
@pytest.mark.parametrize("mode", ["open", "questions", "off"])
def test_a_stop_that_is_taken_back_leaves_the_talk_as_it_was(live, moderator, city_clerk, before, mode):
    moderation.change(live, moderator, mode=mode)
    Broadcast.objects.update(state=before)
    live.refresh_from_db()
    moderation.stop(live, city_clerk, reason="违法内容")
    version = Room.objects.get().version
    moderation.resume(live, city_clerk, reason="已更正")
    room = Room.objects.get()
    assert (live.state, room.mode, room.version) == ("ended", mode, version + 1)


@pytest.mark.parametrize(("before", "after"), [("replay", "replay"), ("live", "ended"), ("processing", "ended")])
def test_only_what_was_a_replay_is_one_again(live, city_clerk, before, after):
    """One that was taken up again after its replay was made keeps that film until the next is there."""
    Broadcast.objects.update(state=before, film=factories.video())
    live.refresh_from_db()
    moderation.stop(live, city_clerk, reason="违法内容")
    moderation.resume(live, city_clerk, reason="已更正")
    assert live.state == after


def test_each_stop_is_taken_back_to_where_it_came_from(live, city_clerk):
    Broadcast.objects.update(state="replay", film=factories.video())
    live.refresh_from_db()
    moderation.stop(live, city_clerk, reason="一")
    moderation.resume(live, city_clerk, reason="二")
    Broadcast.objects.update(state="live")
    live.refresh_from_db()
    moderation.stop(live, city_clerk, reason="三")
    moderation.resume(live, city_clerk, reason="四")
    assert live.state == "ended"


def test_a_stop_and_its_lifting_need_a_reason(live, city_clerk):
    assert refusal(moderation.stop, live, city_clerk, reason=" ") == "reason"
    assert Broadcast.objects.get().state == "live"
    moderation.stop(live, city_clerk, reason=" 违法内容 ")
    assert refusal(moderation.resume, live, city_clerk, reason=" ") == "reason"
    assert deeds() == [("stop", "bureau", "违法内容")]


def test_what_is_not_stopped_cannot_be_taken_back(live, city_clerk):
    assert refusal(moderation.resume, live, city_clerk, reason="已更正") == "not_stopped"


def test_who_has_no_role_does_nothing(live, message, mei):
    stranger = speaker("路人")
    doings = [
        (moderation.delete, message.pk), (moderation.approve, message.pk), (moderation.mute, message.pk, 10),
        (moderation.ban, message.pk), (moderation.lift, message.pk), (moderation.dismiss, message.pk),
    ]  # fmt: skip
    for person in (stranger, mei):
        assert {refusal(doing, live, person, *told) for doing, *told in doings} == {"forbidden"}
        assert refusal(moderation.change, live, person, mode="off") == "forbidden"
        assert refusal(moderation.stop, live, person, reason="") == "forbidden"
        assert refusal(polls.ask, live, person, "几", ["一", "二"]) == "forbidden"
    assert not deeds()


def test_an_assistant_neither_removes_people_nor_stops_the_room(live, assistant, trainer, message):
    assert refusal(moderation.ban, live, assistant, message.pk) == "forbidden"
    assert refusal(moderation.change, live, assistant, mode="off") == "forbidden"
    assert refusal(moderation.stop, live, trainer, reason="") == "forbidden"


def test_hosts_are_not_muted(live, trainer, moderator, city_clerk):
    row = said(live, trainer, "同学们好", role="trainer") if trainer.mobile_verified else None
    trainer.mobile, trainer.mobile_verified = "13800000009", True
    trainer.save()
    row = row if isinstance(row, Message) else said(live, trainer, "同学们好", role="trainer")
    assert refusal(moderation.mute, live, moderator, row.pk, 10) == "host"
    assert refusal(moderation.ban, live, city_clerk, row.pk) == "host"
    assert not Restriction.objects.exists()


def test_a_message_of_another_room_is_out_of_reach(live, moderator, mei):
    elsewhere = said(factories.broadcast(state="live"), mei, "别处")
    assert refusal(moderation.delete, live, moderator, elsewhere.pk) == "unknown_message"


def test_a_complaint_is_kept_once_and_closed_by_the_decision(live, moderator, message):
    reader = speaker("读者")
    for _again in range(2):
        moderation.complain(live, reader, message.pk, reason="广告")
    other = said(live, message.author, "另一句")
    moderation.complain(live, reader, other.pk)
    moderation.delete(live, moderator, message.pk)
    moderation.dismiss(live, moderator, other.pk)
    assert Complaint.objects.filter(closed_at=None).count() == 0
    assert list(Complaint.objects.values_list("reason", "closed_by")) == [("广告", moderator.pk), ("", moderator.pk)]
    assert Message.objects.get(pk=other.pk).status == "shown"


def test_votes_are_counted_once_a_person(live, mei, trainer):
    question = said(live, mei, "为什么", question=True)
    people = [speaker(f"学员{n}") for n in range(3)]
    assert [inquiries.vote(live, person, question.pk) for person in [*people, people[0]]] == [1, 2, 3, 3]
    assert [inquiries.take_back(live, people[0], question.pk) for _twice in "ab"] == [2, 2]
    inquiries.answered(live, trainer, question.pk)
    question.refresh_from_db()
    assert (question.votes, Vote.objects.count(), question.answered_at is None) == (2, 2, False)
    assert deeds() == [("answered", "trainer", "")]


def test_only_questions_are_voted_for(live, mei, message):
    assert refusal(inquiries.vote, live, mei, message.pk) == "unknown_message"


def test_a_poll_counts_each_person_once(live, trainer):
    poll = polls.ask(live, trainer, " 几点下课？ ", ["四点", "五点", ""])
    people = [speaker(f"学员{n}") for n in range(4)]
    for person, key in zip(people, "aabb", strict=True):
        polls.cast(live, person, poll.pk, [key])
    polls.cast(live, people[0], poll.pk, ["b"])
    assert polls.results(live.pk).tally == {"a": 1, "b": 3}
    polls.close(live, trainer, poll.pk)
    poll.refresh_from_db()
    assert (poll.question, poll.tally, poll.closed_at is None) == ("几点下课？", {"a": 1, "b": 3}, False)
    assert refusal(polls.cast, live, people[1], poll.pk, ["a"]) == "closed"
    assert [verb for verb, _role, _detail in deeds()] == ["poll", "poll_close"]


def test_with_the_broadcast_end_its_poll_and_its_votes(live, trainer, mei):
    poll = polls.ask(live, trainer, "一", ["是", "否"])
    question = said(live, mei, "为什么", question=True)
    polls.cast(live, mei, poll.pk, ["a"])
    states.move(live, "ended", reason="over")
    poll.refresh_from_db()
    assert (poll.closed_at is None, poll.tally) == (False, {"a": 1, "b": 0})
    assert refusal(polls.cast, live, mei, poll.pk, ["b"]) == "closed"
    assert refusal(inquiries.vote, live, trainer, question.pk) == "closed"


def test_a_new_poll_closes_the_one_before(live, trainer):
    first = polls.ask(live, trainer, "一", ["是", "否"])
    second = polls.ask(live, trainer, "二", ["是", "否"], several=True)
    polls.cast(live, trainer, second.pk, ["a", "b", "a"])
    first.refresh_from_db()
    assert first.closed_at
    assert polls.results(live.pk).tally == {"a": 1, "b": 1}


@pytest.mark.parametrize("keys", [[], ["c"], ["a", "b"]])
def test_a_ballot_that_cannot_be(live, trainer, mei, keys):
    poll = polls.ask(live, trainer, "一", ["是", "否"])
    assert refusal(polls.cast, live, mei, poll.pk, keys) == "choice"


@pytest.mark.parametrize("options", [[], ["一"], ["一", " 一"], list("123456789")])
def test_a_poll_needs_two_to_eight_answers(live, trainer, options):
    assert refusal(polls.ask, live, trainer, "几", options) == "options"


def test_a_poll_needs_a_question(live, trainer):
    assert refusal(polls.ask, live, trainer, " ", ["一", "二"]) == "question"
    assert refusal(polls.ask, live, trainer, "几", ["一", "长" * 61]) == "question"


def test_a_full_room_keeps_the_places_of_those_who_booked(live, mei):
    live.capacity = 0
    live.save()
    assert refusal(entering.enter, live.uuid, mei) == "full"
    live.bookings.create(user=mei, made_at=timezone.now())
    assert entering.enter(live.uuid, mei).name == "陈梅"
