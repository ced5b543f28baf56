"""Who may work on a video: one worker at a time, three tries, nothing forgotten."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from filer.models import File
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from media import transcoding
from media.models import Video

LATER = transcoding.LEASE + timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def waiting(db):
    file = File.objects.create(original_filename="a.mp4")
    return Video.objects.create(title="第一课", source=file)


def now(video):
    video.refresh_from_db()
    return video


def test_the_video_that_waited_longest_is_taken_first(waiting, clock):
    clock.shift(5)
    Video.objects.create(title="第二课", source=File.objects.create(original_filename="b.mp4"))
    assert transcoding.claim() == waiting
    assert transcoding.claim().title == "第二课"
    assert transcoding.claim() is None


def test_a_claimed_video_is_left_alone_while_its_worker_beats(waiting, clock):
    mine = transcoding.claim()
    for percent in (10, 20, 30):
        clock.shift(transcoding.LEASE.total_seconds() - 1)
        transcoding.beat(mine, progress=percent)
        assert transcoding.claim() is None
    assert (now(waiting).progress, waiting.attempts) == (30, 1)


def test_a_silent_worker_loses_its_video_and_hears_so(waiting, clock):
    mine = transcoding.claim()
    clock.shift(LATER)
    yours = transcoding.claim()
    assert (yours.pk, yours.attempts) == (mine.pk, 2)
    with pytest.raises(transcoding.Lost):
        transcoding.beat(mine, progress=50)
    transcoding.fail(mine, Video.Reason.UNKNOWN)
    transcoding.release(mine)
    assert (now(waiting).state, waiting.lease) == (Video.State.PROBING, yours.lease)


def test_a_worker_that_stops_gives_its_video_back_at_once(waiting):
    transcoding.release(transcoding.claim())
    assert (now(waiting).state, waiting.attempts, waiting.lease) == (Video.State.QUEUED, 0, None)
    assert transcoding.claim() == waiting


def test_after_three_silent_workers_the_video_has_failed_with_a_reason(waiting, clock):
    for _ in range(transcoding.ATTEMPTS):
        assert transcoding.reap() == 0
        assert transcoding.claim()
        clock.shift(LATER)
    assert transcoding.claim() is None
    assert transcoding.reap() == 1
    assert (now(waiting).state, waiting.reason) == (Video.State.FAILED, Video.Reason.GAVE_UP)


def test_only_a_failed_video_can_be_tried_again(waiting):
    assert not transcoding.retry(waiting)
    transcoding.fail(transcoding.claim(), Video.Reason.DAMAGED)
    assert transcoding.retry(waiting)
    assert (now(waiting).state, waiting.reason, waiting.attempts) == (Video.State.QUEUED, "", 0)


def test_a_deleted_video_stops_its_worker(waiting):
    mine = transcoding.claim()
    waiting.delete()
    with pytest.raises(transcoding.Lost):
        transcoding.beat(mine)


def test_an_empty_queue_costs_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert transcoding.claim() is None
    with django_assert_num_queries(1):
        assert transcoding.reap() == 0


class Workers(RuleBasedStateMachine):
    """Three workers and a clock, in any order. The model beside the database knows who holds the lease."""

    def __init__(self):
        super().__init__()
        Video.objects.all().delete()
        self.traveller = time_machine.travel(timezone.now(), tick=False)
        self.clock = self.traveller.start()
        file = File.objects.create(original_filename="a.mp4")
        self.video = Video.objects.create(title="第一课", source=file)
        self.hands = {}  # worker → the video as it was claimed
        self.holder, self.until = None, None
        self.tries = 0

    def teardown(self):
        self.traveller.stop()

    def held(self):
        return self.holder is not None and timezone.now() <= self.until

    @rule(worker=st.integers(0, 2))
    def claims(self, worker):
        open_ = Video.objects.get().state in (Video.State.QUEUED, *Video.WORKING)
        expected = open_ and not self.held() and self.tries < transcoding.ATTEMPTS
        video = transcoding.claim()
        assert bool(video) == expected
        if video:
            self.hands[worker] = video
            self.holder, self.until = worker, timezone.now() + transcoding.LEASE
            self.tries += 1

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def beats(self, data):
        worker = data.draw(st.sampled_from(sorted(self.hands)))
        try:
            transcoding.beat(self.hands[worker])
        except transcoding.Lost:
            assert worker != self.holder
        else:
            assert worker == self.holder
            self.until = timezone.now() + transcoding.LEASE

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def gives_back(self, data):
        worker = data.draw(st.sampled_from(sorted(self.hands)))
        transcoding.release(self.hands.pop(worker))
        if worker == self.holder:
            self.holder, self.tries = None, self.tries - 1

    @rule(seconds=st.sampled_from([1, 30, 59, 61, 120]))
    def time_passes(self, seconds):
        self.clock.shift(seconds)

    @rule()
    def is_reaped(self):
        gone = self.holder is not None and not self.held() and self.tries >= transcoding.ATTEMPTS
        assert transcoding.reap() == int(gone)
        if gone:
            self.holder = None

    @invariant()
    def the_database_agrees(self):
        video = Video.objects.get()
        assert video.attempts == self.tries <= transcoding.ATTEMPTS
        assert (video.lease is None) == (self.holder is None)
        if self.holder is not None:
            assert video.lease == self.hands[self.holder].lease


def test_in_any_order_there_is_one_holder_and_no_forgotten_video(db):
    run_state_machine_as_test(Workers, settings=hypothesis(max_examples=40, stateful_step_count=25, deadline=None))
