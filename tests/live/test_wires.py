"""Two web processes and a Redis between them, which is killed and comes back."""

import asyncio
import json
from uuid import uuid4

import pytest
from channels.db import database_sync_to_async as sync_to_async
from django.db import OperationalError, connections
from django.utils import timezone

from live import chat, moderation, news, posting, rooms, wires
from live.models import Host

from .guests import inside, speaker
from .redis import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis(settings):
    server = Server()
    settings.REDIS_URL = server.url
    yield server
    server.kill()


@pytest.fixture(autouse=True)
async def hang_up(transactional_db, redis):
    yield
    await wires.let_go()
    await chat.let_go()
    await sync_to_async(connections.close_all)()


async def until(true, seconds=10):
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def wire():
    return wires._wires[asyncio.get_running_loop()]


def said_elsewhere(live, person, text):
    """In the database, as another process would write it; what it would send over the wire."""
    asked = posting.Asked(live.pk, person.pk, uuid4(), text, timezone.now())
    return posting.take([asked])[0]


async def test_what_is_said_in_another_process_arrives(live, mei, redis):
    async with inside(live, mei) as one:
        await until(lambda: wire().up)
        item = '{"type":"message","id":77,"text":"来自别处"}'
        other = json.dumps(["another", "5:77:0", "say", item])
        await wire()._redis.publish(wires.channel(live.pk), other)
        assert (await one.hear("message"))["text"] == "来自别处"


async def test_what_is_said_here_goes_out_once_and_does_not_come_back(live, mei, redis):
    async with inside(live, mei) as one:
        await until(lambda: wire().up)
        async with wire()._redis.pubsub() as other:
            await other.subscribe(wires.channel(live.pk))
            said = await one.say("你们好")
            heard = await other.get_message(ignore_subscribe_messages=True, timeout=5)
            heard = heard or await other.get_message(ignore_subscribe_messages=True, timeout=5)
        assert json.loads(heard["data"])[1:3] == [f"{mei.pk}:{said['id']}:0", "say"]
        await one.hear("message")
        assert await one.hears_nothing()


async def test_people_elsewhere_are_counted(live, mei, redis):
    async with inside(live, mei):
        await until(lambda: wire().up)
        await wire()._redis.publish(wires.channel(live.pk), json.dumps(["another", "", "count", "[3, 2]"]))
        await until(lambda: rooms.count(live.pk) == (4, 2))


async def test_a_killed_redis_is_noticed_and_nothing_is_missed(live, mei, redis):
    host = await Host.objects.acreate(broadcast=live, user=await sync_to_async(speaker)("主持人"), role="moderator")
    async with inside(live, mei) as one:
        await until(lambda: wire().up)
        mine = await one.say("断线以前")
        await one.hear("message")
        redis.kill()
        await until(lambda: not wire().up)
        assert (await one.say("断线时"))["status"] == "shown"
        assert (await one.hear("message"))["text"] == "断线时"
        away = await sync_to_async(said_elsewhere)(live, await sync_to_async(speaker)("别处的人"), "别的进程说的")
        await sync_to_async(moderation.delete)(live, host.user, mine["id"])
        assert (await one.hear("message"))["id"] == away.pk
        assert (await one.hear("deleted"))["id"] == mine["id"]
        redis.start()
        await until(lambda: wire().up, seconds=15)
        await wire()._redis.publish(wires.channel(live.pk), json.dumps(["x", "", "push", '{"type":"again"}']))
        assert await one.hear("again")


async def test_without_redis_at_all_a_room_works(live, mei, redis):
    redis.kill()
    async with inside(live, mei) as one:
        await one.say("在")
        assert (await one.hear("message"))["text"] == "在"


async def test_a_process_without_rooms_tells_by_itself(live, mei, redis):
    listener = wires.AsyncRedis.from_url(redis.url)
    async with listener.pubsub() as other:
        await other.subscribe(wires.channel(live.pk))
        await other.get_message(timeout=5)
        await sync_to_async(rooms.announce)(live.pk, "state", {"state": "live"})
        heard = await other.get_message(ignore_subscribe_messages=True, timeout=5)
    await listener.aclose()
    assert json.loads(json.loads(heard["data"])[3]) == {"type": "state", "state": "live"}


async def test_a_database_that_is_away_makes_nobody_deaf(live, mei, redis, monkeypatch):
    tried = []

    async def fail_once():
        tried.append(wire().up)
        if len(tried) == 1:
            raise OperationalError

    monkeypatch.setattr(news, "catch_up_all", fail_once)
    async with inside(live, mei):
        await until(lambda: wire().up)
    assert tried == [False, False]
