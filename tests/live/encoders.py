"""Publishers for tests: ffmpeg in the place of encoder software, sending a test picture over RTMP."""

import asyncio
import contextlib
import json
import subprocess
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from django.db import connections
from websockets.asyncio.client import connect

from live import keys
from live.ingest.desk import Desk
from live.ingest.relay import Relay
from live.ingest.server import RtmpServer
from live.ingest.studio import StudioServer
from media import ffmpeg


def picture(size="320x180", gop=25, rate=25):
    """A test picture with a tone, as an encoder would send it; twenty-five frames between key frames is one second."""
    return [
        "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}", "-f", "lavfi", "-i", "sine=frequency=440",
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
        "-g", str(gop), "-sc_threshold", "0", "-b:v", "400k", "-c:a", "aac", "-ar", "48000", "-b:a", "64k",
    ]  # fmt: skip


def recording(codec="h264", form="matroska", seconds=4):
    """What a browser's recorder makes of a test picture, in one go."""
    picture = {
        "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
        "vp8": ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k"],
        "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"],
    }[codec]
    pieces = ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"] if form == "mp4" else []
    return subprocess.run(
        [
            ffmpeg.binary(), "-hide_banner", "-nostdin", "-loglevel", "error", "-f", "lavfi",
            "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
            *picture, "-g", "25", "-c:a", "libopus", "-b:a", "64k", *pieces, "-t", str(seconds), "-f", form, "pipe:1",
        ],
        capture_output=True, check=True,
    ).stdout  # fmt: skip


class Studio:
    """A browser's studio without the browser: shows its ticket, sends a recording at the pace of its making."""

    def __init__(self, socket):
        self.socket = socket
        self.heard = []

    @classmethod
    async def enter(cls, desk, broadcast, user, *, ticket=None, **hello):
        address = f"ws://127.0.0.1:{desk.studio_port}/ws/live/{broadcast.uuid}/studio"
        studio = cls(await connect(address, origin="http://localhost:8000", proxy=None))
        ticket = keys.ticket(broadcast, user) if ticket is None else ticket
        await studio.say(ticket=ticket, mime="video/webm", width=320, height=180, **hello)
        return studio

    async def say(self, **facts):
        await self.socket.send(json.dumps(facts))

    async def send(self, media, seconds=4, over=None):
        """In steps of a quarter of a second."""
        steps = seconds * 4
        size = -(-len(media) // steps)
        for place in range(0, len(media), size):
            await self.socket.send(media[place : place + size])
            await asyncio.sleep((seconds if over is None else over) / steps)

    async def hear(self, key, seconds=15):
        """The next message that has this key."""
        async with asyncio.timeout(seconds):
            while True:
                message = json.loads(await self.socket.recv())
                self.heard.append(message)
                if key in message:
                    return message


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
    """The desk with its doors on free ports; `desk.address(stream key)` is where to publish."""
    desk = Desk()
    server = await RtmpServer(desk).listen("127.0.0.1", 0)
    studio = await StudioServer(desk, Relay(desk).answer).listen("127.0.0.1", 0)
    desk.port = port = server.sockets[0].getsockname()[1]
    desk.studio_port = studio.sockets[0].getsockname()[1]
    desk.address = lambda stream_key: f"rtmp://127.0.0.1:{port}/live/{stream_key}"
    looking = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        server.close()
        studio.close()
        await desk.stop()
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        await sync_to_async(connections.close_all)()


async def until(condition, seconds=40, every=0.1):
    """Wait for something that the ingest does; the condition may ask the database."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (met := await sync_to_async(condition)()):
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(every)
    return met
