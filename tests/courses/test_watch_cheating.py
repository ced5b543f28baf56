"""None of these earns a second beyond real time at the fastest speed of the course."""

from contextlib import suppress
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import enrolment, progress
from courses.models import LessonProgress, WatchBeat, WatchSession
from courses.progress import Beat
from lms.models import Participation
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


def nothing_finished():
    return not Participation.objects.exists() and not LessonProgress.objects.exclude(completed_at=None).exists()


def test_dragging_to_the_end_earns_nothing(viewer):
    viewer.play(5)
    viewer.seek(99)
    viewer.play(1)
    receipt = viewer.beat()
    assert receipt.coverage.watched_ms == 6_000
    assert nothing_finished()


def test_the_whole_film_at_once_earns_the_time_that_passed(viewer):
    viewer.wait(10)
    viewer.claim(0, 100)
    receipt = viewer.beat()
    assert (receipt.credited_ms, receipt.verdict) == (15_000, "trimmed")
    assert nothing_finished()


def test_a_first_beat_at_once_earns_nothing(viewer):
    viewer.claim(0, 100)
    assert viewer.beat().credited_ms == 0


@pytest.mark.parametrize("speed", [2, 4, 16])
def test_playing_faster_than_allowed_leaves_gaps(viewer, speed):
    for _ in range(4):
        viewer.play(5, rate=speed)
        viewer.beat(rate=Decimal(speed))
    assert viewer.watched <= 20 * 1.5
    assert nothing_finished()


def test_a_false_rate_is_not_believed(viewer):
    viewer.play(10, rate=10)
    assert viewer.beat(rate=Decimal(1)).credited_ms == 15_000


def test_beats_in_haste_earn_no_more_than_one(viewer):
    viewer.wait(10)
    for n in range(10):
        viewer.claim(n * 10, n * 10 + 10)
        viewer.beat()
    assert viewer.watched == 15


def test_the_same_beat_again_earns_nothing_more(viewer):
    viewer.play(10)
    viewer.beat()
    for _ in range(5):
        viewer.wait(10)
        progress.watch(user=viewer.user, session=viewer.session.uuid, beat=Beat(1, [[0, 10_000]]))
    assert LessonProgress.objects.get().watched_ms == 10_000


def test_captured_intervals_under_new_numbers_earn_nothing_more(viewer):
    for _ in range(6):
        viewer.wait(10)
        viewer.claim(0, 10)
        viewer.beat()
    assert viewer.watched == 10


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


def test_a_short_film_is_not_made_of_a_long_one(viewer):
    """The length of the film is the server's; a player has no way to name one."""
    viewer.wait(1)
    viewer.claim(0, 1)
    receipt = viewer.beat()
    assert receipt.coverage.duration_ms == 100_000
    assert not receipt.coverage.complete


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


def test_a_position_at_the_end_is_no_credit(viewer):
    viewer.wait(10)
    viewer.at = 10**9
    viewer.beat()
    record = LessonProgress.objects.get()
    assert (record.watched_ms, record.position_ms) == (0, 100_000)


def test_two_devices_are_one_viewer(clock, viewer, learner, lesson):
    viewer.watch(10, rate=1.5)
    other = Viewer(clock, learner, lesson)
    clock.shift(10)
    viewer.claim(15, 30)
    with pytest.raises(progress.Superseded):
        viewer.beat()
    other.claim(50, 65)
    assert other.beat().coverage.seen == [[0, 15_000], [50_000, 65_000]]


def test_two_lessons_are_one_viewer(clock, learner, course):
    first, second, _third = course.lessons()
    enrolment.enrol(learner, course)
    one, other = Viewer(clock, learner, first), Viewer(clock, learner, second)
    clock.shift(10)
    one.claim(0, 10)
    with pytest.raises(progress.Superseded):
        one.beat()
    other.claim(0, 10)
    other.beat()
    assert list(LessonProgress.objects.order_by("lesson__path").values_list("watched_ms", flat=True)) == [0, 10_000]


