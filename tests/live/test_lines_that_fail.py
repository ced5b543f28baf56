"""What befalls a lecture: a killed web process, a database that is away, a line too slow, a closed studio."""

import asyncio
import re
import sqlite3
import urllib.request
from contextlib import contextmanager

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from live import health, keys, playlists, runs
from live.models import Broadcast, Run, Segment
from tests import factories
from tests.browser.line import Line
from tests.live import encoders
from tests.live.encoders import Studio, until
from tests.live.processes import Ingest, Web

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State
FULL_RATE = ["-b:v", "800k", "-minrate", "800k", "-maxrate", "800k", "-bufsize", "400k", "-x264-params", "nal-hrd=cbr"]


@pytest.fixture
def host(transactional_db):
    return factories.user(name="李老师")


@pytest.fixture
def broadcast(host):
    made = factories.broadcast(state="ready", trainer=host, starts_at=timezone.now())
    runs.start(made, host)
    made.stream_key = keys.stream(made, keys.issue(made))
    return made


def pieces(web, address):
    with urllib.request.urlopen(f"http://127.0.0.1:{web.port}{address}", timeout=30) as answer:
        return re.findall(r"^r\d{4}/\d{5}\.m4s$", answer.read().decode(), re.MULTILINE)


async def test_a_killed_web_process_cuts_no_lecture(broadcast):
    """The same run goes on, nothing of it is missing, and the same address plays on when a web process is back."""
    ingest, web = Ingest(), Web()
    await sync_to_async(ingest.start)()
    await sync_to_async(web.start)()
    try:
        publisher = await encoders.publish(f"rtmp://127.0.0.1:{ingest.port}/live/{broadcast.stream_key}")
        await until(lambda: Broadcast.objects.get().state == State.LIVE and Segment.objects.count() >= 2)
        address = await sync_to_async(playlists.address)(broadcast, None)
        before = await sync_to_async(pieces)(web, address)
        web.kill()
        with pytest.raises(OSError, match="refused"):
            await sync_to_async(pieces)(web, address)
        had = await sync_to_async(Segment.objects.count)()
        await until(lambda: Segment.objects.count() >= had + 2)
        await sync_to_async(web.start)()
        after = await sync_to_async(pieces)(web, address)
        assert after[: len(before)] == before
        assert len(after) >= had + 2
        run = await Run.objects.aget()
        assert (run.closed_at, (await Broadcast.objects.aget()).state) == (None, State.LIVE)
        await publisher.end()
    finally:
        web.kill()
        ingest.kill()


@contextmanager
def away():
    """The database answers nobody: somebody holds the file of SQLite, or the tables in PostgreSQL."""
    if connection.vendor == "sqlite":
        holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
    else:
        given = connection.get_connection_params()
        holder = psycopg.connect(
            **{name: given[name] for name in ("dbname", "user", "password", "host", "port") if name in given}
        )
        holder.execute("LOCK TABLE live_broadcast, live_run, live_segment IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


async def test_while_the_database_is_away_the_lecture_goes_on(broadcast):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Broadcast.objects.get().state == State.LIVE and Segment.objects.count() >= 2)
        folder = runs.folder(await Run.objects.select_related("broadcast").aget())
        had = len(list(folder.glob("*.m4s")))
        with away():
            while len(list(folder.glob("*.m4s"))) < had + 4:
                await asyncio.sleep(0.2)
                assert publisher.process.returncode is None
        await until(lambda: Segment.objects.count() >= had + 4)
        await until(lambda: Broadcast.objects.get().state == State.LIVE)
        run = await Run.objects.aget()  # the same: nobody was hung up on
        assert run.closed_at is None
        numbers = await sync_to_async(list)(Segment.objects.order_by("sequence").values_list("number", flat=True))
        assert numbers == list(range(len(numbers)))
        await publisher.end()


async def test_a_line_too_slow_for_its_picture_is_told_to_the_trainer(broadcast):
    async with encoders.ingest() as desk:
        line = Line(desk.port)
        line.speed = 50_000  # bytes a second: half of what the picture needs
        address = desk.address(broadcast.stream_key).replace(str(desk.port), line.url.rpartition(":")[2])
        publisher = await encoders.publish(address, arguments=[*encoders.picture(), *FULL_RATE])
        try:
            await until(lambda: any("请调低码率" in words for words in health.line(broadcast)["warnings"]))
            assert (await Run.objects.aget()).closed_at is None  # told, not cut
        finally:
            await publisher.end(kill=True)
            line.close()


async def test_encoder_software_takes_over_from_a_studio_that_was_closed(broadcast, host):
    async with encoders.ingest() as desk:
        page = await Studio.enter(desk, broadcast, host, rehearsal=False)
        await page.send(encoders.recording(seconds=6), seconds=6)
        await until(lambda: Broadcast.objects.get().state == State.LIVE)
        page.socket.transport.abort()  # as when a tab is closed or the machine is gone
        await until(lambda: Run.objects.filter(number=1, closed=Run.Closed.NETWORK).exists())
        assert (await Broadcast.objects.aget()).state == State.INTERRUPTED
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.filter(run__number=2).exists())
        assert (await Broadcast.objects.aget()).state == State.LIVE
        assert (await sync_to_async(playlists.rewind)(broadcast)).count("#EXT-X-DISCONTINUITY\n") == 1
        await publisher.end()
