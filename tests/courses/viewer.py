"""Somebody who watches, honestly or not, on a clock that the test moves."""

from contextlib import contextmanager

import time_machine
from django.test import Client

from courses import progress
from courses.intervals import length
from courses.models import LessonProgress, WatchBeat
from courses.progress import Beat
from lms.models import Participation

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


class Screen(Viewer):
    """The same through the public door: a browser that is signed in, and JSON over HTTP."""

    def __init__(self, clock, user, lesson):
        self.browser = Client(headers={"accept-language": "en"})
        self.browser.force_login(user)
        self.lesson = lesson
        self.clock = clock
        self.user = user
        self.reload()

    def reload(self):
        """The page again: a new player, and nothing remembered."""
        self.opening = self.post(f"/api/v1/lessons/{self.lesson.pk}/player")
        self.player = self.opening.json()
        self.sequence, self.at, self.played, self.answer = 0, 0, [], None
        return self

    def post(self, url, data=None, **headers):
        return self.browser.post(url, data or {}, content_type="application/json", **headers)

    def body(self, **told):
        """The next beat as it travels."""
        self.sequence += 1
        played, self.played = self.played, []
        state = {"token": self.player["token"], "sequence": self.sequence, "position": self.at}
        return {**state, "intervals": played, **told}

    def beat(self, **told):
        return self.send(self.body(**told))

    def send(self, body, *, leaving=False):
        self.answer = self.post("/api/v1/beats/leave" if leaving else "/api/v1/beats", body)
        self.receipt = self.answer.json() if self.answer.content else {}
        return self.receipt

    def leave(self):
        return self.send(self.body(), leaving=True)

    @property
    def watched(self):
        return LessonProgress.objects.get(enrolment__user=self.user, lesson=self.lesson).watched_ms / 1000


def credited(user):
    """Seconds of film credited to somebody in all, as the evidence has them."""
    beats = WatchBeat.objects.filter(session__user=user).values_list("credited", flat=True)
    return sum(length(intervals) for intervals in beats) / 1000


def finished(user):
    """Whether anything at all counts as finished."""
    rows = LessonProgress.objects.filter(enrolment__user=user).exclude(completed_at=None)
    return rows.exists() or Participation.objects.filter(person=user.ledger_key).exists()
