"""What rooms hear of by asking the database: changes of state and of the rules of talking, made by whichever process.

A few queries a second for all rooms that are open in this process. The rows' versions count their changes.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import structlog
from django.db.models import Max
from django.utils import timezone

from lms import sessions

from . import frames, officers, polls, rollcalls, rooms, threads
from .hubs import KEPT, SHOWN, Hub
from .models import Broadcast, Deed, Message, Poll, Restriction, Room

log = structlog.get_logger(__name__)
EVERY = 1.0  # seconds
KINDS = ("state", "room", "poll", "roll_call")
OVERLAP = 50  # messages before the last one that are asked for again
PATROLLED = 30  # rounds between two looks at who is still signed in
AT_ONCE = 500  # sessions
CAUGHT_UP = ["delete", "ban", "approve", "role"]  # deeds that pages of other processes have to hear of
COUNTED = 10  # rounds between two counts of the audience


# Whether acts of other processes do not arrive at the moment, and how they hear of the audience here: live.wires.
elsewhere_unheard: list[Callable[[], bool]] = []
counts: list[Callable[[Hub], None]] = []


async def ready(hub: Hub) -> None:
    """Until the room knows what is going on and what was said. Raises what the database raises."""
    if hub.versions != (-1, -1):
        return
    if hub.loading is None or hub.loading.done():
        hub.loading = asyncio.get_running_loop().create_task(_open(hub))
    await asyncio.shield(hub.loading)


async def _open(hub: Hub) -> None:
    versions, facts, messages, hub.last_deed = await threads.ask(_read, hub.broadcast_id)
    hub.whole = len(messages) < SHOWN
    hub.remember(messages)
    hub.facts, hub.versions = facts, versions
    _Reporter.here().begin()


def _read(broadcast_id: int) -> tuple[tuple[int, int], dict[str, str], list[tuple[int, str]], int]:
    versions, facts = read_facts(broadcast_id)
    deed = Deed.objects.filter(broadcast=broadcast_id).aggregate(last=Max("pk"))["last"] or 0
    return versions, facts, last_messages(broadcast_id, SHOWN), deed


def read_facts(broadcast_id: int) -> tuple[tuple[int, int], dict[str, str]]:
    """(versions, items by kind)"""
    room = Room.objects.select_related("broadcast").get(broadcast=broadcast_id)
    poll = Poll.objects.filter(broadcast=broadcast_id, closed_at=None).last()
    asked = rollcalls.current(room.broadcast)
    facts = {
        "state": frames.text("state", frames.state(room.broadcast)),
        "room": frames.text("room", frames.room(room)),
        "poll": frames.text("poll", frames.poll(poll)) if poll else "",
        "roll_call": frames.text("roll_call", rollcalls.prompt(asked).as_json()) if asked else "",
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
        self._officers = officers.Watch()

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
        while _mine():
            await asyncio.sleep(EVERY)
            rounds, hubs = rounds + 1, _mine()
            try:
                await look(hubs)
                await self._officers.look(hubs)
                if rounds % PATROLLED == 0:
                    await patrol()
                if any(unheard() for unheard in elsewhere_unheard):
                    await catch_up_all()
                await _count_ballots([hub for hub in hubs if hub.ballots])
            except Exception:  # a database that is away for a moment must not end the rounds for good
                log.exception("room_news_failed")
            if rounds % COUNTED == 0:
                for hub in _mine():
                    tell_count(hub)
                    for tell in counts:
                        tell(hub)


def _mine() -> list[Hub]:
    loop = asyncio.get_running_loop()
    return [hub for hub in rooms.open_hubs() if hub.loop is loop]


async def look(hubs: Iterable[Hub]) -> None:
    """Tell the rooms whose broadcast or rules have changed."""
    known = {hub.broadcast_id: hub for hub in hubs if hub.versions != (-1, -1)}
    for number, facts in (await threads.ask(_changes, {n: h.versions for n, h in known.items()})).items():
        hub = known[number]
        hub.versions, after = facts
        before, hub.facts = hub.facts, after
        for kind in KINDS:
            if after[kind] and after[kind] != before[kind]:
                hub.push(after[kind])


def _changes(known: dict[int, tuple[int, int]]) -> dict[int, tuple[tuple[int, int], dict[str, str]]]:
    rows = Broadcast.objects.filter(pk__in=known).values_list("pk", "version", "room__version")
    return {number: read_facts(number) for number, *versions in rows if known[number] != tuple(versions)}


async def _count_ballots(hubs: Iterable[Hub]) -> None:
    for hub in hubs:
        hub.ballots = False
        poll = await threads.ask(polls.results, hub.broadcast_id)
        if poll is not None:
            hub.facts["poll"] = frames.text("poll", frames.poll(poll))
            rooms.replace(hub.broadcast_id, "poll", "poll", frames.poll(poll))


async def patrol() -> None:
    """Who has signed out, was blocked or withdrew consent is not in a room any more."""
    known = [seat for hub in _mine() for seat in hub.seats if seat.session]
    for start in range(0, len(known), AT_ONCE):
        some = known[start : start + AT_ONCE]
        valid = await threads.ask(sessions.valid, {seat.session for seat in some if seat.session})
        for seat in some:
            if seat.session not in valid:
                seat.close_signed_out()


async def catch_up_all() -> None:
    """What was said and decided in other processes while nobody told us."""
    for hub in _mine():
        if hub.versions != (-1, -1):
            messages, deeds = await threads.ask(_missed, hub.broadcast_id, hub.last_message, hub.last_deed)
            for number, item in messages:
                hub.say(number, item, always=True)
            for deed, act, about in deeds:
                hub.last_deed = max(hub.last_deed, deed)
                rooms.here(hub.broadcast_id, about, act, frames.text("deleted", {"id": int(about)}))


def _missed(broadcast_id: int, message: int, deed: int) -> tuple[list[tuple[int, str]], list[tuple[int, str, str]]]:
    """Numbers are given before a commit, so a smaller one may appear after a larger one."""
    messages = last_messages(broadcast_id, KEPT, after=max(0, message - OVERLAP))
    rows = Deed.objects.filter(broadcast=broadcast_id, pk__gt=deed, verb__in=CAUGHT_UP)
    deeds: list[tuple[int, str, str]] = []
    for row in rows.select_related("message").order_by("pk"):
        if row.verb == "approve" and row.message and row.message.status == Message.Status.SHOWN:
            messages.append((row.message.pk, frames.text("message", frames.message(row.message))))
        elif row.verb == "delete" and row.message_id:
            deeds.append((row.pk, "delete", str(row.message_id)))
        elif row.verb == "ban" and row.person_id and _is_banned(broadcast_id, row.person_id):
            deeds.append((row.pk, "ban", str(row.person_id)))
        elif row.verb == "role" and row.person_id:
            deeds.append((row.pk, "role", str(row.person_id)))
    return messages, deeds


def _is_banned(broadcast_id: int, user_id: int) -> bool:
    banned = Restriction.objects.at(timezone.now()).filter(kind=Restriction.Kind.BAN)
    return banned.filter(broadcast=broadcast_id, user=user_id).exists()


def tell_count(hub: Hub) -> None:
    people, anonymous = hub.count()
    hub.push(frames.text("count", {"people": people, "anonymous": anonymous, "at": round(time.time() * 1000)}))


_reporters: WeakKeyDictionary[asyncio.AbstractEventLoop, _Reporter] = WeakKeyDictionary()
