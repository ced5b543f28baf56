"""The socket of a room: coming in, talking, reading, and what is refused at the door."""

import json
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async as sync_to_async
from django.contrib.sessions.models import Session
from django.utils import timezone

from live import entering, news
from live.models import Broadcast, Message
from tests import factories

from . import guests
from .guests import inside, socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hang_up")]


async def test_what_one_says_is_kept_and_reaches_all(live, mei, ming):
    async with inside(live, mei) as one, inside(live, ming) as other:
        said = await one.say("老师好")
        heard = [await guest.hear("message") for guest in (one, other)]
    row = await Message.objects.aget()
    assert (said["id"], said["status"]) == (row.pk, "shown")
    assert (
        heard[0]
        == heard[1]
        == {"type": "message", "id": row.pk, "name": "陈梅", "text": "老师好", "at": heard[0]["at"]}
    )
    assert (row.text, row.status, row.author_name) == ("老师好", "shown", "陈梅")


async def test_the_beginning_tells_all_there_is(live, mei):
    async with inside(live, mei) as one:
        await one.say("第一句")
        await one.hear("message")
        async with inside(live, mei) as again:
            kinds = [item["type"] for item in again.beginning]
            hello = again.beginning[0]
    assert kinds == ["hello", "state", "room", "count", "message", "ready"]
    assert (hello["name"], hello["role"], hello["may_talk"], hello["muted"]) == ("陈梅", "", True, False)


async def test_sent_twice_it_is_one_message(live, mei):
    key = uuid4()
    async with inside(live, mei) as one:
        first, second = await one.say("你好", key=key), await one.say("你好", key=key)
        await one.hear("message")
        assert await one.hears_nothing()
    assert first == second
    assert await Message.objects.acount() == 1


async def test_who_comes_back_is_told_what_was_missed(live, mei, ming):
    async with inside(live, mei) as one:
        first = await one.say("一")
        second = await one.say("二")
        assert [(await one.hear("message"))["id"] for _message in "一二"] == [first["id"], second["id"]]
        async with inside(live, ming, query=f"language=en&since={first['id']}") as other:
            messages = [item["id"] for item in other.beginning if item["type"] == "message"]
    assert messages == [second["id"]]


async def test_a_restarted_process_says_that_more_was_said_than_it_tells(live, mei, monkeypatch):
    monkeypatch.setattr(news, "SHOWN", 2)
    now, gaps = timezone.now(), []
    fields = {"broadcast": live, "author": mei, "author_name": "陈梅", "status": "shown", "at": now}
    for row in [await Message.objects.acreate(text=text, **fields) for text in "一二三四"]:
        async with inside(live, mei, query=f"language=en&since={row.pk}") as again:
            gaps.append(again.beginning[-1]["gap"])
    assert gaps == [True, False, False, False]


async def test_a_restarted_process_reads_the_last_messages_from_the_database(live, mei):
    async with inside(live, mei) as one:
        said = await one.say("还在吗")
    async with inside(live, mei) as again:
        assert [item["id"] for item in again.beginning if item["type"] == "message"] == [said["id"]]


@pytest.mark.parametrize(("audience", "connects"), [("open", True), ("members", False), ("course", False)])
async def test_visitors_read_open_broadcasts_only(transactional_db, audience, connects):
    live = await sync_to_async(factories.broadcast)(state="live", audience=audience)
    opened = socket(live)
    connected, _code = await opened.connect(timeout=10)
    assert connected is connects
    await opened.disconnect() if connects else None


async def test_visitors_say_nothing(transactional_db):
    live = await sync_to_async(factories.broadcast)(state="live", audience="open")
    async with inside(live) as visitor:
        told = await visitor.say("匿名")
    assert (told["type"], told["status"], told["code"]) == ("error", 401, "sign_in")
    assert not await Message.objects.aexists()


async def test_another_site_cannot_open_a_socket(live, mei):
    opened = socket(live, await sync_to_async(guests.cookie)(mei), origin="http://elsewhere.example")
    assert (await opened.connect(timeout=10))[0] is False


async def test_an_unknown_broadcast_is_turned_away(mei):
    opened = socket(uuid4(), await sync_to_async(guests.cookie)(mei))
    assert (await opened.connect(timeout=10))[0] is False


async def test_who_signs_out_elsewhere_leaves_the_room(live, mei, ming):
    async with inside(live, mei) as one, inside(live, ming) as other:
        await Session.objects.filter(session_key=one.key).adelete()
        await news.patrol()
        assert await one.closed_with() == 4001
        assert (await other.say("还在"))["type"] == "said"


async def test_the_oldest_page_of_a_person_makes_room(live, mei, settings):
    settings.LIVE_ROOM_PAGES = 2
    async with inside(live, mei) as first, inside(live, mei) as second, inside(live, mei) as third:
        assert await first.closed_with() == 4009
        assert (await third.say("还在"))["status"] == "shown"
        assert (await second.hear("message"))["text"] == "还在"


async def test_visitors_of_one_network_are_bounded_and_people_are_not(live, mei, settings):
    settings.LIVE_ROOM_VISITORS = 2
    await sync_to_async(Broadcast.objects.update)(audience="open")
    async with inside(live) as one, inside(live), inside(live, mei):
        refused = socket(live)
        assert (await refused.connect(timeout=10))[0]
        (told,) = json.loads(await refused.receive_from(timeout=10))
        assert (told["code"], told["status"]) == ("crowded", 503)
        assert "Sign in" in told["message"]
        assert (await refused.receive_output(timeout=10))["code"] == 4013
        await one.line.disconnect()
        async with inside(live):
            pass


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("testclient", ""), (None, "")],
)
def test_whose_an_address_is(address, network):
    assert entering.network(address) == network
