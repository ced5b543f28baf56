"""A room that is full: who has a place keeps page and picture, and nobody else is given them."""

from datetime import timedelta

import pytest
from channels.db import database_sync_to_async as sync_to_async
from django.test import Client
from django.utils import timezone

from live import entering, rooms
from live.models import Broadcast

from . import streams
from .guests import inside

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hang_up")]


@pytest.fixture
def narrow(live):
    """On air for a minute, for everybody, with one place."""
    Broadcast.objects.filter(pk=live.pk).update(audience="open", capacity=1)
    streams.record(live, timezone.now() - timedelta(minutes=1), 60)
    return live


@sync_to_async
def sees(broadcast, person=None, **asked):
    """(whether the page is the room, whether a picture is told, what keeps out)"""
    client = Client()
    if person:
        client.force_login(person)
    page = client.get(f"/live/{broadcast.uuid}/").content.decode()
    told = client.get(f"/live/{broadcast.uuid}/state", asked).json()
    return "data-stage" in page, bool(told["stream"]), told["shut"]


async def test_who_has_a_place_keeps_it_and_nobody_else_gets_in(narrow, mei, ming):
    async with inside(narrow, mei):
        assert await sees(narrow, mei) == (True, True, "")
        assert await sees(narrow, ming) == await sees(narrow) == (False, False, "full")
        await narrow.bookings.acreate(user=ming, made_at=timezone.now())
        assert await sees(narrow, ming) == (True, True, "")


async def test_a_free_place_opens_the_room(narrow, mei, ming):
    async with inside(narrow, mei):
        pass
    assert await sees(narrow, ming) == (True, True, "")


async def test_a_visitor_inside_is_told_where_the_picture_is(narrow, mei):
    async with inside(narrow) as visitor:
        place = visitor.beginning[0]["place"]
        assert await sees(narrow, place=place) == (False, True, "")
        assert await sees(narrow, place=place[:-1]) == (False, False, "full")
        assert await sees(narrow, mei, place=place) == (False, False, "full")


async def test_another_process_knows_who_is_in_by_the_signs_of_life(narrow, mei, ming, monkeypatch):
    monkeypatch.setattr(rooms, "count", lambda number: (1, 0))
    assert await sees(narrow, mei) == (False, False, "full")
    now = timezone.now()
    await sync_to_async(streams.stay)(narrow, mei, (now - timedelta(seconds=60), now), seen_at=now)
    assert await sees(narrow, mei) == (True, True, "")
    assert await sees(narrow, ming) == (False, False, "full")


async def test_presence_is_not_taken_from_who_has_no_place(narrow, mei, ming, client):
    await sync_to_async(client.force_login)(ming)
    async with inside(narrow, mei):
        assert await sync_to_async(entering.shut)(narrow, mei) is None
        path, told = f"/live/{narrow.uuid}/presence", {"key": "6b1f5a0e-58a2-4b0c-9d5e-6a3c1d0f7e21", "playing": True}
        await narrow.arefresh_from_db()
        answer = await sync_to_async(client.post)(path, told, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "full")
