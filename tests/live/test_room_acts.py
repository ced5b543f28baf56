"""Acts of moderation reach open pages at once; votes and polls as well, and bad input is answered in words."""

import json
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async as sync_to_async

from live import presence, schedule
from live.models import Broadcast, Deed, Host, Message, Restriction, RollCallAnswer, Room, Stay

from .guests import inside, speaker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hang_up")]


@pytest.fixture
def moderator(live):
    return Host.objects.create(broadcast=live, user=speaker("主持人"), role="moderator").user


async def test_a_deleted_message_goes_from_all_pages_and_from_the_beginning(live, mei, moderator):
    async with inside(live, mei) as one, inside(live, moderator) as host:
        said = await one.say("广告")
        await one.hear("message")
        await host.do("delete", id=said["id"], reason="广告", ref="7")
        assert await host.hear("done", "error") == {"type": "done", "do": "delete", "ref": "7"}
        assert [await guest.hear("deleted") for guest in (one, host)] == [{"type": "deleted", "id": said["id"]}] * 2
        async with inside(live, mei) as again:
            assert "message" not in [item["type"] for item in again.beginning]
    assert (await Deed.objects.aget()).verb == "delete"


async def test_a_muted_person_hears_of_it_and_cannot_talk(live, mei, moderator):
    async with inside(live, mei) as one, inside(live, moderator) as host:
        said = await one.say("一")
        await host.do("mute", id=said["id"], minutes=10)
        muted = await one.hear("muted")
        refused = await one.say("二")
    assert refused["code"] == "muted"
    assert refused["until"] == muted["until"]
    assert refused["message"]


async def test_who_is_sent_out_loses_all_pages_and_does_not_come_back(live, mei, moderator):
    async with inside(live, mei) as one, inside(live, mei) as other, inside(live, moderator) as host:
        said = await one.say("一")
        await host.do("ban", id=said["id"])
        assert [await one.closed_with(), await other.closed_with()] == [4003, 4003]
    with pytest.raises(AssertionError):
        async with inside(live, mei):
            pass
    assert (await Restriction.objects.aget()).kind == "ban"


async def test_what_waits_is_seen_by_moderators_first(live, mei, ming, moderator):
    await Room.objects.aupdate(checked_first=True)
    async with inside(live, mei) as one, inside(live, ming) as other, inside(live, moderator) as host:
        said = await one.say("可以吗")
        assert said["status"] == "held"
        assert (await host.hear("held"))["text"] == "可以吗"
        assert await other.hears_nothing()
        await host.do("approve", id=said["id"])
        assert (await other.hear("message"))["id"] == said["id"]


async def test_the_rules_of_talking_reach_all(live, mei, moderator):
    async with inside(live, mei) as one, inside(live, moderator) as host:
        await host.do("room", mode="off", notice="休息十分钟")
        told = await one.hear("room")
        refused = await one.say("在吗")
    assert (told["mode"], told["notice"], refused["code"]) == ("off", "休息十分钟", "off")


async def test_words_of_orders_are_tidied_as_those_of_messages_are(live, mei, moderator):
    async with inside(live, mei) as one, inside(live, moderator) as host:
        await host.do("room", notice="休\0息\u202e")
        assert (await one.hear("room"))["notice"] == "休息"
        await host.do("poll", question="几点\0下课", options=["四\0点", "五点"])
        poll = await one.hear("poll")
        said = await host.say("大家好")
        await one.do("complain", id=said["id"], reason="\0")
        told = await host.hear("complaint")
    assert (poll["question"], poll["options"][0]["text"], told["reason"]) == ("几点下课", "四点", "")


async def test_a_change_by_another_process_is_found_within_a_second(live, mei):
    async with inside(live, mei) as one:
        await Broadcast.objects.aupdate(state="interrupted", version=1)
        assert (await one.hear("state"))["state"] == "interrupted"


async def test_votes_and_polls_come_together(live, mei, ming, moderator):
    async with inside(live, mei) as one, inside(live, ming) as other, inside(live, moderator) as host:
        question = await one.say("为什么", question=True)
        for guest in (one, other):
            await guest.do("vote", id=question["id"])
        while (votes := await host.hear("votes"))["votes"] < 2:
            pass
        await host.do("poll", question="几点下课", options=["四点", "五点"])
        poll = await one.hear("poll")
        await one.do("ballot", poll=poll["id"], keys=["b"])
        while (told := await other.hear("poll"))["tally"] != {"a": 0, "b": 1}:
            pass
    assert votes["id"] == question["id"]
    assert told["options"] == [{"key": "a", "text": "四点"}, {"key": "b", "text": "五点"}]


