"""The socket of the browser studio: what it takes, whom it refuses, and who wins when there are two."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from live import schedule, states
from live.ingest import studio
from live.models import Broadcast, Run, Segment, Transition
from tests import factories
from tests.live import encoders
from tests.live.encoders import Studio, until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def host(transactional_db):
    return factories.user(name="李蔚然")


@pytest.fixture
def broadcast(host):
    return factories.broadcast(state="ready", starts_at=timezone.now(), trainer=host)


def state():
    return Broadcast.objects.get().state


async def test_on_air_from_a_browser(broadcast, host):
    media = encoders.recording(seconds=6)
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.send(media, seconds=6)
        opened = await page.hear("state")
        assert (opened["state"], opened["run"], opened["rehearsal"]) == ("open", 1, False)
        assert opened["ticket"]
        report = await page.hear("kbps")
        assert report["kbps"] > 50
        assert report["warning"] == "" or "磁盘" in report["warning"]
        await until(lambda: state() == State.LIVE)
        run = await sync_to_async(Run.objects.get)()
        assert (run.source, run.copied, run.video_codec, run.width) == ("studio", True, "h264", 320)
        assert await sync_to_async(lambda: Transition.objects.get(after="live").actor)() == host

        await page.say(stop=True)
        await until(lambda: state() == State.ENDED)
        assert (await page.hear("reason"))["reason"] == Run.Closed.STOPPED
    total = await sync_to_async(lambda: sum(Segment.objects.values_list("duration_ms", flat=True)))()
    assert 5500 <= total <= 6500


@pytest.mark.parametrize(("codec", "form", "copied"), [("vp8", "matroska", False), ("h264", "mp4", True)])
async def test_other_recorders(broadcast, host, codec, form, copied):
    media = encoders.recording(codec, form, seconds=5)
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=True)
        await page.send(media, seconds=5)
        assert (await page.hear("state"))["rehearsal"] is True
        await until(lambda: Segment.objects.count() >= 1)
        await page.socket.close()
        await until(lambda: not Run.objects.open().exists())
    run = await sync_to_async(Run.objects.get)()
    assert (run.copied, run.video_codec, run.rehearsal, run.closed) == (copied, codec, True, Run.Closed.NETWORK)
    assert await sync_to_async(state)() == State.READY


async def test_the_newest_socket_of_the_same_person_wins(broadcast, host):
    media = encoders.recording(seconds=4)
    async with encoders.ingest() as desk:
        first = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await first.send(media, over=1)
        await first.hear("state")
        second = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await second.send(media, over=1)
        assert (await second.hear("state"))["run"] == 2
        assert (await first.hear("reason"))["reason"] == Run.Closed.REPLACED
        with pytest.raises(ConnectionClosed):
            await first.socket.recv()
        assistant = await sync_to_async(factories.user)(name="助教")
        await sync_to_async(broadcast.hosts.create)(user=assistant, role="assistant")
        third = await Studio.enter(desk, broadcast, assistant, rehearsal=False)
        await third.send(media, over=0)
        assert (await third.hear("words"))["state"] == "refused"


async def test_start_on_the_page_asks_a_rehearsal_for_a_new_recorder(broadcast, host):
    from live import runs

    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=True)
        await page.send(encoders.recording(seconds=4), over=1)
        assert (await page.hear("state"))["rehearsal"] is True
        await sync_to_async(runs.start)(broadcast, host)
        assert (await page.hear("state"))["state"] == "renew"


async def test_a_browser_that_sends_nothing_is_dropped(broadcast, host, monkeypatch):
    monkeypatch.setattr(studio, "SILENCE", 1.0)
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.send(encoders.recording(seconds=4), over=1)
        await until(lambda: Run.objects.filter(closed=Run.Closed.SILENT).exists())
        await page.socket.wait_closed()


@pytest.mark.parametrize("change", ["forged", "another", "ended"])
async def test_a_ticket_that_opens_nothing(broadcast, host, change):
    ticket = None
    if change == "forged":
        ticket = "x" * 40
    elif change == "another":
        other = await sync_to_async(factories.broadcast)(state="ready")
        ticket = encoders.keys.ticket(other, host)
    else:
        await sync_to_async(Broadcast.objects.update)(state="ended")
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, ticket=ticket)
        answer = await page.hear("words")
        assert answer["state"] == "refused"
        assert answer["words"]
        await page.socket.wait_closed()
        assert page.socket.close_code == 4403


@pytest.mark.parametrize("media", [b"\0" * 100_000, b"GIF89a" * 20, b"\x1a\x45\xdf\xa3" + b"\0" * 70_000, "hevc"])
async def test_what_is_no_recording_is_refused(broadcast, host, media):
    media = encoders.recording("hevc", "mp4", seconds=1) if media == "hevc" else media
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=True)
        await page.socket.send(media)
        assert (await page.hear("words"))["state"] == "refused"
    assert not await sync_to_async(Run.objects.exists)()


async def test_another_site_and_another_address(broadcast):
    async with encoders.ingest() as desk:
        address = f"ws://127.0.0.1:{desk.studio_port}"
        foreign = await connect(
            f"{address}/ws/live/{broadcast.uuid}/studio", origin="https://elsewhere.example", proxy=None
        )
        await foreign.wait_closed()
        assert foreign.close_code == 1008
        nowhere = await connect(f"{address}/ws/live/studio", proxy=None)
        await nowhere.wait_closed()
        assert nowhere.close_code == 1008
        with pytest.raises(InvalidStatus):
            await connect(f"{address}/relay/publish?name=x&key=y", proxy=None)


async def test_the_bureau_cuts_it_off(broadcast, host):
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.send(encoders.recording(seconds=4), over=1)
        await page.hear("state")
        await until(lambda: state() == State.LIVE)
        await sync_to_async(states.move)(broadcast, State.BLOCKED, reason="test")
        assert (await page.hear("reason"))["reason"] == Run.Closed.KILLED
        again = await Studio.enter(desk, broadcast, host)
        assert "主管部门" in (await again.hear("words"))["words"]


async def test_a_line_that_breaks_before_anything_is_known_may_come_back(broadcast, host, monkeypatch):
    monkeypatch.setattr(studio, "SILENCE", 0.3)
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.socket.wait_closed()
    assert page.socket.close_code == studio.BROKE


async def test_a_host_who_is_removed_is_cut_off_and_told_why(broadcast, host):
    colleague = await sync_to_async(factories.user)(name="接替的讲师")
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.send(encoders.recording(seconds=4), over=1)
        await until(lambda: state() == State.LIVE)
        await sync_to_async(schedule.name_hosts)(broadcast, {colleague.pk: "trainer"}, by=host)
        told = await page.hear("reason")
        assert (told["reason"], told["words"]) == (Run.Closed.REVOKED, "推流权限已被收回")
        await page.socket.wait_closed()
        assert page.socket.close_code == 4003
        await until(lambda: state() == State.INTERRUPTED)
        again = await Studio.enter(desk, broadcast, host)
        assert (await again.hear("words"))["state"] == "refused"
        there = await Studio.enter(desk, broadcast, colleague, rehearsal=False)
        await there.send(encoders.recording(seconds=4), over=1)
        assert (await there.hear("state"))["run"] == 2


async def test_who_says_nothing_makes_room_for_a_studio(broadcast, host, monkeypatch):
    monkeypatch.setattr(studio, "STRANGERS", 2)
    async with encoders.ingest() as desk:
        silent = [await asyncio.open_connection("127.0.0.1", desk.studio_port)]
        ticketless = await connect(f"ws://127.0.0.1:{desk.studio_port}/ws/live/{broadcast.uuid}/studio", proxy=None)
        page = await Studio.enter(desk, broadcast, host, rehearsal=True)
        assert await asyncio.wait_for(silent[0][0].read(), 3) == b""
        await page.send(encoders.recording(seconds=4), over=1)
        await page.hear("state")
        another = await asyncio.open_connection("127.0.0.1", desk.studio_port)  # a studio that sends is no stranger
        last = await asyncio.open_connection("127.0.0.1", desk.studio_port)
        await asyncio.wait_for(ticketless.wait_closed(), 3)
        await page.hear("kbps")
        for _reader, writer in (*silent, another, last):
            writer.close()


async def test_who_shows_no_ticket_is_closed_after_a_few_seconds(broadcast, monkeypatch):
    monkeypatch.setattr(studio, "DEADLINE", 0.5)
    async with encoders.ingest() as desk:
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.studio_port)
        waiting = await connect(f"ws://127.0.0.1:{desk.studio_port}/ws/live/{broadcast.uuid}/studio", proxy=None)
        await asyncio.wait_for(waiting.wait_closed(), 3)
        assert waiting.close_code == 1008
        await asyncio.wait_for(reader.read(), 3)
        writer.close()
