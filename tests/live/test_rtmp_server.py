"""The door for encoders: who is turned away, in words; who may send when two want to; what happens when one dies."""

import asyncio
import os
import re
import signal

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from live import health, keys, runs, schedule, states
from live.ingest import desk as desks
from live.ingest import server
from live.models import Broadcast, Run, Segment, Transition
from tests import factories
from tests.live import encoders, talk
from tests.live.encoders import until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.key = keys.issue(made)
    made.stream_key = keys.stream(made, made.key)
    return made


def state():
    return Broadcast.objects.get().state


def run_of(number):
    return Run.objects.get(number=number)


async def greet(desk, stream_key):
    """Speak by hand up to the wish to publish."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    writer.write(talk.greeting(stream_key))
    await writer.drain()
    return reader, writer


async def hung_up(reader, seconds=15):
    """All that was answered until the other side closed."""
    try:
        return await asyncio.wait_for(reader.read(), seconds)
    except ConnectionError:
        return b""


@pytest.mark.parametrize("wrong", ["name?key=00000000000000000000000000000000", "", "{name}", "{name}?key="])
async def test_a_wrong_key_is_refused_in_words(broadcast, wrong):
    async with encoders.ingest() as desk:
        reader, writer = await greet(desk, wrong.format(name=broadcast.name))
        answer = await hung_up(reader)
        writer.close()
    assert b"NetStream.Publish.BadName" in answer
    assert "推流密钥".encode() in answer
    assert not await sync_to_async(Run.objects.exists)()


async def test_an_old_key_is_refused_by_a_real_encoder(broadcast):
    old = broadcast.stream_key
    await sync_to_async(keys.issue)(broadcast)
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(old), seconds=5)
        assert await publisher.said()
        assert publisher.process.returncode != 0


async def test_of_two_publishers_one_sends_and_the_other_is_told(broadcast):
    async with encoders.ingest() as desk:
        both = await asyncio.gather(*(greet(desk, broadcast.stream_key) for _ in range(2)))
        answers = await asyncio.gather(
            *(asyncio.wait_for(reader.readuntil(b"NetStream.Publish."), 8) for reader, _ in both)
        )
        rest = await asyncio.gather(*(reader.read(8) for reader, _ in both))
        assert len(answers) == 2
        assert sorted(each[:7] for each in rest) == [b"BadName", b"Start\x00\x0b"[:7]]
        assert await sync_to_async(Run.objects.count)() == 1
        for _reader, writer in both:
            writer.close()


async def test_a_publisher_that_fell_silent_makes_room(broadcast, monkeypatch):
    monkeypatch.setattr(desks, "STALE", 0.5)
    async with encoders.ingest() as desk:
        _reader, first = await greet(desk, broadcast.stream_key)
        await until(Run.objects.exists)
        await asyncio.sleep(0.7)
        reader, second = await greet(desk, broadcast.stream_key)
        await asyncio.wait_for(reader.readuntil(b"NetStream.Publish.Start"), 8)
        assert (await sync_to_async(run_of)(1)).closed == Run.Closed.REPLACED
        first.close()
        second.close()


async def test_a_codec_that_cannot_be_shown_is_refused_in_words(broadcast):
    async with encoders.ingest() as desk:
        reader, writer = await greet(desk, broadcast.stream_key)
        await asyncio.wait_for(reader.readuntil(b"NetStream.Publish.Start"), 8)
        writer.write(talk.message(b"\x90hvc1" + bytes(60), kind=9, stream=6))
        answer = await hung_up(reader)
        writer.close()
        await until(lambda: not Run.objects.open().exists())
    assert b"NetStream.Publish.Rejected" in answer
    assert b"hevc" in answer
    line = await sync_to_async(health.line)(broadcast)
    assert "hevc" in line["warnings"][0]


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", os.urandom(4000), talk.SHAKE + b"\xff" * 5000])
async def test_noise_is_hung_up_on(broadcast, noise):
    async with encoders.ingest() as desk:
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        writer.write(noise + b"\0" * 80_000)
        await hung_up(reader)
        writer.close()
        _reader, friendly = await greet(desk, broadcast.stream_key)
        await until(Run.objects.exists)
        friendly.close()


async def test_who_says_nothing_is_dropped_before_and_after_the_key(broadcast, monkeypatch):
    monkeypatch.setattr(server, "DEADLINE", 0.5)
    monkeypatch.setattr(server, "SILENCE", 1.0)
    async with encoders.ingest() as desk:
        silent, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        await hung_up(silent, 3)
        reader, publisher = await greet(desk, broadcast.stream_key)
        await hung_up(reader, 8)
        writer.close()
        publisher.close()
        await until(lambda: not Run.objects.open().exists())
    assert (await sync_to_async(Run.objects.get)()).closed == Run.Closed.SILENT


async def test_no_more_connections_than_that_from_one_address(broadcast, monkeypatch):
    monkeypatch.setattr(server, "OF_ONE_ADDRESS", 2)
    async with encoders.ingest() as desk:
        first, second = [await asyncio.open_connection("127.0.0.1", desk.port) for _ in range(2)]
        await asyncio.sleep(0.2)
        _reader, friendly = await greet(desk, broadcast.stream_key)
        assert await hung_up(first[0], 3) == b""  # the oldest of those who say nothing makes room
        await until(Run.objects.exists)
        assert not second[0].at_eof()
        for writer in (first[1], second[1], friendly):
            writer.close()


async def test_who_sends_keeps_its_place_when_the_door_is_full(broadcast, monkeypatch):
    monkeypatch.setattr(server, "OF_ALL", 1)
    async with encoders.ingest() as desk:
        _reader, friendly = await greet(desk, broadcast.stream_key)
        await until(Run.objects.exists)
        await asyncio.sleep(0.2)
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        assert await hung_up(reader, 3) == b""
        assert not await sync_to_async(Run.objects.exclude(closed_at=None).exists)()
        friendly.close()
        writer.close()


async def test_the_bureau_stops_it_and_the_key_is_void(broadcast):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: state() == State.LIVE)
        await sync_to_async(states.move)(broadcast, State.BLOCKED, reason="test")
        await until(lambda: not Run.objects.open().exists())
        assert (await sync_to_async(run_of)(1)).closed == Run.Closed.KILLED
        await publisher.said()
        again = await encoders.publish(desk.address(broadcast.stream_key), seconds=5)
        await again.said()
        assert again.process.returncode != 0


async def test_an_encoder_of_ours_that_is_killed(broadcast):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.count() >= 1)
        run = await sync_to_async(run_of)(1)
        os.kill(run.pid, signal.SIGKILL)
        await until(lambda: Run.objects.filter(number=1, closed=Run.Closed.ENCODER).exists())
        assert await sync_to_async(state)() == State.INTERRUPTED
        await publisher.said()
        again = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: state() == State.LIVE)
        await again.end()


async def test_three_deaths_within_a_minute_are_enough(broadcast):
    async with encoders.ingest() as desk:
        for number in range(1, 4):
            _reader, writer = await greet(desk, broadcast.stream_key)
            await until(lambda number=number: Run.objects.filter(number=number, pid__isnull=False).exists())
            os.kill((await sync_to_async(run_of)(number)).pid, signal.SIGKILL)
            await until(lambda number=number: Run.objects.filter(number=number, closed=Run.Closed.ENCODER).exists())
            writer.close()
            await until(lambda: not desk.sessions)
        reader, writer = await greet(desk, broadcast.stream_key)
        assert "三次".encode() in await hung_up(reader)
        writer.close()


async def test_a_line_that_is_up_without_a_picture(broadcast, monkeypatch):
    monkeypatch.setattr(desks, "NO_PIECE", 2.0)
    async with encoders.ingest() as desk:
        _reader, writer = await greet(desk, broadcast.stream_key)
        await until(lambda: Run.objects.filter(pid__isnull=False).exists())
        await sync_to_async(Broadcast.objects.update)(state="live")
        await until(lambda: state() == State.INTERRUPTED)
        assert await sync_to_async(Run.objects.open().exists)()
        writer.close()


async def test_before_start_everything_is_a_rehearsal(broadcast):
    await sync_to_async(Broadcast.objects.update)(start_asked_at=None)
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.count() >= 1)
        assert await sync_to_async(state)() == State.READY
        assert (await sync_to_async(run_of)(1)).rehearsal
        await sync_to_async(runs.start)(broadcast, None)
        await until(lambda: state() == State.LIVE)
        assert publisher.process.returncode is None
        run = await sync_to_async(run_of)(2)
        assert not run.rehearsal
        assert await sync_to_async(lambda: run.segments.first().begin_ms)() == 0
        await publisher.end()


async def test_key_frames_too_far_apart_are_encoded_here(broadcast):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key), arguments=encoders.picture(gop=150))
        await until(lambda: Run.objects.filter(number=2, copied=False).exists(), seconds=25)
        await until(lambda: Segment.objects.filter(run__number=2).count() >= 2)
        longest = await sync_to_async(
            lambda: max(Segment.objects.filter(run__number=2).values_list("duration_ms", flat=True))
        )()
        assert longest <= 2500
        await publisher.end()


async def test_a_full_disk_ends_the_run_and_refuses_the_next(broadcast, settings):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: state() == State.LIVE)
        settings.LIVE_RESERVE_BYTES = 1 << 60
        await until(lambda: Run.objects.filter(number=1, closed=Run.Closed.DISK).exists())
        await publisher.said()
        assert await sync_to_async(state)() == State.INTERRUPTED
        reader, writer = await greet(desk, broadcast.stream_key)
        assert "磁盘已满".encode() in await hung_up(reader)
        writer.close()
    assert not await sync_to_async(lambda: Segment.objects.filter(bytes=0).exists())()


async def test_changes_say_why(broadcast):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: state() == State.LIVE)
        await publisher.end(kill=True)
        await until(lambda: state() == State.INTERRUPTED)
    reasons = await sync_to_async(lambda: list(Transition.objects.values_list("after", "reason")))()
    assert reasons == [("live", "run 1: the first piece"), ("interrupted", "run 1: network")]
    assert all(re.match(r"run \d+: ", reason) for _after, reason in reasons)


async def test_the_key_of_a_removed_host_ends_its_line(broadcast):
    host, colleague = [await sync_to_async(factories.user)(name=name) for name in ("原讲师", "新讲师")]
    await sync_to_async(schedule.name_hosts)(broadcast, {host.pk: "trainer"})
    key = await sync_to_async(keys.issue)(broadcast, by=host)
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(keys.stream(broadcast, key)))
        await until(lambda: state() == State.LIVE)
        await sync_to_async(schedule.name_hosts)(broadcast, {colleague.pk: "trainer"}, by=colleague)
        await until(lambda: state() == State.INTERRUPTED)
        assert (await sync_to_async(run_of)(1)).closed == Run.Closed.REVOKED
        await publisher.said()
        reader, writer = await greet(desk, keys.stream(broadcast, key))
        assert b"NetStream.Publish.BadName" in await hung_up(reader)
        writer.close()
