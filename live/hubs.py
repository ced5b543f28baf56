"""One room in one process: who has it open, what was said last, and how news reach all of them.

A tick is as long as the last one took to send twice over, between 50 ms and a second: a small room is quick, and a
crowd never takes more than half of the process.
"""

import asyncio
import time
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from django.conf import settings
from prometheus_client import Counter, Gauge, Histogram

from . import frames

QUICKEST, SLOWEST = 0.05, 1.0  # seconds between two frames to everybody
SHARE = 2  # a tick is so many times as long as sending its frame takes
RARELY = 1.0  # seconds between two results of the same poll
TURN = 500  # sockets served before the process looks at what came in
KEPT = 200  # messages remembered for those who come back
SHOWN = 50  # of them for those who come

SEATS = Gauge("cqo_room_sockets", "Open sockets of rooms")
SPOKEN = Counter("cqo_room_messages", "Messages shown to rooms of this process")
SKIPPED = Counter("cqo_room_messages_skipped", "Messages counted instead of shown, because too many came at once")
SENT = Counter("cqo_room_frames", "Frames given to sockets")
DROPPED = Counter("cqo_room_slow", "Sockets closed because they did not take what was sent")
CROWDED = Counter(
    "cqo_room_crowded", "Sockets closed or refused: too many of one person, or of visitors of one network"
)
DELAY = Histogram(
    "cqo_room_delay_seconds",
    "From announcing to the last socket of the room",
    buckets=[0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
)


class Seat(Protocol):
    """An open socket, as the room knows it."""

    user_id: int | None
    role: str
    session: str | None
    network: str
    open: bool
    number: int  # the smaller, the longer it is there

    def put(self, frame: frames.Frame) -> bool:
        """Take it without waiting; False when too much waits already."""

    def close_slow(self) -> None:
        """It may come back and ask for what it missed."""

    def close_banned(self, until: int | None) -> None: ...

    def close_signed_out(self) -> None: ...

    def close_role(self) -> None: ...

    def close_many(self) -> None: ...


class Hub:
    """One room in this process. Everything in here happens on its event loop."""

    def __init__(self, broadcast_id: int, on_empty: Callable[["Hub"], None]) -> None:
        self.broadcast_id = broadcast_id
        self._on_empty = on_empty
        self.loop = asyncio.get_running_loop()
        self.seats: set[Seat] = set()
        self.expected = 0  # who is about to join
        self.people: Tally[int] = Tally()
        self.visitors: Tally[str] = Tally()  # sockets without an account, by network
        self.elsewhere: dict[str, tuple[int, int, float]] = {}  # people, anonymous, when, of other processes
        self.facts: dict[str, str] = {}  # items that live.news keeps up to date: state, room, poll
        self.versions: tuple[int, int] = (-1, -1)  # of the broadcast and its room, as the facts tell them
        self.loading: asyncio.Task[None] | None = None
        self.history: deque[tuple[int, str]] = deque()
        self.whole = True  # nothing was said before it
        self.last_deed = 0
        self._known: set[int] = set()
        self._news: list[str] = []
        self._said: list[tuple[int, str]] = []  # of the news, what becomes history
        self._latest: dict[str, str] = {}
        self._latest_at = 0.0
        self.ballots = False  # have come in since the last count; live.news counts them
        self._since = 0.0  # the oldest of the news
        self._next = 0.0
        self._work: asyncio.Task[None] | None = None
        self._allowance = float(settings.CHAT_VISIBLE_RATE * 2)
        self._asked_at = 0.0
        self._skipped = 0

    # Coming and going

    def join(self, seat: Seat) -> None:
        self.seats.add(seat)
        SEATS.inc()
        if seat.user_id is not None:
            self.people[seat.user_id] += 1
            if self.people[seat.user_id] > settings.LIVE_ROOM_PAGES:
                self._close_oldest(seat.user_id)
        else:
            self.visitors[seat.network] += 1

    def _close_oldest(self, user_id: int) -> None:
        own = [seat for seat in self.seats if seat.user_id == user_id and seat.open]
        for seat in sorted(own, key=lambda seat: seat.number)[: -settings.LIVE_ROOM_PAGES]:
            CROWDED.inc()
            seat.close_many()

    def is_crowded(self, network: str) -> bool:
        """Whether another visitor without an account from there would be too many."""
        crowded = bool(network) and self.visitors[network] >= settings.LIVE_ROOM_VISITORS
        CROWDED.inc(crowded)
        return crowded

    def leave(self, seat: Seat) -> None:
        if seat not in self.seats:
            return
        self.seats.remove(seat)
        SEATS.dec()
        if seat.user_id is not None:
            self.people[seat.user_id] -= 1
            if not self.people[seat.user_id]:
                del self.people[seat.user_id]
        else:
            self.visitors[seat.network] -= 1
            if not self.visitors[seat.network]:
                del self.visitors[seat.network]
        self.close_if_empty()

    def close_if_empty(self) -> None:
        if not self.seats and not self.expected:
            self._on_empty(self)

    def count_here(self) -> tuple[int, int]:
        """(people, sockets of nobody in particular)"""
        return len(self.people), len(self.seats) - self.people.total()

    def count(self) -> tuple[int, int]:
        people, anonymous = self.count_here()
        recent = time.time() - 25
        others = [(each[0], each[1]) for each in self.elsewhere.values() if each[2] > recent]
        return people + sum(each[0] for each in others), anonymous + sum(each[1] for each in others)

    # What was said

    def remember(self, messages: Iterable[tuple[int, str]]) -> None:
        """From the database, in order, before anything is announced or after a gap."""
        for number, item in messages:
            if number not in self._known:
                self._keep(number, item)

    @property
    def last_message(self) -> int:
        return max(self._known, default=0)

    def _keep(self, number: int, item: str) -> None:
        self._known.add(number)
        self.history.append((number, item))
        while len(self.history) > KEPT:
            self.whole = False
            self._known.discard(self.history.popleft()[0])

    def recent(self, since: int | None) -> tuple[list[str], bool]:
        """The last messages, or all after that one; and whether some are missing before them."""
        if since is None:
            return [item for _number, item in self.history][-SHOWN:], False
        found = [item for number, item in self.history if number > since]
        return found, not self.whole and (not self.history or self.history[0][0] > since + 1)

    def forget_message(self, number: int) -> None:
        self.history = deque(each for each in self.history if each[0] != number)
        gone = {item for said, item in self._said if said == number}
        self._said = [each for each in self._said if each[0] != number]
        self._news = [item for item in self._news if item not in gone]

    # News

    def say(self, number: int, item: str, *, author: int | None = None, always: bool = False) -> None:
        """A message. Beyond the rate that people can read it is counted for all but its author."""
        if number in self._known or any(number == said for said, _item in self._said):
            return
        if not always and not self._readable():
            self._skipped += 1
            SKIPPED.inc()
            if author is not None:
                self.tell(author, item)
            self._begin()
            return
        SPOKEN.inc()
        self._said.append((number, item))
        self.push(item)

    def push(self, item: str) -> None:
        if not self._news:
            self._since = self.loop.time()
        self._news.append(item)
        self._begin()

    def tell(self, user_id: int, item: str) -> None:
        self._give(frames.bundle([item]), [seat for seat in self.seats if seat.user_id == user_id])

    def tell_moderators(self, item: str) -> None:
        self._give(frames.bundle([item]), [seat for seat in self.seats if seat.role])

    def throw_out(self, user_id: int, until: int | None) -> None:
        for seat in [seat for seat in self.seats if seat.user_id == user_id]:
            seat.close_banned(until)

    def send_back(self, user_id: int) -> None:
        """To the door, to come in again as what the person is now; nothing for the role they had reaches them."""
        for seat in [seat for seat in self.seats if seat.user_id == user_id]:
            seat.role = ""
            seat.close_role()

    def replace(self, key: str, item: str) -> None:
        """News of which only the last counts, like a number of votes: at most once a second."""
        if not self._latest:
            self.loop.call_later(max(0.0, self._latest_at + RARELY - self.loop.time()), self._push_latest)
        self._latest[key] = item

    def _push_latest(self) -> None:
        self._latest_at = self.loop.time()
        latest, self._latest = self._latest, {}
        for item in latest.values():
            self.push(item)

    def _readable(self) -> bool:
        rate = settings.CHAT_VISIBLE_RATE
        if not rate:
            return True
        now = self.loop.time()
        self._allowance = min(rate * 2.0, self._allowance + (now - self._asked_at) * rate)
        self._asked_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _begin(self) -> None:
        if self._work is None:
            self._work = self.loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._news or self._skipped:
                await asyncio.sleep(max(0.0, self._next - self.loop.time()))
                if self._skipped:
                    self._news.append(frames.text("more", {"count": self._skipped}))
                    self._skipped = 0
                frame, since = frames.bundle(self._news), self._since
                for number, item in self._said:
                    self._keep(number, item)
                self._news, self._said = [], []
                began = self.loop.time()
                await self._send(frame)
                ended = self.loop.time()
                self._next = began + min(SLOWEST, max(QUICKEST, SHARE * (ended - began)))
                DELAY.observe(ended - since)
        finally:
            self._work = None

    async def _send(self, frame: frames.Frame) -> None:
        """To those who are there now; who comes meanwhile has it in the history."""
        seats = tuple(self.seats)
        for start in range(0, len(seats), TURN):
            if start:
                await asyncio.sleep(0)
            self._give(frame, seats[start : start + TURN])

    def _give(self, frame: frames.Frame, seats: Iterable[Seat]) -> None:
        given = 0
        for seat in seats:
            if seat.put(frame):
                given += 1
            else:
                DROPPED.inc()
                seat.close_slow()
        SENT.inc(given)
