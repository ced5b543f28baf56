"""The clock of the server and the timeline of the recording: which moment is which.

Every recorded piece says when it was taken in and where on the timeline it lies. While nothing was recorded the
timeline stands still, so somebody who sat through an interruption has been there once, and nobody for the gap.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from courses.intervals import Claim, Intervals, union

from .models import Broadcast, Segment
from .stays import milliseconds

JOINT = 1_500  # ms between two pieces of a run that are no interruption: the clock of the encoder is not the server's


@dataclass(frozen=True)
class Piece:
    """From that moment of the server's clock, in ms since the epoch, for that long; and where that is in the film."""

    at: int
    begin: int
    duration: int
    run: int = 0


class Timeline:
    """Built from pieces in the order of the timeline. Times never run backwards, whatever a clock did."""

    def __init__(self, pieces: Iterable[Piece]):
        corners: list[tuple[int, int]] = []  # (server, timeline): straight lines between them
        rows = list(pieces)
        for piece, after in pairwise([*rows, None]):
            assert piece is not None
            start = max(piece.at, corners[-1][0] if corners else piece.at)
            end = max(start, piece.at + piece.duration)
            if after and after.run == piece.run and abs(after.at - end) <= JOINT:
                end = max(start, after.at)
            corners += [(start, piece.begin), (end, piece.begin + piece.duration)]
        self._server = [server for server, _media in corners]
        self._media = [media for _server, media in corners]
        self.length = self._media[-1] if corners else 0

    @classmethod
    def of(cls, broadcast: Broadcast) -> "Timeline":
        """Of what was recorded so far. Rehearsals are no part of it."""
        rows = Segment.objects.filter(broadcast=broadcast, run__rehearsal=False).order_by("sequence")
        fields = rows.values_list("started_at", "begin_ms", "duration_ms", "run_id")
        return cls(Piece(milliseconds(at), begin, duration, run) for at, begin, duration, run in fields)

    def at(self, server: int) -> int:
        """How far the recording was at that moment."""
        place = bisect_right(self._server, server)
        if place == 0:
            return 0
        if place == len(self._server):
            return self.length
        before, after = self._server[place - 1], self._server[place]
        low, high = self._media[place - 1], self._media[place]
        return low + round((high - low) * (server - before) / (after - before))

    def on_air(self, claim: Claim) -> Intervals:
        """The same stretches of time on the timeline; what lay before, between and after the recording is nothing."""
        return union([self.at(pair[0]), self.at(pair[1])] for pair in claim)
