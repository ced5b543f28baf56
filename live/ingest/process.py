"""The ingest process: its doors, the desk behind them, and a polite end."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from .desk import Desk
from .relay import Relay
from .server import RtmpServer
from .studio import StudioServer

log = structlog.get_logger(__name__)
AGAIN = 5.0  # seconds until a busy port is tried again


async def serve(
    stopped: asyncio.Event, *, rtmp: tuple[str, int], studio: tuple[str, int], say: Callable[[str], object] = print
) -> None:
    """Until told to stop. A port that is taken is said once and tried again; the other door is not kept waiting."""
    desk = Desk()
    doors = [
        asyncio.create_task(_hold_open("RTMP_PORT", RtmpServer(desk).listen, rtmp, say)),
        asyncio.create_task(_hold_open("STUDIO_PORT", StudioServer(desk, Relay(desk).answer).listen, studio, say)),
    ]
    looking = asyncio.create_task(desk.run())
    await stopped.wait()
    for door in doors:
        door.cancel()
    await asyncio.gather(*doors, return_exceptions=True)
    await desk.stop()
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking


async def _hold_open(setting, listen, address, say):
    """Listen until cancelled; connections that are open then are closed by the desk."""
    told = False
    while True:
        try:
            server = await listen(*address)
            break
        except OSError as error:
            if not told:
                say(f"Port {address[1]} is taken ({error.strerror}); broadcasts wait for it. {setting} names another.")
                log.error("port_taken", setting=setting, port=address[1], why=error.strerror)
                told = True
            await asyncio.sleep(AGAIN)
    say(f"{setting}: listening on {address[0]}:{address[1]}")
    try:
        await asyncio.Event().wait()
    finally:
        server.close()
