"""What rooms hear of by asking the database: changes of state and of the rules of talking, made by whichever process.

One query a second for all rooms that are open in this process. The rows' versions count their changes.
"""

import asyncio
import time
from collections.abc import Iterable
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async

from . import frames, polls, rooms
from .hubs import SHOWN, Hub
from .models import Broadcast, Message, Poll, Room

log = structlog.get_logger(__name__)
EVERY = 1.0  # seconds
COUNTED = 10  # rounds between two counts of the audience


async def ready(hub: Hub) -> None:
    """Until the room knows what is going on and what was said. Raises what the database raises."""
    if hub.versions != (-1, -1):
        return
    if hub.loading is None or hub.loading.done():
        hub.loading = asyncio.get_running_loop().create_task(_open(hub))
    await asyncio.shield(hub.loading)


async def _open(hub: Hub) -> None:
    versions, facts, messages = await database_sync_to_async(_read)(hub.broadcast_id)
    hub.remember(messages)
    hub.facts, hub.versions = facts, versions
    _Reporter.here().begin()


def _read(broadcast_id: int) -> tuple[tuple[int, int], dict[str, str], list[tuple[int, str]]]:
    versions, facts = read_facts(broadcast_id)
    return versions, facts, last_messages(broadcast_id, SHOWN)


def read_facts(broadcast_id: int) -> tuple[tuple[int, int], dict[str, str]]:
    """(versions, items by kind)"""
    room = Room.objects.select_related("broadcast").get(broadcast=broadcast_id)
    poll = Poll.objects.filter(broadcast=broadcast_id, closed_at=None).last()
    facts = {
        "state": frames.text("state", frames.state(room.broadcast)),
        "room": frames.text("room", frames.room(room)),
        "poll": frames.text("poll", frames.poll(poll)) if poll else "",
    }
    return (room.broadcast.version, room.version), facts


def last_messages(broadcast_id: int, most: int, *, after: int = 0) -> list[tuple[int, str]]:
    """The newest of those that may be shown, in their order, as items."""
    rows = Message.objects.shown().filter(broadcast=broadcast_id, pk__gt=after).order_by("-pk")[:most]
    return [(row.pk, frames.text("message", frames.message(row))) for row in reversed(rows)]


class _Reporter:
    """Asks for all rooms of an event loop, as long as there are some."""

    def __init__(self) -> None:
        self._work: asyncio.Task[None] | None = None

    @classmethod
    def here(cls) -> "_Reporter":
        loop = asyncio.get_running_loop()
        if loop not in _reporters:
            _reporters[loop] = cls()
        return _reporters[loop]

    def begin(self) -> None:
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().create_task(self._go_round())

    async def _go_round(self) -> None:
        rounds = 0
        while hubs := _mine():
            await asyncio.sleep(EVERY)
            rounds += 1
            try:
                await look(hubs)
                await _count_ballots([hub for hub in hubs if hub.ballots])
            except Exception:  # a database that is away for a moment must not end the rounds for good
                log.exception("room_news_failed")
            if rounds % COUNTED == 0:
                for hub in _mine():
                    tell_count(hub)


def _mine() -> list[Hub]:
    loop = asyncio.get_running_loop()
    return [hub for hub in rooms.open_hubs() if hub.loop is loop]


async def look(hubs: Iterable[Hub]) -> None:
    """Tell the rooms whose broadcast or rules have changed."""
    known = {hub.broadcast_id: hub for hub in hubs if hub.versions != (-1, -1)}
    for number, facts in (await database_sync_to_async(_changes)({n: h.versions for n, h in known.items()})).items():
        hub = known[number]
        hub.versions, after = facts
        before, hub.facts = hub.facts, after
        for kind in ("state", "room", "poll"):
            if after[kind] and after[kind] != before[kind]:
                hub.push(after[kind])


def _changes(known: dict[int, tuple[int, int]]) -> dict[int, tuple[tuple[int, int], dict[str, str]]]:
    rows = Broadcast.objects.filter(pk__in=known).values_list("pk", "version", "room__version")
    return {number: read_facts(number) for number, *versions in rows if known[number] != tuple(versions)}


async def _count_ballots(hubs: Iterable[Hub]) -> None:
    for hub in hubs:
        hub.ballots = False
        poll = await database_sync_to_async(polls.results)(hub.broadcast_id)
        if poll is not None:
            hub.facts["poll"] = frames.text("poll", frames.poll(poll))
            rooms.replace(hub.broadcast_id, "poll", "poll", frames.poll(poll))


def tell_count(hub: Hub) -> None:
    people, anonymous = hub.count()
    hub.push(frames.text("count", {"people": people, "anonymous": anonymous, "at": round(time.time() * 1000)}))


_reporters: WeakKeyDictionary[asyncio.AbstractEventLoop, _Reporter] = WeakKeyDictionary()
