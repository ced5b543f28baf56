"""A playlist that is asked for before its next piece is there comes with that piece."""

import asyncio
import re

import pytest
from asgiref.sync import sync_to_async
from channels.testing import HttpCommunicator
from django.utils import timezone

from live import edges, playlists, runs, states, threads
from live.models import Broadcast, Run
from live.views import streams
from lms.asgi import application
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broadcast(monkeypatch):
    monkeypatch.setattr(streams, "_cards", {})
    made = factories.broadcast(state="live", starts_at=timezone.now())
    run = Run.objects.create(broadcast=made, number=1, source="rtmp", opened_at=timezone.now())
    add(run, 0)
    return made


@pytest.fixture(autouse=True)
async def let_go():
    yield
    await threads.let_go()


def add(run, number):
    runs.segment_closed(run, number, started_at=timezone.now(), duration_ms=2000, size=1000)


async def ask(broadcast, wanted, name=playlists.LIVE, change=lambda address: address):
    address = change(await sync_to_async(playlists.address)(broadcast, None, name))
    return await HttpCommunicator(
        application, "GET", f"{address}?_HLS_msn={wanted}", headers=[(b"host", b"testserver")]
    ).get_response(timeout=30)


def pieces(answer):
    return re.findall(rb"r\d{4}/(\d{5})\.m4s", answer["body"])


async def waiting(task):
    """It waits: several looks have been taken, and no answer has come."""
    await asyncio.wait({task}, timeout=edges.LOOK * 5)
    return not task.done()


@pytest.mark.parametrize("name", [playlists.LIVE, playlists.REWIND])
async def test_it_comes_with_its_piece(broadcast, name):
    assert b"CAN-BLOCK-RELOAD=YES" in (await ask(broadcast, 0, name))["body"]
    asked = [asyncio.create_task(ask(broadcast, 1, name)) for _ in range(3)]
    assert await waiting(asked[0])
    assert len(edges._coming) == 1  # one look for all
    run = await broadcast.runs.aget()
    await sync_to_async(add)(run, 1)
    for answer in await asyncio.gather(*asked):
        assert pieces(answer) == [b"00000", b"00001"]
    assert not edges._coming


async def test_what_is_there_comes_at_once(broadcast):
    assert pieces(await ask(broadcast, 0)) == [b"00000"]


async def test_the_end_is_not_waited_for(broadcast):
    asked = asyncio.create_task(ask(broadcast, 1))
    assert await waiting(asked)
    await sync_to_async(states.move)(broadcast, Broadcast.State.ENDED, reason="test")
    assert pieces(await asked) == [b"00000"]


async def test_nobody_waits_for_what_is_far_away(broadcast, monkeypatch):
    monkeypatch.setattr(edges, "PATIENCE", 10_000)
    assert pieces(await ask(broadcast, 1 + edges.AHEAD)) == [b"00000"]


async def test_patience_has_an_end(broadcast, monkeypatch):
    monkeypatch.setattr(edges, "PATIENCE", 0.3)
    assert pieces(await ask(broadcast, 1)) == [b"00000"]


@pytest.mark.parametrize(
    "change",
    [
        lambda address: re.sub(r"-[0-9a-f]{24}/", f"-{'0' * 24}/", address),
        lambda address: address.replace("live.m3u8", "r0001/00000.m4s"),
    ],
)
async def test_who_may_not_have_it_does_not_wait(broadcast, monkeypatch, change):
    monkeypatch.setattr(edges, "PATIENCE", 10_000)
    assert (await ask(broadcast, 1, change=change))["status"] in (403, 404)
