"""An nginx-rtmp in front: what the ingest answers to its questions, and, where there is one, the real thing."""

import asyncio
import re
import shutil
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as configured
from django.utils import timezone

from live import keys, runs, states
from live.models import Broadcast, Run, Segment
from tests import factories
from tests.browser.server import free_port
from tests.live import encoders
from tests.live.encoders import until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
CONFIGURATION = configured.BASE_DIR / "docs/nginx-rtmp.conf"


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.key = keys.issue(made)
    return made


async def call(desk, path):
    """The status of what the ingest answers to a GET, as nginx sends it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.studio_port)
    writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def test_who_is_let_in(broadcast, settings):
    settings.RELAY_URL = f"rtmp://127.0.0.1:{free_port()}/live"
    name = broadcast.name
    async with encoders.ingest() as desk:
        for question in (
            f"name={name}&key=wrong",
            f"name={name}",
            "key=x",
            "",
            f"name=x&key={broadcast.key}",
            "x" * 5000,
        ):
            assert await call(desk, f"/relay/publish?call=publish&{question}") == 403
        assert await call(desk, f"/relay/publish?call=publish&app=live&name={name}&key={broadcast.key}") == 200
        assert await sync_to_async(lambda: Run.objects.get().source)() == Run.Source.RELAY
        await sync_to_async(states.move)(broadcast, State.BLOCKED, reason="test")
        assert await call(desk, f"/relay/update?name={name}&key={broadcast.key}") == 403


async def test_only_the_relay_may_ask(broadcast, settings):
    settings.RELAY_FROM = ["10.1.2.3"]
    async with encoders.ingest() as desk:
        assert await call(desk, f"/relay/publish?name={broadcast.name}&key={broadcast.key}") == 403
    assert not await sync_to_async(Run.objects.exists)()


@asynccontextmanager
async def front(folder, studio_port):
    """The documented configuration, on free ports and in a folder of its own."""
    port = free_port()
    text = CONFIGURATION.read_text().replace("listen 1935", f"listen 127.0.0.1:{port}")
    text = re.sub(r"127\.0\.0\.1:8935", f"127.0.0.1:{studio_port}", text)
    (folder / "nginx.conf").write_text(f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n{text}")
    process = await asyncio.create_subprocess_exec(
        shutil.which("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")
    )
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


if MODULE.exists() and shutil.which("nginx"):

    async def test_through_a_real_nginx(broadcast, settings, tmp_path):
        async with encoders.ingest() as desk, front(tmp_path, desk.studio_port) as port:
            settings.RELAY_URL = f"rtmp://127.0.0.1:{port}/live"
            await asyncio.sleep(0.5)
            wrong = await encoders.publish(f"{settings.RELAY_URL}/{broadcast.name}?key=wrong", seconds=5)
            await wrong.said()
            assert wrong.process.returncode != 0
            right = await encoders.publish(f"{settings.RELAY_URL}/{broadcast.name}?key={broadcast.key}")
            await until(lambda: Segment.objects.count() >= 2, seconds=25)
            run = await sync_to_async(Run.objects.get)()
            assert (run.source, run.width, run.copied) == (Run.Source.RELAY, 320, True)
            assert await sync_to_async(lambda: Broadcast.objects.get().state)() == State.LIVE
            await sync_to_async(states.move)(broadcast, State.BLOCKED, reason="test")
            await until(lambda: not Run.objects.open().exists())
            await right.said(seconds=15)
        assert broadcast.key not in (tmp_path / "error.log").read_text()
