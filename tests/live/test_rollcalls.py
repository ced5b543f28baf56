"""签到: asked, signed for one person and page, answered in time or not, excused, recalled."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from live import attendance, orders, rollcalls, settling
from live.models import Broadcast, Deed, Presence, RollCallAnswer
from live.timeline import Timeline
from tests import factories
from tests.browser.server import free_port
from tests.live import streams

pytestmark = pytest.mark.django_db


@pytest.fixture
def broadcast(trainer):
    return factories.broadcast(state="live", trainer=trainer, starts_at=timezone.now())


@pytest.fixture
def call(broadcast, trainer):
    return rollcalls.ask(broadcast, by=trainer, role="trainer", title="签到")


def sign(call, user, session="page"):
    return rollcalls.answer(
        str(call.uuid), user, session=session, nonce=rollcalls.nonce(str(call.uuid), user.pk, session)
    )


def test_asked_and_answered(call, broadcast, learner):
    assert rollcalls.current(broadcast) == call
    assert Broadcast.objects.get().version == 1  # open rooms hear of it
    made = sign(call, learner)
    assert (made.how, made.late) == ("button", False)
    assert sign(call, learner).pk == made.pk
    assert Deed.objects.get().verb == "sign_in"


def test_by_the_code_on_the_big_screen(call, broadcast, learner):
    assert rollcalls.answer_code(broadcast, learner, f" {call.code} ").how == "code"


def test_a_prompt_tells_its_time_and_no_code(call):
    told = rollcalls.prompt(call).as_json()
    assert told["closes_at"] - told["opened_at"] == (120 + 20) * 1000
    assert call.code not in str(told.values())


@pytest.mark.parametrize("forged", ["another person", "another page", "another prompt", "nonsense"])
def test_a_nonce_is_for_one_person_one_page_one_prompt(call, learner, outsider, forged):
    nonce = {
        "another person": rollcalls.nonce(str(call.uuid), outsider.pk, "page"),
        "another page": rollcalls.nonce(str(call.uuid), learner.pk, "other"),
        "another prompt": rollcalls.nonce(str(uuid4()), learner.pk, "page"),
        "nonsense": "签到",
    }[forged]
    with pytest.raises(rollcalls.Refused):
        rollcalls.answer(str(call.uuid), learner, session="page", nonce=nonce)
    assert not RollCallAnswer.objects.exists()


def test_an_answer_after_the_time_is_kept_and_not_counted(call, broadcast, learner):
    with time_machine.travel(rollcalls.closes(call) + timedelta(seconds=1), tick=False):
        assert sign(call, learner).late
        assert rollcalls.current(broadcast) is None
    assert rollcalls.answers_in_time(broadcast) == {}


def test_who_answers_late_is_told_so_at_every_door(client, call, broadcast, learner, outsider):
    by_code, page = (reverse(name, args=[broadcast.uuid]) for name in ("sign_in_by_code", "broadcast"))
    key = uuid4()
    nonce = rollcalls.nonce(str(call.uuid), outsider.pk, str(key))
    client.force_login(learner)
    with time_machine.travel(rollcalls.closes(call) + timedelta(seconds=1), tick=False):
        told = client.post(by_code, {"code": call.code}, headers={"Accept": "application/json"})
        with pytest.raises(rollcalls.Refused, match="迟签"):
            orders.perform(
                broadcast.pk, outsider.pk, orders.SignIn(do="sign_in", roll_call=call.uuid, key=key, nonce=nonce)
            )
    assert (told.status_code, told.json()["message"]) == (422, "本次签到已截止。您的应答已记为迟签，不自动计入。")
    assert RollCallAnswer.objects.filter(late=True).count() == 2
    assert "迟签，未计入" in client.get(page).content.decode()


def test_a_sign_in_that_was_taken_back_is_not_said_to_count(client, call, broadcast, learner, trainer):
    sign(call, learner)
    rollcalls.recall(call, by=trainer, role="trainer")
    client.force_login(learner)
    assert "已收回，不计入" in client.get(reverse("broadcast", args=[broadcast.uuid])).content.decode()


def test_codes_cannot_be_tried_through(call, broadcast, learner, outsider):
    wrong = "0000" if call.code != "0000" else "1111"
    for _try in range(rollcalls.TRIES):
        with pytest.raises(rollcalls.Refused, match="签到码不对"):
            rollcalls.answer_code(broadcast, learner, wrong)
    with pytest.raises(rollcalls.Refused, match="次数过多"):
        rollcalls.answer_code(broadcast, learner, call.code)
    assert rollcalls.answer_code(broadcast, outsider, call.code)


def test_a_count_of_tries_that_ends_at_this_moment_is_a_new_one(call, broadcast, learner, monkeypatch):
    monkeypatch.setattr(rollcalls, "TRIES_IN", 0)
    assert rollcalls.answer_code(broadcast, learner, call.code)


def test_recalled_it_counts_for_nobody(call, broadcast, learner, trainer):
    sign(call, learner)
    rollcalls.recall(call, by=trainer)
    rollcalls.recall(call, by=trainer)
    assert rollcalls.answers_in_time(broadcast) == {}
    assert [deed.verb for deed in Deed.objects.all()] == ["sign_in", "sign_in_recall"]
    call.refresh_from_db()
    with pytest.raises(rollcalls.Refused):
        sign(call, learner)


def test_one_at_a_time_and_only_on_air(call, broadcast, trainer):
    with pytest.raises(rollcalls.Refused):
        rollcalls.ask(broadcast, by=trainer)
    Broadcast.objects.update(state="ended")
    call.delete()
    with pytest.raises(rollcalls.Refused):
        rollcalls.ask(broadcast, by=trainer)


def test_tries_are_counted_while_the_shared_cache_is_away(call, broadcast, learner, outsider, settings):
    away = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": {"BACKEND": "lms.caching.SharedCache", "LOCATION": away}}
    rollcalls.answer_code(broadcast, learner, call.code)
    assert call.answers.count() == 1
    wrong = "0000" if call.code != "0000" else "1111"
    for words in ["签到码不对"] * rollcalls.TRIES + ["次数过多"]:
        with pytest.raises(rollcalls.Refused, match=words):
            rollcalls.answer_code(broadcast, outsider, wrong)


def test_a_page_without_its_socket_signs_in_by_a_form(client, call, broadcast, learner, outsider):
    here, page = (reverse(name, args=[broadcast.uuid]) for name in ("sign_in_here", "broadcast"))
    client.force_login(learner)
    fields = dict(re.findall(r'name="(roll_call|key|nonce)" value="([^"]+)"', client.get(page).content.decode()))
    assert fields["roll_call"] == str(call.uuid)
    assert client.post(here, fields | {"roll_call": "x"}, headers={"Accept": "application/json"}).status_code == 422
    client.force_login(outsider)
    assert client.post(here, fields, headers={"Accept": "application/json"}).status_code == 409
    client.force_login(learner)
    assert client.post(here, fields).status_code == 302
    assert [(answer.user, answer.how) for answer in call.answers.all()] == [(learner, "button")]
    assert 'name="nonce"' not in client.get(page).content.decode()


# What it comes to


@pytest.fixture
def asked(began, at, trainer):
    """Twenty minutes with a sign-in at the fifth, and one is needed."""
    made = streams.lecture(began, minutes=20, by=trainer, sign_ins_needed=1)
    made.roll_calls.create(code="1234", opened_at=at(5), made_by=trainer)
    return made


def excused(broadcast, user):
    person = attendance.of(broadcast, user.pk)
    return rollcalls.excused(broadcast.roll_calls.get(), person, Timeline.of(broadcast))


def test_who_came_later_is_excused(asked, learner, at):
    streams.stay(asked, learner, (at(6), at(20)))
    assert excused(asked, learner)


def test_who_was_there_is_not(asked, learner, at):
    streams.stay(asked, learner, (at(0), at(20)))
    assert not excused(asked, learner)


def test_who_had_left_is_not(asked, learner, at):
    streams.stay(asked, learner, (at(0), at(4)))
    assert not excused(asked, learner)


def test_whose_line_was_down_is_excused(asked, learner, at):
    streams.stay(asked, learner, (at(0), at(4.5)), (at(9), at(20)))
    assert excused(asked, learner)


def test_an_interruption_of_the_school_excuses_everybody(began, at, learner, trainer):
    broadcast = factories.broadcast(state="live", starts_at=began, minutes=20)
    streams.record(broadcast, at(0), 300)
    streams.record(broadcast, at(6.5), 600)
    streams.end(broadcast, at(16.5), by=trainer)
    broadcast.roll_calls.create(code="1234", opened_at=at(5), made_by=trainer)
    streams.stay(broadcast, learner, (at(0), at(16.5)))
    assert excused(broadcast, learner)


def test_without_the_sign_in_presence_is_not_credited(asked, learner, outsider, at):
    for user in (learner, outsider):
        streams.stay(asked, user, (at(0), at(20)))
    call = asked.roll_calls.get()
    call.answers.create(user=learner, how="button", answered_at=at(5.5))
    call.answers.create(user=outsider, how="button", answered_at=at(9), late=True)
    settling.settle_due()
    assert dict(Presence.objects.values_list("user", "credited")) == {learner.pk: True, outsider.pk: False}


def test_more_sign_ins_cannot_be_asked_than_were_held(asked, learner, at):
    Broadcast.objects.update(sign_ins_needed=3)
    streams.stay(asked, learner, (at(0), at(20)))
    asked.roll_calls.get().answers.create(user=learner, how="button", answered_at=at(5.5))
    settling.settle_due()
    assert Presence.objects.get().credited
