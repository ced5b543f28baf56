"""SIGKILL of the ingest process in the middle of a lecture: what was finished stays, and the next process goes on."""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from live import keys, pids, playlists, runs
from live.models import Broadcast, Run, Segment
from tests import factories
from tests.browser.server import free_port
from tests.live import encoders
from tests.live.encoders import until
from tests.live.processes import Ingest

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.stream_key = keys.stream(made, keys.issue(made))
    return made


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
