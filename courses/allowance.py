"""What of a claim the clock allows. Arithmetic alone: no database, no request, no clock of its own.

Time is an account: it grows while a player is open, by no more than the course's fastest speed, and each beat draws
on it. What is left is kept for beats that are still on their way, as much as OFFLINE_MS of silence would have earned:
a beat that was held up for minutes must not cost what was played after it. A beat that claims nothing adds to it no
further than CARRY_MS, so a paused player saves nothing up, unless its number tells that others are still to come. In
all, nobody is credited more than real time at the fastest speed. The clocks of players are never read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from .intervals import Claim, Intervals, clip, length, subtract, trim
from .models import WatchBeat

CARRY_MS = 20_000  # of unused allowance after a beat without a claim
OFFLINE_MS = 600_000  # without a word; what was played longer than that is not credited
PIECES = 1_000  # a record in more pieces than that is no record of watching
MILLISECOND = timedelta(milliseconds=1)
Verdict = WatchBeat.Verdict


@dataclass(slots=True)
class Beat:
    """What a player says it played since its last acknowledged beat, in milliseconds of the film."""

    sequence: int
    intervals: Claim
    rate: Decimal = Decimal(1)
    visible: bool = True
    position_ms: int = 0


class Account(Protocol):
    """The time of one player, and the rule as it was when the player opened; a WatchSession is one."""

    duration_ms: int
    rate_cap: Decimal
    pause_when_hidden: bool
    closed_at: datetime | None
    last_beat_at: datetime
    last_sequence: int
    balance_ms: int


@dataclass(slots=True)
class Drawn:
    """What became of a claim."""

    claimed: Intervals  # within the film
    credited: Intervals  # the part that was new and that the clock allowed
    verdict: str  # see WatchBeat.Verdict
    position_ms: int


def until(account: Account, now: datetime) -> datetime:
    """The moment up to which time accrues: this one, or the one when the player closed. It never goes back."""
    return max(min(now, account.closed_at or now), account.last_beat_at)


def draw(account: Account, beat: Beat, *, covered: Intervals | None, now: datetime) -> Drawn:
    """Move the account to this moment and draw on it for what is not covered yet; None takes nothing in."""
    stop = until(account, now)
    elapsed = min((stop - account.last_beat_at) // MILLISECOND, OFFLINE_MS)
    claimed = clip(beat.intervals, account.duration_ms)
    overtaking = beat.sequence > account.last_sequence + 1  # others, with claims perhaps, are still on their way
    before, earned = account.balance_ms, int(elapsed * account.rate_cap)
    most = int(OFFLINE_MS * account.rate_cap) if claimed or overtaking else max(before, CARRY_MS)
    credited: Intervals = []
    verdict = Verdict.HIDDEN
    if not account.pause_when_hidden or beat.visible:
        fresh = [] if covered is None else subtract(claimed, covered)
        credited = trim(fresh, before + earned if len(covered or []) + len(fresh) <= PIECES else 0)
        verdict = Verdict.OK if credited == fresh else Verdict.TRIMMED
    elif not overtaking:
        earned = 0
    account.balance_ms = min(before + earned - length(credited), most)
    account.last_beat_at = stop
    account.last_sequence = max(account.last_sequence, beat.sequence)
    return Drawn(claimed, credited, verdict.value, max(0, min(beat.position_ms, account.duration_ms)))
