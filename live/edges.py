"""A playlist that is asked for before its next piece is there: the answer waits for the piece.

`live.m3u8?_HLS_msn=7` asks for a playlist with piece 7 in it, as players do that have read CAN-BLOCK-RELOAD. Without it
a player asks every two seconds at a moment of its own, and finds a piece up to two seconds after it was finished. Who
waits holds no thread; one look at the database each tenth of a second serves everybody who waits for the same piece.
"""

import asyncio
import re

from . import playlists, threads
from .views import streams

ADDRESS = re.compile(rf"/streams/([^/]+)/([^/]+)/(?:{re.escape(playlists.LIVE)}|{re.escape(playlists.REWIND)})")
WANTED = re.compile(rb"(?:^|&)_HLS_msn=(\d{1,9})(?:&|$)")
LOOK = 0.1  # seconds between two looks
PATIENCE = 5.0  # seconds after which the answer is what there is
AHEAD = 2  # pieces that may be asked for before they are there

_coming: dict[tuple[asyncio.AbstractEventLoop, str, int], asyncio.Task] = {}


def patient(pages):
    """The pages of the site, behind whoever waits for a piece."""

    async def serve(scope, receive, send):
        if scope["type"] == "http" and (wish := _wish(scope)):
            await _wait(*wish)
        await pages(scope, receive, send)

    return serve


def _wish(scope):
    """The name of the stream and the number of the piece. A signature that opens nothing need not wait to be told."""
    wanted, address = WANTED.search(scope["query_string"]), ADDRESS.fullmatch(scope["path"])
    if wanted is None or address is None:
        return None
    try:
        playlists.read(address[1], address[2])
    except playlists.Refused:
        return None
    return address[2], int(wanted[1])


async def _wait(name, wanted):
    key = asyncio.get_running_loop(), name, wanted
    if key not in _coming:
        _coming[key] = asyncio.create_task(_come(name, wanted))
        _coming[key].add_done_callback(lambda _task: _coming.pop(key))
    await asyncio.shield(_coming[key])


async def _come(name, wanted):
    """Until the piece is there, or nothing can be waited for: the broadcast is over, or it is far from that piece."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while loop.time() < until:
        newest = await threads.ask_apart(streams.newest, name)
        if newest is None or not newest < wanted <= newest + AHEAD:
            return
        await asyncio.sleep(LOOK)
