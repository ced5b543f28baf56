"""The retention of a film as trainers read it: a drawing, a table, and what stands out, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from . import chapters
from .coverage import clock
from .models import Retention
from .models.retention import BUCKETS

FEWEST = 5  # viewers: a curve of fewer would show what one person did
STANDS_OUT = 3  # drops and repetitions named
DROP = 5  # per cent of the viewers that leave at one point
AGAIN = 1.5  # times that somebody who saw a part played it
WIDTH, HEIGHT = 1_000, 200  # of the drawing


@dataclass(frozen=True)
class Bucket:
    """One per cent of the film, in milliseconds. `times` is how often somebody who saw it played it."""

    number: int
    start: int
    end: int
    people: int
    percent: float
    times: float

    @property
    def at(self) -> int:
        return self.start // 1000

    @property
    def film(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"


@dataclass(frozen=True)
class Mark:
    """Something at a place of the film. `x` is on the ground of the drawing."""

    at: int  # seconds
    x: float
    words: str


@dataclass(frozen=True)
class Curve:
    row: Retention

    @property
    def duration(self) -> int:
        return round((self.row.video.duration or 0) * 1000)

    @property
    def enough(self) -> bool:
        return self.row.viewers >= FEWEST and len(self.row.covered) == BUCKETS and self.duration > 0

    @cached_property
    def buckets(self) -> list[Bucket]:
        if not self.enough:
            return []
        width, played = self.duration / BUCKETS, self.row.played_ms or [0] * BUCKETS
        return [
            Bucket(
                number=number + 1,
                start=round(number * width),
                end=round((number + 1) * width),
                people=people,
                percent=round(100 * people / self.row.viewers, 1),
                times=round(played[number] / width / people, 1) if people else 0.0,
            )
            for number, people in enumerate(self.row.covered)
        ]

    @property
    def area(self) -> str:
        """The share of viewers, as a filled path."""
        steps = "".join(
            f"H{(each.number - 1) * WIDTH // BUCKETS}V{_height(each.percent / 100)}H{each.number * WIDTH // BUCKETS}"
            for each in self.buckets
        )
        return f"M0 {HEIGHT}{steps}V{HEIGHT}Z" if steps else ""

    @property
    def line(self) -> str:
        """What was played, again and again included, as a line of its own scale: the highest is the top."""
        played = self.row.played_ms if self.enough and self.row.played_ms else []
        top = max(played, default=0)
        points = [
            f"{(place + 0.5) * WIDTH / BUCKETS:g} {_height(value / top)}" for place, value in enumerate(played) if top
        ]
        return f"M{'L'.join(points)}" if points else ""

    @cached_property
    def chapters(self) -> list[Mark]:
        if self.row.lesson is None or not self.duration:
            return []
        return [self._mark(each.start_ms, each.title) for each in chapters.of(self.row.lesson)]

    @property
    def drops(self) -> list[Mark]:
        """Where most leave, in the order of the film."""
        found = []
        for before, after in zip(self.buckets, self.buckets[1:], strict=False):
            lost = before.people - after.people
            if lost * 100 >= DROP * self.row.viewers:
                found.append((lost, after.start))
        return [self._mark(at, _lost(int(lost))) for lost, at in _chosen(found)]

    @property
    def repeated(self) -> list[Mark]:
        """What is watched again most, in the order of the film; parts side by side are one."""
        runs = groupby(self.buckets, key=lambda each: each.times >= AGAIN)
        parts = [list(run) for again, run in runs if again]
        found = [(max(each.times for each in part), part[0].start) for part in parts]
        return [self._mark(at, _("played %(n)s times") % {"n": times}) for times, at in _chosen(found)]

    @cached_property
    def half(self) -> Bucket | None:
        """The last part that half of the viewers saw."""
        held = [each for each in self.buckets if each.people * 2 >= self.row.viewers]
        return held[-1] if held else None

    @property
    def summary(self) -> list[str]:
        if not self.enough:
            return []
        said = [
            ngettext("%(n)d person has watched.", "%(n)d people have watched.", self.row.viewers)
            % {"n": self.row.viewers},
            ngettext("%(n)d of them finished the lesson.", "%(n)d of them finished the lesson.", self.row.completed)
            % {"n": self.row.completed},
            _("The median viewer covered %(percent)d%% of the film.") % {"percent": self.row.median},
        ]
        if self.half and self.half.number == BUCKETS:
            said.append(_("At least half of the viewers watched to the end."))
        elif self.half:
            said.append(_("Half of the viewers have left by %(time)s.") % {"time": clock(self.half.end)})
        return said

    @property
    def description(self) -> str:
        """The drawing for those who do not see it."""
        at = [self.buckets[place] for place in (0, 24, 49, 74, 99)] if self.enough else []
        shares = [_("%(time)s: %(percent)s%%") % {"time": clock(each.start), "percent": each.percent} for each in at]
        return _("Share of the viewers who saw each part. %(shares)s.") % {
            "shares": pgettext("list", ", ").join(shares)
        }

    @property
    def scale(self) -> list[str]:
        return [clock(self.duration * quarter // 4) for quarter in range(5)]

    def as_dict(self) -> dict[str, object]:
        """For machines; film times in milliseconds."""
        return {
            "film": str(self.row.video.uuid),
            "lesson": self.row.lesson_id,
            "counted_at": self.row.counted_at,
            "viewers": self.row.viewers,
            "completed": self.row.completed,
            "median_percent": self.row.median,
            "duration_ms": self.duration,
            "fewest": FEWEST,
            "buckets": [
                {"start": each.start, "end": each.end, "viewers": each.people, "times": each.times}
                for each in self.buckets
            ],
            "drops": [{"at": mark.at, "words": mark.words} for mark in self.drops],
            "chapters": [{"at": mark.at, "title": mark.words} for mark in self.chapters],
        }

    def _mark(self, at: int, words: str) -> Mark:
        return Mark(at // 1000, round(at * WIDTH / self.duration, 1), words)


def _height(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)


def _lost(people: int) -> str:
    return ngettext("%(n)d viewer leaves", "%(n)d viewers leave", people) % {"n": people}


def _chosen(found: Iterable[tuple[float, int]]) -> list[tuple[float, int]]:
    """The strongest few, in the order of the film."""
    return sorted(sorted(found, reverse=True)[:STANDS_OUT], key=lambda each: each[1])
