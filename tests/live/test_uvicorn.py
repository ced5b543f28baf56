"""The room on a real web process, with shared frames and the plain way: words at the door, and slow pages."""

import asyncio
import json
from contextlib import suppress
from types import SimpleNamespace
from uuid import uuid4

import pytest
import uvicorn
from channels.db import database_sync_to_async as sync_to_async
from django.db import connections
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from live import frames
from live.models import Broadcast, Host, Message

from .guests import cookie, speaker
from .processes import Web


@pytest.fixture(params=["live.protocol:Frames", "websockets-sansio"])
def web(request, live):
    process = Web(request.param)
    process.start()
    yield SimpleNamespace(address=f"ws://127.0.0.1:{process.port}/ws/live/{live.uuid}?language=en", process=process)
    process.kill()


def opened(address, key, **options):
    headers = {"Cookie": f"sessionid={key}"} if key else {}
    return connect(address, additional_headers=headers, origin="http://localhost", compression=None, **options)


async def hear(line, kind):
    """The next item of this type; others of the same frame are kept."""
    told = vars(line).setdefault("told", [])
    async with asyncio.timeout(15):
        while True:
            for item in told:
                if item["type"] == kind:
                    told.remove(item)
                    return item
            told += json.loads(await line.recv())


async def say(line, text):
    await line.send(json.dumps({"do": "say", "key": str(uuid4()), "text": text}))


@pytest.mark.django_db(transaction=True)
async def test_a_message_reaches_two_pages_and_a_stranger_is_turned_away_with_words(web):
    address = web.address
    mei, ming = [await sync_to_async(speaker)(name) for name in ("陈梅", "张明远")]
    keys = [await sync_to_async(cookie)(person) for person in (mei, ming)]
    async with opened(address, keys[0]) as one, opened(address, keys[1]) as other:
        assert one.protocol.extensions == []
        await hear(one, "ready")
        await hear(other, "ready")
        await say(one, "好" * 200)
        assert [(await hear(line, "message"))["text"] for line in (one, other)] == ["好" * 200] * 2
        await one.send(b"\x00")
        assert (await hear(one, "error"))["status"] == 422
    with pytest.raises(InvalidStatus) as refused:
        await opened(address, "").__aenter__()
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body)["code"] == "sign_in"
    await sync_to_async(connections.close_all)()


@pytest.mark.django_db(transaction=True)
async def test_a_killed_process_has_kept_all_that_it_acknowledged(web):
    host = await sync_to_async(speaker)("主持人")
    live = await Broadcast.objects.aget()
    await Host.objects.acreate(broadcast=live, user=host, role="moderator")
    key = await sync_to_async(cookie)(host)
    acknowledged = set()
    with suppress(ConnectionClosed):
        async with opened(web.address, key) as line:
            await hear(line, "ready")
            for number in range(15):
                await say(line, f"第{number}句")
            while len(acknowledged) < 8:
                acknowledged.add((await hear(line, "said"))["id"])
            web.process.kill()
            while True:
                acknowledged.add((await hear(line, "said"))["id"])
    kept = {row.pk async for row in Message.objects.shown()}
    assert len(acknowledged) >= 8
    assert acknowledged <= kept
    await sync_to_async(connections.close_all)()


async def everything(page):
    with suppress(ConnectionClosed):
        while True:
            yield await page.recv()


async def test_a_page_that_takes_nothing_is_noticed_and_told_when_it_reads_again():
    """The transport holds what waits, and no more than that."""
    seen = {}

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        connection = scope["extensions"]["frames"]
        frame, seen["taken"] = frames.Frame("x" * 60_000), 0
        while connection.write(frame.wire):
            seen["taken"] += 1
            await asyncio.sleep(0)
        connection.close(4008, "slow")
        seen["end"] = await receive()

    config = uvicorn.Config(app, port=0, ws="live.protocol:Frames", lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with connect(f"ws://127.0.0.1:{port}/", compression="deflate", max_queue=1) as page:
        assert page.protocol.extensions == []
        async with asyncio.timeout(20):
            while "end" not in seen:
                await asyncio.sleep(0.05)
            received = [frame async for frame in everything(page)]
    assert page.close_code == 4008
    assert len(received) == seen["taken"] > 0
    server.should_exit = True
    await task
