"""Publishers for tests: ffmpeg in the place of encoder software, sending a test picture over RTMP."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from django.db import connections

from live.ingest.desk import Desk
from live.ingest.server import RtmpServer
from media import ffmpeg


def picture(size="320x180", gop=25, rate=25):
    """A test picture with a tone, as an encoder would send it; twenty-five frames between key frames is one second."""
    return [
        "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}", "-f", "lavfi", "-i", "sine=frequency=440",
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
        "-g", str(gop), "-sc_threshold", "0", "-b:v", "400k", "-c:a", "aac", "-ar", "48000", "-b:a", "64k",
    ]  # fmt: skip


class Publisher:
    """An encoder that can be killed; `said` is what it complained about."""

    def __init__(self, process):
        self.process = process

    async def end(self, *, kill=False):
        if self.process.returncode is None:
            self.process.kill() if kill else self.process.terminate()
        _, said = await self.process.communicate()
        return said.decode("utf-8", "replace")

    async def said(self, seconds=15):
        """What it said until it ended by itself."""
        _, said = await asyncio.wait_for(self.process.communicate(), seconds)
        return said.decode("utf-8", "replace")


async def publish(address, *, seconds=60, arguments=None, form="flv"):
    process = await asyncio.create_subprocess_exec(
        ffmpeg.binary(), "-hide_banner", "-nostdin", "-loglevel", "error", "-re", *(arguments or picture()),
        "-t", str(seconds), "-f", form, address,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    return Publisher(process)


@asynccontextmanager
async def ingest():
    """The desk with its door for RTMP on a free port; `desk.address(stream key)` is where to publish."""
    desk = Desk()
    server = await RtmpServer(desk).listen("127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    desk.port = port
    desk.address = lambda stream_key: f"rtmp://127.0.0.1:{port}/live/{stream_key}"
    looking = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        server.close()
        await desk.stop()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        await sync_to_async(connections.close_all)()


async def until(condition, seconds=20, every=0.1):
    """Wait for something that the ingest does; the condition may ask the database."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (met := await sync_to_async(condition)()):
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(every)
    return met
