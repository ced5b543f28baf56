"""Who really watches is credited, whatever the network, the browser or the day bring."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import enrolment, progress
from courses.models import LessonProgress, WatchBeat
from courses.progress import Beat
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def viewer(clock, learner, lesson):
    enrolment.enrol(learner, lesson.course)
    return Viewer(clock, learner, lesson)


def test_a_lesson_watched_to_its_end_is_credited_and_finished(viewer):
    receipt = viewer.watch(100)
    assert receipt.coverage.seen == [[0, 100_000]]
    assert receipt.coverage.complete
    assert receipt.verdict == "ok"


def test_a_receipt_tells_all_that_a_page_shows(viewer):
    viewer.play(10)
    receipt = viewer.beat()
    assert (receipt.sequence, receipt.credited_ms, receipt.next_beat) == (1, 10_000, 10)
    assert (receipt.coverage.watched_ms, receipt.coverage.needed_ms, receipt.coverage.duration_ms) == (
        10_000,
        90_000,
        100_000,
    )
    assert not receipt.coverage.complete


def test_the_lesson_is_finished_at_the_share_that_the_course_asks(viewer):
    assert not viewer.watch(89).coverage.complete
    assert viewer.watch(1).coverage.complete


def test_an_end_that_never_comes_is_not_asked_for(clock, learner, home):
    """The last frames of many films are never played."""
    course = factories.course(home, lessons=1, threshold=100)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    assert not viewer.watch(98).coverage.complete
    viewer.play(1.2)
    assert viewer.beat().coverage.complete


def test_a_pause_costs_nothing(viewer):
    viewer.watch(30)
    viewer.wait(3600)
    viewer.watch(60)
    assert viewer.watched == 90


def test_the_fastest_speed_of_the_course_is_credited_in_full(viewer):
    viewer.watch(60, rate=1.5)
    assert viewer.watched == 90
    assert set(WatchBeat.objects.values_list("verdict", flat=True)) == {"ok"}


def test_three_minutes_without_network_are_credited_when_they_arrive(clock, learner, home):
    course = factories.course(home, lessons=1, seconds=600)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    viewer.watch(20)
    viewer.play(180)  # from the buffer
    assert viewer.beat().credited_ms == 180_000


def test_a_beat_held_up_for_minutes_does_not_cost_what_was_played_after_it(clock, learner, home):
    course = factories.course(home, lessons=1, seconds=600)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    viewer.play(10)
    held_up, viewer.played = viewer.played, []
    viewer.play(180)  # meanwhile the first beat is tried again and again
    later, viewer.played = viewer.played, held_up
    viewer.beat()
    viewer.played = later
    assert viewer.beat().credited_ms == 180_000


def test_a_part_watched_twice_counts_once_and_costs_nothing(viewer):
    viewer.watch(40)
    viewer.seek(0)
    viewer.watch(40)
    viewer.watch(40)
    assert viewer.watched == 80


def test_parts_may_be_watched_in_any_order(viewer):
    viewer.seek(60)
    viewer.watch(40)
    viewer.seek(0)
    receipt = viewer.watch(30)
    assert receipt.coverage.seen == [[0, 30_000], [60_000, 100_000]]
    assert receipt.coverage.gaps == [[30_000, 60_000]]


def test_a_beat_sent_again_is_the_same_receipt(viewer):
    viewer.play(10)
    first = viewer.beat()
    again = progress.watch(
        user=viewer.user, session=viewer.session.uuid, beat=Beat(1, [[0, 10_000]], position_ms=10_000)
    )
    assert again == first
    assert WatchBeat.objects.count() == 1


def test_beats_that_overtake_one_another_both_count(viewer, clock):
    clock.shift(20)
    later = progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(2, [[10_000, 20_000]]))
    earlier = progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(1, [[0, 10_000]]))
    assert (later.credited_ms, earlier.credited_ms) == (10_000, 10_000)


def test_after_a_crash_another_device_goes_on_where_it_was(viewer, clock, learner, lesson):
    viewer.watch(50)  # and then the telephone dies
    clock.shift(86_400)
    again = Viewer(clock, learner, lesson)
    record = LessonProgress.objects.get()
    assert (record.watched_ms, record.position_ms) == (50_000, 50_000)
    again.seek(50)
    assert again.watch(50).coverage.complete


def test_what_a_closing_page_could_not_send_counts_after_it(viewer, clock, learner, lesson):
    """The last beacon and the next page race; the clock of the first player stopped when the second opened."""
    viewer.watch(30)
    viewer.play(8)
    Viewer(clock, learner, lesson)
    clock.shift(5)
    with pytest.raises(progress.Superseded) as late:
        viewer.beat()
    assert late.value.receipt.credited_ms == 8_000


def test_leaving_the_page_sends_the_last_beat_and_stops_the_clock(viewer, clock, learner):
    viewer.play(7)
    progress.leave(user=learner, session=viewer.session.uuid, beat=Beat(1, viewer.played, position_ms=7_000))
    clock.shift(600)
    late = progress.watch(user=learner, session=viewer.session.uuid, beat=Beat(2, [[7_000, 100_000]]))
    assert late.credited_ms == 3_500  # what was left at that moment: 7 s at 1.5 minus what was played
    viewer.session.refresh_from_db()
    assert viewer.session.closed == "left"


def test_position_and_coverage_are_apart(viewer):
    viewer.watch(10)
    viewer.seek(70)
    viewer.beat()
    record = LessonProgress.objects.get()
    assert (record.watched_ms, record.position_ms) == (10_000, 70_000)


def test_watching_on_after_the_end_changes_no_record(viewer):
    viewer.watch(95)
    finished = LessonProgress.objects.get()
    viewer.watch(5)
    again = LessonProgress.objects.get()
    assert (again.completed_at, again.hours) == (finished.completed_at, finished.hours)
    assert again.watched_ms == 100_000


def test_a_film_exported_again_keeps_what_was_watched(viewer, clock, learner, lesson):
    viewer.watch(40)
    lesson.body = [("video", factories.video("第一课修订", 100.4))]
    lesson.save_revision().publish()
    assert progress.coverage_of(Viewer(clock, learner, lesson).session).watched_ms == 40_000


def test_another_film_in_the_lesson_is_watched_from_its_beginning(viewer, clock, learner, lesson):
    viewer.watch(40)
    old = lesson.video
    lesson.body = [("video", factories.video("第一课重拍", 140))]
    lesson.save_revision().publish()
    assert progress.coverage_of(Viewer(clock, learner, lesson).session).watched_ms == 0
    lesson.body = [("video", old)]
    lesson.save_revision().publish()
    assert progress.coverage_of(Viewer(clock, learner, lesson).session).watched_ms == 40_000


def test_a_beat_costs_seven_queries(viewer, django_assert_num_queries):
    viewer.watch(20)
    viewer.play(10)
    with django_assert_num_queries(7):
        viewer.beat()
    viewer.watch(40)
    viewer.play(10)
    with django_assert_num_queries(7):
        viewer.beat()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    loss=st.sampled_from([0.0, 0.2, 0.5]),
    rate=st.sampled_from(["1", "1.25", "1.5"]),
    pause=st.integers(0, 120),
)
def test_loss_delay_repetition_and_disorder_cost_an_honest_viewer_nothing(learner, lesson, seed, loss, rate, pause):
    """Beats are lost and sent again under their number, come late, come twice, and pass one another."""
    chance = Random(seed)
    with frozen() as clock:
        enrolment.again(learner, lesson.course)
        session = progress.open_player(learner, lesson)
        clock.shift(1)
        outbox, at, sequence = [], 0, 0
        while at < 100_000 or outbox:
            if at < 100_000:
                clock.shift(10)
                end = min(100_000, at + int(10_000 * Decimal(rate)))
                sequence += 1
                outbox.append(Beat(sequence, [[at, end]], rate=Decimal(rate), position_ms=end))
                at = end
                if chance.random() < 0.2:
                    clock.shift(pause)
            else:
                clock.shift(1)
            chance.shuffle(outbox)
            for beat in list(outbox):
                if chance.random() < loss:
                    continue
                clock.shift(chance.random() * 2)
                receipt = progress.watch(user=learner, session=session.uuid, beat=beat)
                if chance.random() < 0.3:
                    assert progress.watch(user=learner, session=session.uuid, beat=beat).sequence == beat.sequence
                if chance.random() < 0.8:  # else the acknowledgement is lost, and it is sent again
                    outbox.remove(beat)
        assert receipt.coverage.watched_ms >= 98_000
