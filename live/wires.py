"""Between web processes: what a room is told in one of them reaches it in the others, by way of Redis.

A process has one subscription for all of its rooms, a channel for each. A message is in the database before it travels,
so a Redis that dies takes nothing with it: meanwhile each process asks the database every second, and whoever gets the
line back asks once more for what was said in between. See live.news.
"""

import asyncio
import json
from contextlib import suppress
from uuid import uuid4
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from prometheus_client import Counter, Gauge
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from . import news, rooms
from .hubs import Hub

PROCESS = uuid4().hex
PATIENCE = 2.0  # seconds for Redis to answer
HEALTH = 15  # seconds of silence after which Redis is asked whether it lives
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between two attempts
WAITING = 10_000  # acts that may wait for the line; all are in the database as well
COUNT = "count"

UP = Gauge("cqo_room_wire", "Whether this process hears of rooms in others: 1 connected, 0 asking the database")
CARRIED = Counter("cqo_room_wire_acts", "Acts sent to other processes")
LOST = Counter("cqo_room_wire_lost", "Acts that others had to find in the database")
log = structlog.get_logger(__name__)


def channel(broadcast_id: int) -> str:
    return f"cqo:room:{broadcast_id}"


def packed(to: str, act: str, item: str) -> str:
    return json.dumps([PROCESS, to, act, item], ensure_ascii=False)


class Wire:
    """The line of one event loop, as long as it has a room open."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.up = False
        self._redis = AsyncRedis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, health_check_interval=HEALTH, retry=None
        )
        self._listening: PubSub | None = None
        self._rooms: set[int] = set()
        self._outgoing: asyncio.Queue[tuple[int, str]] = asyncio.Queue(WAITING)
        self._tasks = [self.loop.create_task(self._listen()), self.loop.create_task(self._send())]
        self._small: set[asyncio.Task[None]] = set()

    def open(self, broadcast_id: int) -> None:
        self._rooms.add(broadcast_id)
        self._subscribe(broadcast_id, "subscribe")

    def close(self, broadcast_id: int) -> None:
        self._rooms.discard(broadcast_id)
        self._subscribe(broadcast_id, "unsubscribe")

    def _subscribe(self, broadcast_id: int, how: str) -> None:
        if self._listening:
            task = self.loop.create_task(self._ask(getattr(self._listening, how), channel(broadcast_id)))
            self._small.add(task)
            task.add_done_callback(self._small.discard)

    async def _ask(self, how, name: str) -> None:  # type: ignore[no-untyped-def]
        with suppress(RedisError, OSError):  # the listener finds out for itself
            await how(name)

    def put(self, broadcast_id: int, text: str) -> None:
        try:
            self._outgoing.put_nowait((broadcast_id, text))
        except asyncio.QueueFull:
            LOST.inc()

    async def _send(self) -> None:
        while True:
            broadcast_id, text = await self._outgoing.get()
            try:
                await self._redis.publish(channel(broadcast_id), text)
                CARRIED.inc()
            except (RedisError, OSError):
                LOST.inc()

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._hear()
            except Exception as error:  # also a database that is away: who stops listening is deaf for good
                if self.up or not isinstance(error, RedisError | OSError):
                    log.warning("room_wire_broken", error=repr(error))
                    pause = FIRST_PAUSE
                self._down()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _hear(self) -> None:
        async with self._redis.pubsub() as listening:
            asked = set(self._rooms)
            await listening.subscribe(f"cqo:process:{PROCESS}", *map(channel, asked))
            self._listening = listening
            for late in self._rooms - asked:
                self._subscribe(late, "subscribe")
            await news.catch_up_all()
            self.up = True  # not before: until all is caught up with, the database is asked every second
            UP.set(1)
            while True:
                heard = await listening.get_message(timeout=HEALTH)
                if heard and heard["type"] == "message":
                    self._take(heard["channel"].decode(), heard["data"])

    def _take(self, name: str, data: bytes) -> None:
        try:
            sender, to, act, item = json.loads(data)
        except ValueError:
            log.warning("room_wire_unreadable", channel=name, data=data[:100])
            return
        if sender == PROCESS:
            return
        broadcast_id = int(name.rpartition(":")[2])
        if act == COUNT:
            rooms.counted_elsewhere(broadcast_id, sender, *json.loads(item))
        else:
            rooms.here(broadcast_id, to, act, item)

    def _down(self) -> None:
        self.up = False
        UP.set(0)
        self._listening = None

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._down()
        with suppress(RedisError, OSError):
            await self._redis.aclose()


_wires: WeakKeyDictionary[asyncio.AbstractEventLoop, Wire] = WeakKeyDictionary()


def opened(hub: Hub) -> None:
    if settings.REDIS_URL:
        if hub.loop not in _wires:
            _wires[hub.loop] = Wire()
        _wires[hub.loop].open(hub.broadcast_id)


def closed(hub: Hub) -> None:
    if hub.loop in _wires:
        _wires[hub.loop].close(hub.broadcast_id)


def is_down() -> bool:
    """Whether rooms of this loop have to ask the database what was said elsewhere."""
    wire = _wires.get(asyncio.get_running_loop())
    return wire is not None and not wire.up


def tell_count(hub: Hub) -> None:
    """To the other processes, how many have the room open here."""
    if hub.loop in _wires:
        _wires[hub.loop].put(hub.broadcast_id, packed("", COUNT, json.dumps(hub.count_here())))


def carry(broadcast_id: int, to: str, act: str, item: str) -> None:
    """From any thread, also of a process that has no room open."""
    if not settings.REDIS_URL:
        return
    text = packed(to, act, item)
    for loop, wire in list(_wires.items()):
        if not loop.is_closed():
            loop.call_soon_threadsafe(wire.put, broadcast_id, text)
            return
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as redis:
            redis.publish(channel(broadcast_id), text)
            CARRIED.inc()
    except (RedisError, OSError):
        LOST.inc()


async def let_go() -> None:
    """At the end of a process, or of a test."""
    wire = _wires.pop(asyncio.get_running_loop(), None)
    if wire:
        await wire.end()


def attach() -> None:
    """Once, when the app starts."""
    rooms.openings.append(opened)
    rooms.closings.append(closed)
    rooms.carriers.append(carry)
    news.elsewhere_unheard.append(is_down)
    news.counts.append(tell_count)