def test_a_closed_player_earns_nothing_by_waiting(clock, viewer, learner, lesson):
    viewer.watch(10)
    Viewer(clock, learner, lesson)
    clock.shift(600)
    viewer.claim(10, 100)
    with pytest.raises(progress.Superseded) as late:
        viewer.beat()
    assert late.value.receipt.credited_ms == 5_000  # carried over from before, and nothing since


def test_opening_the_player_again_and_again_earns_nothing(clock, viewer, learner, lesson):
    for _ in range(20):
        again = Viewer(clock, learner, lesson)
        again.claim(0, 100)
        again.beat()
    assert again.watched == 0


def test_studying_again_begins_with_nothing(clock, viewer, learner, lesson):
    viewer.watch(80)
    enrolment.again(learner, lesson.course)
    clock.shift(5)
    viewer.claim(80, 100)
    with pytest.raises(progress.Ended):
        viewer.beat()
    anew = Viewer(clock, learner, lesson)
    clock.shift(10)
    anew.claim(80, 100)
    anew.beat()
    assert anew.watched == 15


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


def test_a_hidden_page_counts_where_the_course_does_not_mind(viewer):
    viewer.play(10)
    assert viewer.beat(visible=False).credited_ms == 10_000


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


def test_the_player_does_not_open_without_an_enrolment(outsider, lesson):
    with pytest.raises(enrolment.NotEnrolled):
        progress.open_player(outsider, lesson)
    assert not WatchSession.objects.exists()


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


def test_a_lesson_taken_down_in_between_counts_no_more_and_keeps_what_it_had(viewer, lesson):
    viewer.watch(20)
    lesson.unpublish()
    viewer.play(10)
    with pytest.raises(progress.LessonGone):
        viewer.beat()
    assert LessonProgress.objects.get().watched_ms == 20_000
    assert WatchBeat.objects.count() == 2


def test_the_player_does_not_open_without_a_film(learner, home):
    course = factories.course(home, lessons=0)
    lesson = factories.lesson(course, with_video=False)
    enrolment.enrol(learner, course)
    with pytest.raises(progress.NotReady):
        progress.open_player(learner, lesson)


moves = st.one_of(
    st.tuples(st.just("wait"), st.floats(0, 700)),
    st.tuples(
        st.just("beat"),
        st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), max_size=4),
        st.booleans(),
        st.integers(1, 30),
    ),
    st.tuples(st.just("open"), st.integers(0, 1)),
    st.tuples(st.just("leave"), st.integers(0, 130), st.integers(1, 30)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(moves, max_size=25), rate=st.sampled_from(["1.00", "1.50", "2.00"]))
def test_no_sequence_of_moves_earns_more_than_the_clock_allows(learner, course, script, rate):
    """Any number of players, lessons, repeated and skipped numbers, beats to players long closed."""
    course.max_rate = Decimal(rate)
    course.save()
    lessons = list(course.lessons()[:2])
    with frozen() as clock:
        enrolment.again(learner, course)
        sessions = [progress.open_player(learner, lessons[0])]
        passed = 0.0
        for move in script:
            if move[0] == "wait":
                clock.shift(move[1])
                passed += move[1]
            elif move[0] == "open":
                sessions.append(progress.open_player(learner, lessons[move[1]]))
            else:
                session = sessions[move[-1] % len(sessions)]
                claim = [(0, move[1])] if move[0] == "leave" else move[1]
                beat = Beat(move[-1], [(a * 1000, b * 1000) for a, b in claim], visible=move[0] == "leave" or move[2])
                with suppress(progress.Superseded):
                    progress.watch(user=learner, session=session.uuid, beat=beat, leaving=move[0] == "leave")
        records = LessonProgress.objects.filter(enrolment__ended_at=None)
        credited = sum(record.watched_ms for record in records)
        assert credited <= passed * 1000 * float(rate) + 1
