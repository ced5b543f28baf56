"""Whatever is sent: never more than the clock allows, and never less than an honest viewer really played."""

from contextlib import suppress
from decimal import Decimal
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import enrolment, progress
from courses.enrolment import Refused
from courses.intervals import clip, length, union
from courses.models import LessonProgress, WatchBeat
from courses.progress import Beat
from tests.courses.viewer import frozen

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

player = st.integers(0, 30)
sequence = st.integers(1, 30)
claim = st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), max_size=4)
moves = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 700)),
    st.tuples(st.just("beat"), player, sequence, claim, st.booleans()),
    st.tuples(st.just("flood"), player, sequence, st.integers(2, 8)),
    st.tuples(st.just("replay"), player, st.integers(0, 50), st.booleans()),
    st.tuples(st.just("leave"), player, sequence, claim),
    st.tuples(st.just("open"), st.integers(0, 1)),
    st.tuples(st.just("reset")),
)


class Attack:
    """Any number of players on two lessons; beats to whichever of them, under whatever number, again and again."""

    def __init__(self, user, course):
        self.user, self.course = user, course
        self.lessons = list(course.lessons()[:2])
        enrolment.again(user, course)
        self.players = [progress.open_player(user, self.lessons[0])]
        self.sent = []

    def run(self, move, *arguments):
        getattr(self, f"do_{move}")(*arguments)

    def send(self, player, beat, *, leaving=False):
        self.sent.append(beat)
        session = self.players[player % len(self.players)]
        with suppress(Refused):
            progress.watch(user=self.user, session=session.uuid, beat=beat, leaving=leaving)

    def do_beat(self, player, sequence, claim, visible):
        pairs = [(start * 1000, end * 1000) for start, end in claim]
        self.send(player, Beat(sequence, pairs, visible=visible, position_ms=10**6))

    def do_flood(self, player, sequence, count):
        for n in range(count):
            self.send(player, Beat(sequence + n, [[n * 12_000, n * 12_000 + 12_000]]))

    def do_replay(self, player, which, renumbered):
        if self.sent:
            old = self.sent[which % len(self.sent)]
            self.send(player, Beat(old.sequence + 7 * renumbered, old.intervals))

    def do_leave(self, player, sequence, claim):
        self.send(player, Beat(sequence, [(0, end * 1000) for _start, end in claim]), leaving=True)

    def do_open(self, which):
        self.players.append(progress.open_player(self.user, self.lessons[which]))

    def do_reset(self):
        enrolment.again(self.user, self.course)
        self.do_open(0)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(script=st.lists(moves, max_size=30), rate=st.sampled_from(["1.00", "1.50", "2.00"]), hidden=st.booleans())
def test_no_sequence_of_moves_earns_more_than_the_clock_allows(learner, course, script, rate, hidden):
    course.max_rate, course.pause_when_hidden = Decimal(rate), hidden
    course.save()
    with frozen() as clock:
        WatchBeat.objects.all().delete()
        attack, passed, earned = Attack(learner, course), 0.0, 0
        for move in script:
            if move[0] == "wait":
                clock.shift(move[1])
                passed += move[1]
            else:
                attack.run(*move)
            earned = sum(length(beat) for beat in WatchBeat.objects.values_list("credited", flat=True))
            assert earned <= passed * 1000 * float(rate) + 1
    records = LessonProgress.objects.filter(enrolment__ended_at=None)
    assert sum(record.watched_ms for record in records) <= earned


class Honest:
    """A person with a bad network: what a page plays, what it sends, and in which order that arrives."""

    def __init__(self, clock, user, lesson, chance, *, loss, rate):
        self.clock, self.user, self.lesson, self.chance = clock, user, lesson, chance
        self.loss, self.rate = loss, rate
        self.played, self.outbox = [], []
        self.at = 0
        self.open()

    def open(self):
        """Another page or device. What the one before could not send is still on its way."""
        self.session, self.sequence = progress.open_player(self.user, self.lesson), 0

    def play(self, seconds):
        self.clock.shift(seconds)
        end = min(100_000, self.at + int(seconds * 1000 * float(self.rate)))
        if end > self.at:
            self.played.append([self.at, end])
            self.say([[self.at, end]])
        self.at = end

    def say(self, intervals):
        """A beat that claims nothing is not sent again once there is something to say."""
        self.outbox = [(session, beat) for session, beat in self.outbox if beat.intervals]
        self.sequence += 1
        beat = Beat(self.sequence, intervals, rate=self.rate, position_ms=self.at)
        self.outbox.append((self.session, beat))

    def deliver(self):
        """Some are lost and sent again later, some come twice, and they pass one another."""
        self.chance.shuffle(self.outbox)
        for session, beat in list(self.outbox):
            if self.chance.random() < self.loss:
                continue
            self.clock.shift(self.chance.random() * 2)
            for _ in range(1 + (self.chance.random() < 0.3)):
                with suppress(progress.Superseded):
                    progress.watch(user=self.user, session=session.uuid, beat=beat)
            if self.chance.random() < 0.8:  # else the acknowledgement is lost
                self.outbox.remove((session, beat))


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(
    seed=st.integers(0, 10**6),
    loss=st.sampled_from([0.0, 0.2, 0.5, 0.9]),
    rate=st.sampled_from(["1", "1.25", "1.5"]),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("play"), st.floats(1, 60)),
            st.tuples(st.just("pause"), st.floats(1, 300)),
            st.tuples(st.just("back"), st.integers(0, 60)),
            st.tuples(st.just("device"), st.just(0)),
            st.tuples(st.just("empty"), st.just(0)),
        ),
        max_size=20,
    ),
)
def test_an_honest_viewer_loses_nothing_by_loss_delay_repetition_and_disorder(learner, course, seed, loss, rate, steps):
    with frozen() as clock:
        enrolment.again(learner, course)
        lesson = course.lessons().first()
        viewer = Honest(clock, learner, lesson, Random(seed), loss=loss, rate=Decimal(rate))
        for move, much in steps:
            if move == "play":
                viewer.play(much)
            elif move == "pause":
                clock.shift(much)
            elif move == "back":
                viewer.at = max(0, viewer.at - much * 1000)
            elif move == "device":
                viewer.open()
            else:
                viewer.say([])
            viewer.deliver()
        while viewer.outbox:
            viewer.deliver()
        truth = length(union(clip(viewer.played, 100_000)))
        record = LessonProgress.objects.get(enrolment__ended_at=None)
        assert truth * 0.98 <= record.watched_ms <= truth
