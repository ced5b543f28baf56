"""The account of time in detail: what a beat is worth, what is kept, and what a player is told or refused."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

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


def test_a_beat_costs_six_queries(viewer, django_assert_num_queries):
    """The seventh is the lock, where the transaction as a whole is none."""
    queries = 6 + connection.features.has_select_for_update
    viewer.watch(20)
    viewer.play(10)
    with django_assert_num_queries(queries):
        viewer.beat()
    viewer.watch(40)
    viewer.play(10)
    with django_assert_num_queries(queries):
        viewer.beat()


def test_another_claim_under_a_known_number_is_not_read(viewer):
    viewer.play(10)
    viewer.beat()
    viewer.wait(10)
    progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(1, [[50_000, 60_000]]))
    assert LessonProgress.objects.get().coverage == [[0, 10_000]]


def test_time_cannot_be_saved_up_by_a_paused_player(viewer):
    """Empty beats move the account: what was not played stays worth no more than the small carry."""
    for _ in range(30):
        viewer.wait(10)
        viewer.beat()
    viewer.claim(0, 100)
    assert viewer.beat().credited_ms == 20_000


def test_small_claims_save_no_more_than_silence_does(clock, learner, home):
    course = factories.course(home, lessons=1, seconds=7200)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    for _ in range(180):
        viewer.wait(10)
        viewer.claim(0, 1)
        viewer.beat()
    viewer.claim(0, 7200)
    assert viewer.beat().credited_ms == 900_000


def test_silence_is_worth_ten_minutes_at_most(clock, learner, home):
    course = factories.course(home, lessons=1, seconds=7200)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    viewer.wait(8 * 3600)
    viewer.claim(0, 7200)
    assert viewer.beat().credited_ms == 900_000


def test_beyond_the_end_is_nothing(viewer):
    viewer.wait(60)
    viewer.claim(5_000, 6_000)
    viewer.claim(95, 1_000)
    assert viewer.beat().coverage.seen == [[95_000, 100_000]]


def test_intervals_that_make_no_sense_are_nothing(viewer):
    viewer.wait(60)
    viewer.played = [[50_000, 40_000], [7_000, 7_000], [-9_000, -1_000]]
    receipt = viewer.beat()
    assert (receipt.credited_ms, receipt.verdict) == (0, "ok")


def test_a_film_in_a_thousand_splinters_is_no_watching(viewer):
    viewer.wait(600)
    viewer.played = [[n * 50, n * 50 + 25] for n in range(1_500)]
    assert viewer.beat().credited_ms == 0


def test_a_closed_player_earns_nothing_by_waiting(clock, viewer, learner, lesson):
    viewer.watch(10)
    Viewer(clock, learner, lesson)
    clock.shift(600)
    viewer.claim(10, 100)
    with pytest.raises(progress.Superseded) as late:
        viewer.beat()
    assert late.value.receipt.credited_ms == 5_000  # carried over from before, and nothing since


def test_a_hidden_page_earns_nothing_where_the_course_says_so(clock, learner, home):
    course = factories.course(home, lessons=1, pause_when_hidden=True)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    viewer.watch(10)
    viewer.play(30)
    hidden = viewer.beat(visible=False)
    assert (hidden.credited_ms, hidden.verdict) == (0, "hidden")
    viewer.claim(10, 40)
    assert viewer.beat().credited_ms == 5_000  # hidden time was not saved up


def test_the_rule_of_the_course_holds_as_it_was_when_the_player_opened(viewer, lesson):
    course = lesson.course
    course.max_rate = Decimal(2)
    course.save()
    viewer.wait(10)
    viewer.claim(0, 100)
    assert viewer.beat().credited_ms == 15_000


def test_another_persons_player_is_not_found(viewer, outsider):
    with pytest.raises(progress.NotFound):
        progress.watch(user=outsider, session=viewer.session.uuid, beat=Beat(1, [[0, 1_000]]))


def test_an_invented_player_is_not_found(viewer, learner):
    with pytest.raises(progress.NotFound):
        progress.watch(user=learner, session=uuid4(), beat=Beat(1, [[0, 1_000]]))


def test_a_token_opens_only_for_whom_it_was_made(viewer, learner, outsider):
    token = progress.token(viewer.session)
    assert progress.read_token(token, learner) == viewer.session.uuid
    for forged in ["", "x", token[:-1] + "A" if token[-1] != "A" else token[:-1] + "B", "a:" + token]:
        with pytest.raises(progress.Forged):
            progress.read_token(forged, learner)
    with pytest.raises(progress.Forged):
        progress.read_token(token, outsider)


def test_the_player_does_not_open_on_a_lesson_that_is_held_back(clock, learner, home):
    course = factories.course(home, lessons=3, sequential=True)
    first, second, third = course.lessons()
    enrolment.enrol(learner, course)
    for later in (second, third):
        with pytest.raises(enrolment.Locked) as held:
            progress.open_player(learner, later)
        assert held.value.lock.needs == first
        assert first.title in held.value.message
    Viewer(clock, learner, first).watch(90)
    Viewer(clock, learner, second)
    with pytest.raises(enrolment.Locked):
        progress.open_player(learner, third)


def test_the_player_does_not_open_on_a_draft(learner, course):
    enrolment.enrol(learner, course)
    lesson = course.lessons().first()
    lesson.unpublish()
    with pytest.raises(progress.LessonGone):
        progress.open_player(learner, lesson)


def test_what_was_watched_until_a_lesson_was_taken_down_counts(clock, learner, home):
    """The last beat comes seconds after the editor's click, or minutes after it from a page without network."""
    course = factories.course(home, lessons=1, seconds=600)
    lesson = course.lessons().get()
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20, rate=1.5)
    viewer.play(40, rate=1.5)
    lesson.unpublish()
    viewer.play(300, rate=1.5)
    with pytest.raises(progress.LessonGone):
        viewer.beat()
    assert LessonProgress.objects.get().watched_ms == 90_000  # 60 s at the fastest speed, and nothing of the 300
    viewer.wait(60)
    viewer.claim(90, 600)
    with pytest.raises(progress.LessonGone):
        viewer.beat()
    assert LessonProgress.objects.get().watched_ms == 90_000
    lesson.save_revision().publish()
    again = Viewer(clock, learner, course.lessons().get())
    assert progress.coverage_of(again.session).watched_ms == 90_000
    again.seek(90)
    assert again.watch(300, rate=1.5).coverage.watched_ms == 540_000
    assert LessonProgress.objects.get().completed_at


def test_a_lesson_that_vanished_without_a_word_counts_up_to_the_last_beat(viewer, lesson):
    viewer.watch(20, rate=1.5)
    type(lesson).objects.filter(pk=lesson.pk).update(live=False)
    viewer.play(10)
    with pytest.raises(progress.LessonGone):
        viewer.beat()
    assert LessonProgress.objects.get().watched_ms == 30_000


def test_the_player_does_not_open_without_a_film(learner, home):
    course = factories.course(home, lessons=0)
    lesson = factories.lesson(course, with_video=False)
    enrolment.enrol(learner, course)
    with pytest.raises(progress.NotReady):
        progress.open_player(learner, lesson)


def test_a_pause_that_is_told_before_what_came_before_it_costs_nothing(viewer, clock):
    """An empty beat overtakes one that was held up: numbers tell that something is still on its way."""
    clock.shift(60)
    progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(2, []))
    late = progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(1, [[0, 60_000]]))
    assert late.credited_ms == 60_000
