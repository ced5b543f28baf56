"""What looks strange in the evidence of one player. Arithmetic alone: beats in, figures out, or None.

None of it proves anything. Every threshold is set so that an honest page with a bad network does not reach it; where
one does, somebody reads the figures and calls it harmless.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev

from .intervals import Intervals, length, subtract, union

CLAIMED_MS = 300_000  # claimed and never credited, before anybody need look
FAST_BEATS = 3
STEADY_BEATS = 30
STEADY_MS = 15  # a page's own timer and the network spread its beats by more
REPEATED = 10
SAME_BEATS = 10
SAME_SECONDS = 2
UNFETCHED_MS = 120_000
UNFETCHED_SHARE = 0.3
DAY_MS = 14 * 3_600_000  # of film credited on one day
TURNS = 6  # players superseded within an hour
MISSED = 3  # questions

Figures = dict[str, int | float | str]


@dataclass(frozen=True)
class Said:
    """A beat as the patterns look at it."""

    sequence: int
    at: datetime
    claimed: Intervals
    credited: Intervals
    rate: Decimal
    visible: bool
    verdict: str

    @property
    def claim(self) -> tuple[tuple[int, int], ...]:
        return tuple((start, end) for start, end in self.claimed)


def _seconds(ms: int) -> int:
    return round(ms / 1000)


def trimmed(beats: Sequence[Said], *, covered: Intervals) -> Figures | None:
    """Minutes of film that were claimed and that the clock never allowed, not even later."""
    tried = [beat for beat in beats if beat.verdict == "trimmed"]
    never = length(subtract(union(*(beat.claimed for beat in tried)), covered))
    if never < CLAIMED_MS:
        return None
    return {"beats": len(tried), "claimed_seconds": _seconds(never), "credited_seconds": _credited(beats)}


def _credited(beats: Iterable[Said]) -> int:
    return _seconds(sum(length(beat.credited) for beat in beats))


def speed(beats: Sequence[Said], *, limit: Decimal) -> Figures | None:
    fast = [beat.rate for beat in beats if beat.rate > limit + Decimal("0.05") and beat.claimed]
    if len(fast) < FAST_BEATS:
        return None
    return {"beats": len(fast), "fastest": float(max(fast)), "limit": float(limit)}


def clockwork(beats: Sequence[Said]) -> Figures | None:
    """Many beats in a row from a hidden page, as evenly spaced as no page and no network are."""
    hidden = [beat.at for beat in beats if not beat.visible and beat.claimed]
    if len(hidden) < STEADY_BEATS:
        return None
    steps = [(after - before).total_seconds() * 1000 for before, after in pairwise(hidden)]
    spread = pstdev(steps)
    if spread > STEADY_MS:
        return None
    return {"beats": len(hidden), "period_ms": round(sum(steps) / len(steps)), "spread_ms": round(spread, 1)}


def replayed(beats: Sequence[Said]) -> Figures | None:
    """The very same stretches under many numbers, though they had been acknowledged."""
    again = Counter(beat.claim for beat in beats if beat.claimed and beat.verdict == "ok")
    most = max(again.values(), default=0)
    return {"beats": most, "different": len(again)} if most > REPEATED else None


def undelivered(beats: Sequence[Said], *, fetched: Collection[int], segment_ms: int) -> Figures | None:
    """Credited film of which no segment was fetched, give or take one on either side."""
    seen = union(*(beat.credited for beat in beats))
    near = {number + step for number in fetched for step in (-1, 0, 1)}
    missing = length(subtract(seen, union([n * segment_ms, (n + 1) * segment_ms] for n in near)))
    if missing < max(UNFETCHED_MS, UNFETCHED_SHARE * length(seen)):
        return None
    return {
        "credited_seconds": _seconds(length(seen)),
        "unfetched_seconds": _seconds(missing),
        "segments": len(fetched),
    }


def shared(beats: Sequence[Said], others: Sequence[Said]) -> Figures | None:
    """The same stretches, to the millisecond, at the same moments as another person's player."""
    theirs: dict[tuple, list[datetime]] = {}
    for beat in others:
        theirs.setdefault(beat.claim, []).append(beat.at)
    same = sum(
        any(abs((beat.at - at).total_seconds()) <= SAME_SECONDS for at in theirs.get(beat.claim, ()))
        for beat in beats
        if beat.claimed
    )
    return {"beats": same, "of": len(beats)} if same >= SAME_BEATS else None


def flapping(opened: Sequence[datetime]) -> Figures | None:
    """`opened` are the moments when one player took over from another, in order; a few are a telephone and a desk."""
    most = max((sum(0 <= (at - first).total_seconds() < 3_600 for at in opened) for first in opened), default=0)
    return {"turns": most} if most >= TURNS else None


def tireless(credited_ms: int) -> Figures | None:
    return {"hours": round(credited_ms / 3_600_000, 1)} if credited_ms >= DAY_MS else None


def absent(asked: int, missed: int) -> Figures | None:
    return {"asked": asked, "unanswered": missed} if missed >= MISSED else None
