"""The pages of a broadcast, state by state, for those who may see them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from live import booking, calendars, frames, reminders
from live.models import Broadcast, Message, Reminder
from tests import factories

pytestmark = pytest.mark.django_db
STATES = [state for state in Broadcast.State if state not in ("draft", "blocked")]


def address(broadcast, name="broadcast", *more):
    return reverse(name, args=[broadcast.uuid, *more])


def says(response, *words):
    text = response.content.decode()
    return [word for word in words if word not in text] == []


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("state", STATES)
def test_one_address_in_every_state_and_language(client, learner, trainer, state, prefix):
    made = factories.broadcast(title="标准解读直播", title_en="Reading the standard", trainer=trainer, state=state)
    client.force_login(learner)
    answer = client.get(prefix + address(made))
    assert answer.status_code == 200
    assert says(answer, "Reading the standard" if prefix else "标准解读直播")


@pytest.mark.parametrize("state", [*STATES, "draft", "blocked"])
def test_hosts_see_every_state_of_room_studio_and_plan(client, trainer, state):
    made = factories.broadcast(trainer=trainer, state=state)
    client.force_login(trainer)
    pages = [client.get(address(made, name)).status_code for name in ("broadcast", "studio", "host_broadcast")]
    assert pages == [200, 200, 200]


def test_what_is_not_announced_is_not_there(client, learner, trainer):
    client.force_login(learner)
    for state in ("draft", "blocked"):
        assert client.get(address(factories.broadcast(trainer=trainer, state=state))).status_code == 404


def test_a_stranger_is_led_to_the_door(client, trainer):
    made = factories.broadcast(trainer=trainer, state="live")
    answer = client.get(address(made))
    assert says(answer, reverse("account_login"), 'data-state="live"')
    assert b"data-stage" not in answer.content


def test_the_lobby_lists_what_comes_and_what_can_be_watched_again(client, learner, trainer, django_assert_num_queries):
    now = timezone.now()
    first = factories.broadcast(title="第一场", trainer=trainer, starts_at=now + timedelta(hours=2))
    factories.broadcast(title="草稿场", trainer=trainer, state="draft")
    client.force_login(learner)
    client.get(reverse("live"))
    counts = []
    for total in (1, 3):
        while Broadcast.objects.filter(state="scheduled").count() < total:
            day = Broadcast.objects.count()
            factories.broadcast(title=f"第{day}天", trainer=trainer, starts_at=now + timedelta(days=day))
        with django_assert_num_queries(10) as asked:
            answer = client.get(reverse("live"))
        counts.append(len(asked))
    assert says(answer, "第一场", address(first))
    assert "草稿场" not in answer.content.decode()


def test_an_empty_lobby_says_what_will_be_there(client):
    assert says(client.get(reverse("live")), "目前没有直播安排")


def test_a_replay_is_listed_when_it_was_reviewed(client, trainer):
    made = factories.broadcast(title="已审回放", trainer=trainer, state="replay", reviewed_at=timezone.now())
    factories.broadcast(title="未审回放", trainer=trainer, state="replay")
    text = client.get(reverse("live")).content.decode()
    assert address(made) in text
    assert "未审回放" not in text


def test_booking_by_form_and_giving_back(client, learner, trainer):
    made = factories.broadcast(trainer=trainer)
    client.force_login(learner)
    assert says(client.post(address(made, "book"), follow=True), "您已预约")
    assert booking.of(learner, made)
    client.post(address(made, "unbook"))
    assert booking.of(learner, made) is None


def test_a_full_broadcast_says_so(client, learner, outsider, trainer):
    made = factories.broadcast(trainer=trainer, capacity=1)
    booking.book(outsider, made)
    client.force_login(learner)
    assert says(client.post(address(made, "book"), follow=True), "名额已满")


def test_calendars_for_programs(client, learner, trainer):
    made = factories.broadcast(trainer=trainer)
    booking.book(learner, made)
    for path in (
        reverse("live_calendar"),
        reverse("my_calendar", args=[calendars.token(learner)]),
        address(made, "broadcast_calendar"),
    ):
        answer = client.get(path)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert f"UID:{calendars.uid(made)}" in answer.content.decode()
    assert client.get(reverse("my_calendar", args=["forged"])).status_code == 404


def test_the_lobby_tells_what_the_mail_told(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, starts_at=timezone.now() + timedelta(minutes=5))
    booking.book(learner, made)
    reminders.remind_due()
    client.force_login(learner)
    assert says(client.get(reverse("live")), "即将开播")
    client.post(reverse("live_messages_read"))
    assert not Reminder.objects.filter(read_at=None).exists()


def test_home_and_my_learning_name_the_next_broadcast(client, home, learner, trainer):
    made = factories.broadcast(title="下一场直播", trainer=trainer)
    booking.book(learner, made)
    client.force_login(learner)
    assert says(client.get("/"), "下一场直播", address(made))
    assert says(client.get(reverse("my_learning")), "下一场直播")


def test_the_room_reads_without_scripts(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="live")
    Message.objects.create(
        broadcast=made, author=trainer, author_name="李蔚然", role="trainer", text="大家好", status="shown",
        at=timezone.now(),
    )  # fmt: skip
    learner.mobile_verified = True
    learner.save()
    client.force_login(learner)
    page = client.get(address(made)).content.decode()
    assert "大家好" in page
    assert f'action="{address(made, "broadcast_say")}"' in page
    assert re.search(r'<textarea id="say-text" name="text"', page)


def test_the_state_tells_pages_without_a_socket(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="ready")
    client.force_login(learner)
    told = client.get(address(made, "broadcast_state")).json()
    assert (told["state"], told["version"], told["stream"], told["public"]) == ("ready", 0, "", False)


def test_the_state_tells_when_the_replay_is_for_everybody(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="replay")
    client.force_login(learner)
    assert client.get(address(made, "broadcast_state")).json()["public"] is False
    Broadcast.objects.update(reviewed_at=timezone.now())
    made.refresh_from_db()
    assert client.get(address(made, "broadcast_state")).json()["public"] is True
    assert frames.state(made)["public"] is True


def test_the_page_knows_the_ways_without_a_socket(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="live")
    client.force_login(learner)
    facts = client.get(address(made)).context["page"]
    names = {"messagesUrl": "broadcast_messages", "presenceUrl": "presence", "replayChat": "replay_chat"}
    assert {name: facts[name] for name in names} == {name: address(made, other) for name, other in names.items()}


def test_what_was_recorded_is_read_once_for_all_who_ask(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="live")
    client.force_login(learner)
    with CaptureQueriesContext(connection) as first:
        answers = [client.get(address(made, "broadcast_state"), {"mine": 1}).json()["minutes"]]
    with CaptureQueriesContext(connection) as second:
        answers.append(client.get(address(made, "broadcast_state"), {"mine": 1}).json()["minutes"])
    assert answers == [{"present_ms": 0, "missing_ms": 4_320_000}] * 2
    pieces = [sum("begin_ms" in query["sql"] for query in asked) for asked in (first, second)]
    assert pieces == [1, 0]


def test_past_its_planned_beginning_nobody_is_told_a_minute(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="ready", starts_at=timezone.now() - timedelta(minutes=2))
    client.force_login(learner)
    assert says(client.get(address(made)), 'data-over="即将开始">即将开始<')


def test_the_page_hears_that_a_mobile_number_was_verified(client, learner, trainer):
    made = factories.broadcast(trainer=trainer, state="ready")
    client.force_login(learner)
    for verified in (False, True):
        type(learner).objects.filter(pk=learner.pk).update(mobile_verified=verified)
        assert client.get(address(made, "broadcast_state")).json()["may_talk"] is verified
        assert says(client.get(address(made)), "data-unverified") is not verified
