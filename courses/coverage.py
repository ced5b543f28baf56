"""How much of a film somebody has watched, as a bar and in words."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto
from functools import cached_property, lru_cache
from typing import NamedTuple

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from . import intervals
from .intervals import Intervals

SHOWN_GAP = 1_000  # ms: a shorter hole cannot be seen on a bar, and a seek leaves one now and then
EDGE = 1_000  # ms: players stop a little before the end, so nobody is asked for the very last frames
RESUME_EDGE = 5_000  # ms before the end: who stopped there starts anew
BAR = 1_000  # width of the drawing
REMEMBERED = 16_384  # sentences: learners stand at a few thousand different seconds, and thousands of beats ask at once


def needed(duration_ms: int, percent: int) -> int:
    """How many milliseconds must be covered. 0 for a film of unknown length."""
    whole = max(0, duration_ms - min(EDGE, duration_ms // 20))
    return min(-(-duration_ms * percent // 100), whole)


def clock(ms: int) -> str:
    """68:20, as players show it."""
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes:02}:{seconds:02}"


def spoken(ms: int) -> str:
    """23 分 30 秒; part of a second counts as one, so that nothing missing is never called nothing."""
    minutes, seconds = divmod(-(-ms // 1000), 60)
    if not minutes:
        return _("%(seconds)d s") % {"seconds": seconds}
    if not seconds:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}


def hours_words(hours: Decimal) -> str:
    """2 学时, 1.5 学时"""
    number = 1 if hours == 1 else 2  # half an hour is plural
    return ngettext("%(hours)s credit hour", "%(hours)s credit hours", number) % {"hours": f"{hours.normalize():f}"}


class Standing(Enum):
    """What a verdict is about. The first that holds is what somebody has to know."""

    COMPLETE = auto()
    TAKEN_DOWN = auto()
    FAILED = auto()  # nobody is at work at the film: it was cancelled, or it needs another file
    UNREADY = auto()
    OPEN = auto()


class Spoken(NamedTuple):
    """What is said of a record in whole seconds, so that records which sound alike are put into words once."""

    standing: Standing
    missing: int
    hours: Decimal
    watched: int
    needed: int
    percent: int
    ahead_from: int | None  # where the part begins that was not reached yet


@lru_cache(REMEMBERED)
def _sentences(_language: str | None, told: Spoken) -> tuple[str, str, str, str]:
    """(verdict, note, the beginning and the end of the description) in that language, which is the active one."""
    ahead = ""
    if told.ahead_from is not None:
        ahead = _("Not yet watched from %(time)s on.") % {"time": clock(told.ahead_from * 1000)}
    watched = _("Watched %(time)s.") % {"time": spoken(told.watched * 1000)}
    return _verdict(told), _note(told), watched, ahead


def _verdict(told: Spoken) -> str:
    if told.standing is Standing.COMPLETE:
        return _("%(hours)s credited for this lesson") % {"hours": hours_words(told.hours)}
    if told.standing is Standing.TAKEN_DOWN:
        return _("This lesson has been taken down; what you watched until then is kept")
    if told.standing is Standing.FAILED:
        return _("There is no film to watch in this lesson for now")
    if told.standing is Standing.UNREADY:
        return _("The film of this lesson is not ready yet")
    if not told.missing:
        return _("The film is watched; see what else this lesson asks")
    return _("Watch %(time)s more for %(hours)s") % {
        "time": spoken(told.missing * 1000),
        "hours": hours_words(told.hours),
    }


def _note(told: Spoken) -> str:
    if not told.needed:
        return ""
    if told.standing is Standing.COMPLETE and told.missing:  # by a decision, or by another rule than today's
        return _("Watched %(time)s.") % {"time": spoken(told.watched * 1000)}
    return _("Watched %(watched)s; %(needed)s (%(percent)d%%) are needed") % {
        "watched": spoken(told.watched * 1000),
        "needed": spoken(told.needed * 1000),
        "percent": told.percent,
    }


def _whole_seconds(ms: int) -> int:
    """Part of a second counts as one."""
    return -(-ms // 1000)


@dataclass(frozen=True)
class Coverage:
    """What the bar of a lesson shows. All times in milliseconds of the film."""

    duration_ms: int = 0
    threshold: int = 90
    seen: Intervals = field(default_factory=list)
    position_ms: int = 0
    complete: bool = False
    hours: Decimal = Decimal(0)
    published: bool = True
    failed: bool = False

    @property
    def standing(self) -> Standing:
        if self.complete:
            return Standing.COMPLETE
        if not self.published:
            return Standing.TAKEN_DOWN
        if self.failed:
            return Standing.FAILED
        return Standing.OPEN if self.duration_ms else Standing.UNREADY

    @cached_property
    def watched_ms(self) -> int:
        return intervals.length(self.seen)

    @cached_property
    def needed_ms(self) -> int:
        return needed(self.duration_ms, self.threshold)

    @property
    def missing_ms(self) -> int:
        return max(0, self.needed_ms - self.watched_ms)

    @property
    def furthest_ms(self) -> int:
        return self.seen[-1][1] if self.seen else 0

    @cached_property
    def gaps(self) -> Intervals:
        """Left out before the furthest point; what lies beyond it is simply still ahead."""
        holes = intervals.gaps(self.seen, self.furthest_ms)
        return [hole for hole in holes if hole[1] - hole[0] >= SHOWN_GAP]

    @property
    def bars(self) -> list[dict[str, object]]:
        """Rectangles on a ground of 1000 units: {kind: seen or gap, x, width}."""
        if not self.duration_ms:
            return []
        found = [("seen", pair) for pair in self.seen] + [("gap", pair) for pair in self.gaps]
        return [
            {"kind": kind, "x": self._unit(start), "width": round(self._unit(end) - self._unit(start), 1)}
            for kind, (start, end) in sorted(found, key=lambda bar: bar[1])
        ]

    @property
    def now(self) -> float:
        """Where the player stands, in the same units."""
        return self._unit(self.position_ms)

    @property
    def marks(self) -> list[str]:
        """Beginning, middle and end of the scale."""
        return [clock(0), clock(self.duration_ms // 2), clock(self.duration_ms)]

    @property
    def seconds(self) -> list[tuple[float, float]]:
        """What was seen, as the {% coverage_bar %} of a page takes it."""
        return [(start / 1000, end / 1000) for start, end in self.seen]

    @property
    def duration(self) -> float:
        return self.duration_ms / 1000

    @property
    def resume_ms(self) -> int:
        """Where to go on; from the beginning when the film was at its end."""
        return self.position_ms if self.position_ms < self.duration_ms - RESUME_EDGE else 0

    @property
    def verdict(self) -> str:
        return self._sentences[0]

    @property
    def note(self) -> str:
        return self._sentences[1]

    @property
    def _sentences(self) -> tuple[str, str, str, str]:
        furthest = self.furthest_ms
        told = Spoken(
            self.standing,
            _whole_seconds(self.missing_ms),
            self.hours,
            _whole_seconds(self.watched_ms),
            _whole_seconds(self.needed_ms),
            self.threshold,
            furthest // 1000 if furthest + SHOWN_GAP <= self.duration_ms else None,
        )
        return _sentences(get_language(), told)

    @property
    def words(self) -> dict[str, str]:
        """All that is said, for a page that is told of every beat."""
        verdict, note, watched, ahead = self._sentences
        description = self._described(watched, ahead)
        return {"verdict": verdict, "note": note, "description": description, "gaps": self.gaps_words}

    @property
    def gaps_words(self) -> str:
        """漏看 2 段，共 6 分 20 秒; empty when nothing was left out."""
        if not self.gaps:
            return ""
        words = ngettext("Left out: %(count)d part, %(time)s", "Left out: %(count)d parts, %(time)s", len(self.gaps))
        return words % {"count": len(self.gaps), "time": spoken(intervals.length(self.gaps))}

    @property
    def gap_links(self) -> list[dict[str, object]]:
        """Where a link leads in whole seconds, the gap itself in milliseconds, and its name."""
        return [
            {
                "at": start // 1000,
                "from": start,
                "to": end,
                "words": _("Watch %(from)s–%(to)s") % {"from": clock(start), "to": clock(end)},
            }
            for start, end in self.gaps
        ]

    @property
    def description(self) -> str:
        """The drawing for those who do not see it."""
        _verdict, _note, watched, ahead = self._sentences
        return self._described(watched, ahead)

    def _described(self, watched: str, ahead: str) -> str:
        if not self.gaps:
            return f"{watched} {ahead}" if ahead else watched
        holes = [_("%(from)s to %(to)s") % {"from": clock(start), "to": clock(end)} for start, end in self.gaps]
        left_out = _("Left out: %(holes)s.") % {"holes": pgettext("list", ", ").join(holes)}
        return " ".join([watched, left_out, ahead] if ahead else [watched, left_out])

    def _unit(self, ms: int) -> float:
        return round(min(ms, self.duration_ms) * BAR / self.duration_ms, 1) if self.duration_ms else 0.0
