"""SIGKILL of the ingest process in the middle of a lecture: what was finished stays, and the next process goes on."""

import os
import signal
import subprocess
import sys
import time

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

from live import keys, pids, playlists, runs
from live.models import Broadcast, Run, Segment
from tests import databases, factories
from tests.browser.server import free_port
from tests.live import encoders
from tests.live.encoders import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture(autouse=True)
async def hang_up(transactional_db):
    """Threads keep their connections, and the database is put back when the test ends."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.stream_key = keys.stream(made, keys.issue(made))
    return made


class Ingest:
    """`manage.py live_ingest` on the database of this test."""

    def __init__(self):
        self.port = free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "live_ingest"], cwd=settings.BASE_DIR, start_new_session=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "VAR_DIR": str(settings.VAR_DIR),
                 "DATABASE_URL": databases.address(), "RTMP_PORT": str(self.port), "STUDIO_PORT": str(free_port()),
                 "LIVE_RESERVE_BYTES": "0", "LIVE_WARN_BYTES": "0"},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + 90
        while "RTMP_PORT: listening" not in self.process.stdout.readline():
            assert time.monotonic() < deadline, "it does not listen"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)


async def test_a_killed_ingest_loses_nothing_that_was_finished(broadcast):
    ingest = Ingest()
    address = f"rtmp://127.0.0.1:{ingest.port}/live/{broadcast.stream_key}"
    await sync_to_async(ingest.start)()
    try:
        publisher = await encoders.publish(address)
        await until(lambda: Segment.objects.count() >= 2, seconds=30)
        first = await sync_to_async(Run.objects.select_related("broadcast").get)()
        ingest.kill()
        await publisher.said()
        await until(lambda: pids.born(first.pid) != first.pid_started)

        await sync_to_async(ingest.start)()
        await until(lambda: Run.objects.filter(number=1, closed=Run.Closed.RESTART).exists())
        await until(lambda: Broadcast.objects.get().state == State.INTERRUPTED)
        on_disk = len(list(runs.folder(first).glob("*.m4s")))
        assert await sync_to_async(Segment.objects.filter(run=first).count)() == on_disk >= 2

        again = await encoders.publish(address)
        await until(lambda: Broadcast.objects.get().state == State.LIVE, seconds=30)
        text = await sync_to_async(playlists.rewind)(broadcast)
        assert text.count("#EXT-X-DISCONTINUITY\n") == 1
        assert await sync_to_async(ingest.stop)() == 0
        await until(lambda: not Run.objects.open().exists())
        await again.said()
    finally:
        if ingest.process.poll() is None:
            ingest.kill()


async def test_a_port_that_is_taken_is_said_and_waited_for(transactional_db):
    import asyncio

    from live.ingest import process

    said, stopped = [], asyncio.Event()
    holder = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    taken = holder.sockets[0].getsockname()[1]
    serving = asyncio.create_task(
        process.serve(stopped, rtmp=("127.0.0.1", taken), studio=("127.0.0.1", free_port()), say=said.append)
    )
    await until(lambda: len(said) >= 2)
    assert any(f"Port {taken} is taken" in line and "RTMP_PORT" in line for line in said)
    assert any(line.startswith("STUDIO_PORT: listening") for line in said)
    stopped.set()
    await serving
    holder.close()
