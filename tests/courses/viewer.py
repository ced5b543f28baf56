"""Somebody who watches, honestly or not, on a clock that the test moves."""

from contextlib import contextmanager

import time_machine

from courses import progress
from courses.progress import Beat

START = "2026-03-02T01:00:00Z"  # nine o'clock in Chengdu


@contextmanager
def frozen(at=START):
    """A clock that stands still until `clock.shift(seconds)`."""
    with time_machine.travel(at, tick=False) as clock:
        yield clock


class Viewer:
    """One page with one player. `played` waits until a beat carries it off."""

    def __init__(self, clock, user, lesson):
        self.clock = clock
        self.user = user
        self.session = progress.open_player(user, lesson)
        self.sequence = 0
        self.at = 0
        self.played = []
        self.receipt = None

    def play(self, seconds, *, rate=1):
        """The clock moves on, and the film with it."""
        self.clock.shift(seconds)
        end = self.at + round(seconds * rate * 1000)
        self.played.append([self.at, end])
        self.at = end

    def wait(self, seconds):
        self.clock.shift(seconds)

    def seek(self, seconds):
        self.at = seconds * 1000

    def claim(self, start, end):
        """Say that this was played, in seconds of the film, whether or not it was."""
        self.played.append([start * 1000, end * 1000])

    def beat(self, **told):
        self.sequence += 1
        beat = Beat(self.sequence, self.played, position_ms=self.at, **told)
        self.played = []
        self.receipt = progress.watch(user=self.user, session=self.session.uuid, beat=beat)
        return self.receipt

    def watch(self, seconds, *, rate=1, every=10):
        """Play with a beat now and then, as a page does."""
        while seconds > 0:
            step = min(every, seconds)
            self.play(step, rate=rate)
            self.beat()
            seconds -= step
        return self.receipt

    @property
    def watched(self):
        """Seconds that count."""
        return self.receipt.coverage.watched_ms / 1000