async def test_without_a_role_an_order_is_refused_in_words(live, mei, ming):
    async with inside(live, mei) as one, inside(live, ming) as other:
        said = await one.say("一")
        await other.do("delete", id=said["id"], ref="x")
        told = await other.hear("error")
    assert (told["status"], told["code"], told["ref"]) == (403, "forbidden", "x")
    assert told["message"]


@pytest.mark.parametrize("told", ["{", "[]", '{"do": "dance"}', '{"do": "say"}', '{"do": "delete", "id": -1}'])
async def test_what_cannot_be_read_is_said_so(live, mei, told):
    async with inside(live, mei) as one:
        await one.line.send_to(text_data=told)
        assert (await one.hear("error"))["status"] == 422
        assert (await one.say("还在"))["type"] == "said"


async def test_bytes_are_no_message(live, mei):
    async with inside(live, mei) as one:
        await one.line.send_to(bytes_data=b"\x00\x01")
        assert (await one.hear("error"))["code"] == "bad_request"


async def test_ten_thousand_bytes_are_refused_in_words(live, mei):
    async with inside(live, mei) as one:
        assert (await one.say("a" * 3_000))["code"] == "too_long"
        told = await one.say("长" * 10_241)
    assert (told["status"], told["code"]) == (413, "too_long")
    assert (await Message.objects.aget()).reason == "too_long"


async def test_a_flood_is_answered_and_then_cut(live, mei):
    async with inside(live, mei) as one:
        for _n in range(60):
            await one.line.send_to(text_data=json.dumps({"do": "say", "key": str(uuid4()), "text": "刷屏"}))
        assert (await one.hear("error"))["status"] == 429
        assert await one.closed_with() == 1008


async def test_more_than_people_can_read_is_counted(live, settings, moderator):
    settings.CHAT_VISIBLE_RATE = 1
    people = [await sync_to_async(speaker)(f"学员{n}") for n in range(4)]
    async with inside(live, moderator) as host:
        for person in people:
            async with inside(live, person) as one:
                said = await one.say(f"我是{person.name}")
                assert said["status"] == "shown"
                assert (await one.hear("message"))["name"] == person.name  # one's own is always there
        assert (await host.hear("more"))["count"] >= 1
    assert await Message.objects.shown().acount() == 4


async def test_beats_and_sign_ins_travel_over_the_same_socket(live, mei, moderator):
    page = str(uuid4())
    async with inside(live, mei) as one, inside(live, moderator) as host:
        await one.do("beat", key=page, playing=True)
        await host.do("roll_call", title="上午")
        asked = await one.hear("roll_call")
        await one.do("nonce", key=page, roll_call=asked["uuid"])
        nonce = await one.hear("nonce")
        await one.do("sign_in", key=page, roll_call=asked["uuid"], nonce="forged")
        assert (await one.hear("error"))["status"] == 409
        await one.do("sign_in", key=page, roll_call=asked["uuid"], nonce=nonce["nonce"])
        assert (await one.hear("done"))["do"] == "sign_in"
        await one.do("leave", key=page)
        assert (await one.say("到"))["type"] == "said"
        assert "error" not in [item["type"] for item in one.told]
    await sync_to_async(presence.flush)()
    answer = await RollCallAnswer.objects.select_related("user").aget()
    assert (answer.user, answer.how, answer.late) == (mei, "button", False)
    stay = await Stay.objects.aget(user=mei)
    assert stay.left_at


async def test_whose_role_changes_comes_back_as_what_they_are_now(live, mei, moderator):
    hosts = await sync_to_async(lambda: dict(live.hosts.values_list("user", "role")))()
    trainer = await sync_to_async(speaker)("李老师")
    async with inside(live, mei) as one, inside(live, moderator) as host:
        await sync_to_async(schedule.name_hosts)(live, {trainer.pk: "trainer", mei.pk: "assistant"})
        assert [await one.closed_with(), await host.closed_with()] == [4005, 4005]
        assert set(hosts) == {moderator.pk}
        async with inside(live, mei) as again, inside(live, moderator) as former:
            assert [guest.beginning[0]["role"] for guest in (again, former)] == ["assistant", ""]
            await sync_to_async(Room.objects.update)(checked_first=True)
            async with inside(live, await sync_to_async(speaker)("王强")) as third:
                assert (await third.say("待审"))["status"] == "held"
            assert (await again.hear("held"))["text"] == "待审"
            assert "held" not in [item["type"] for item in former.told]
