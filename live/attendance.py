"""Who was there for how long: the union of a person's stays, on the timeline of the recording.

Everything here is read from stays and segments and may be computed again at any time. live.settling writes it down.
"""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from courses.intervals import Intervals, clip, length, union

from . import states
from .models import Broadcast, Stay, Transition
from .stays import milliseconds
from .timeline import Timeline

FIELDS = ("user_id", "came_at", "seen_at", "left_at", "present", "hidden_ms", "muted_ms", "device")
LATELY = 5.0  # seconds for which a process keeps what many ask for


@dataclass(frozen=True)
class Person:
    """What the stays of one person come to. `pages` has the presence of each stay on the server's clock."""

    user_id: int
    came_at: datetime
    seen_at: datetime
    joins: int
    devices: int
    intervals: Intervals  # of the timeline of the recording
    hidden_ms: int = 0
    muted_ms: int = 0
    open: bool = False  # a stay of theirs has not ended
    pages: tuple[Intervals, ...] = field(default=(), repr=False)

    def within(self, window: tuple[int, int]) -> int:
        """Milliseconds of presence in that part of the timeline."""
        low, high = window
        return length(clip(([start - low, end - low] for start, end in self.intervals), high - low))


def window(broadcast: Broadcast, timeline: Timeline) -> tuple[int, int]:
    """The part of the timeline that was the lecture: what is shown of it afterwards.

    When nobody ended the broadcast and a rule of the school did, it was over at its planned end: those who left then
    have seen all of it.
    """
    low, high = broadcast.cut_from_ms, min(broadcast.cut_to_ms or timeline.length, timeline.length)
    planned = timeline.at(milliseconds(broadcast.planned_end))
    if broadcast.cut_to_ms is None and low < planned < high and _nobody_ended(broadcast):
        high = planned
    return low, max(low, high)


def lately(broadcast: Broadcast) -> tuple[Timeline, tuple[int, int]]:
    """The timeline and its window as they were a moment ago: each page in the room asks once a minute."""
    now, key = time.monotonic(), (broadcast.uuid, broadcast.version)
    found = _kept.get(key)
    if found is None or now - found[0] > LATELY:
        timeline = Timeline.of(broadcast)
        found = now, timeline, window(broadcast, timeline)
        for old in [each for each, kept in list(_kept.items()) if now - kept[0] > LATELY]:
            _kept.pop(old, None)  # another thread may have been quicker
        _kept[key] = found
    return found[1:]


def _nobody_ended(broadcast: Broadcast) -> bool:
    last = Transition.objects.filter(broadcast=broadcast, after=Broadcast.State.ENDED).order_by("pk").last()
    return last is not None and last.actor_id is None


def everybody(broadcast: Broadcast, timeline: Timeline) -> Iterator[Person]:
    """Each person with an account who was there, in the order of their numbers."""
    rows = Stay.objects.filter(broadcast=broadcast, replay=False).exclude(user=None)
    ordered = rows.order_by("user_id", "came_at").only(*FIELDS).iterator(2_000)
    for user_id, own in groupby(ordered, key=attrgetter("user_id")):
        yield _person(user_id, list(own), timeline)


def some(broadcast: Broadcast, timeline: Timeline, users: Collection[int]) -> dict[int, Person]:
    """The same of these people, in one query."""
    rows = Stay.objects.filter(broadcast=broadcast, replay=False, user__in=users)
    ordered = rows.order_by("user_id", "came_at").only(*FIELDS)
    return {user_id: _person(user_id, list(own), timeline) for user_id, own in groupby(ordered, attrgetter("user_id"))}


def of(broadcast: Broadcast, user_id: int, *, timeline: Timeline | None = None) -> Person | None:
    return some(broadcast, timeline or Timeline.of(broadcast), [user_id]).get(user_id)


def _person(user_id: int, own: Iterable[Stay], timeline: Timeline) -> Person:
    rows = list(own)
    return Person(
        user_id=user_id,
        came_at=min(row.came_at for row in rows),
        seen_at=max(row.seen_at for row in rows),
        joins=len(rows),
        devices=len({row.device for row in rows}),
        intervals=union(*(timeline.on_air(row.present) for row in rows)),
        hidden_ms=sum(row.hidden_ms for row in rows),
        muted_ms=sum(row.muted_ms for row in rows),
        open=any(row.left_at is None for row in rows),
        pages=tuple(row.present for row in rows),
    )


def promised(broadcast: Broadcast) -> int:
    """Milliseconds of presence that are enough however long the lecture gets: that share of the planned time."""
    return -(-broadcast.minutes * 60_000 * broadcast.threshold // 100)


def asked(broadcast: Broadcast, on_air_ms: int, *, final: bool | None = None) -> int:
    """Milliseconds of presence that are asked for: a share of the planned time, or of the time on air if that was less.

    That it was less is known when the broadcast cannot be taken up again; until then the planned time stands, so that
    nobody is told “reached” who has not reached it in the end.
    """
    if final is None:
        final = broadcast.is_over and not states.can_be_taken_up(broadcast)
    return min(promised(broadcast), -(-on_air_ms * broadcast.threshold // 100)) if final else promised(broadcast)


def missing(broadcast: Broadcast, person: Person, window: tuple[int, int], *, final: bool | None = None) -> int:
    """Milliseconds until it is enough. Who reached what was promised has reached it, whatever is cut off."""
    short = asked(broadcast, window[1] - window[0], final=final) - person.within(window)
    return max(0, min(short, promised(broadcast) - length(person.intervals)))


def enough(broadcast: Broadcast, person: Person, window: tuple[int, int]) -> bool:
    """Decided when the broadcast is over for good."""
    return window[1] > window[0] and not missing(broadcast, person, window, final=True)


_kept: dict[tuple[UUID, int], tuple[float, Timeline, tuple[int, int]]] = {}
