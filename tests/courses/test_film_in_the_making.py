"""A lesson can be watched and credited while its film is still being made, and keeps its credit when it is whole."""

from uuid import uuid4

import pytest

from courses import enrolment, evidence, progress
from courses.models import Enrolment, LessonPage, LessonProgress
from media.models import Video
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def lesson(home, learner):
    course = factories.course(home, lessons=1, seconds=100, threshold=90)
    enrolment.enrol(learner, course)
    return course.lessons().get()


def begin(lesson, seconds):
    run = uuid4()
    fields = {"state": Video.State.TRANSCODING, "run": run, "making": run, "duration": seconds, "progress": 20}
    Video.objects.filter(pk=lesson.video.pk).update(**fields)


def fresh(lesson):
    """The page as another request finds it: it does not remember the film of before."""
    return LessonPage.objects.get(pk=lesson.pk)


def finish(lesson, seconds):
    Video.objects.filter(pk=lesson.video.pk).update(state=Video.State.READY, making=None, duration=seconds)


@pytest.mark.parametrize("measured", [100.0, 99.6, 100.4], ids=["as long as expected", "a little shorter", "longer"])
def test_what_was_watched_meanwhile_counts_for_the_whole_film(clock, learner, lesson, measured):
    begin(lesson, 100.0)
    viewer = Viewer(clock, learner, lesson)
    assert viewer.session.duration_ms == 100_000
    viewer.watch(40)
    assert viewer.watched == pytest.approx(40, rel=0.02)
    finish(lesson, measured)
    viewer.watch(20)  # the player that is open goes on
    again = Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
    again.at = 60_000
    again.watch(measured - 60)
    record = LessonProgress.objects.get(enrolment__user=learner)
    assert record.completed_at
    assert record.watched_ms == pytest.approx(measured * 1000, rel=0.02)


@pytest.mark.parametrize(("expected", "measured"), [(104.0, 100.0), (97.0, 100.0)], ids=["shorter", "longer"])
def test_a_film_of_another_length_than_expected_keeps_its_credit(clock, learner, lesson, expected, measured):
    begin(lesson, expected)
    Viewer(clock, learner, fresh(lesson)).watch(40)
    finish(lesson, measured)
    again = Viewer(clock, learner, fresh(lesson))
    record = LessonProgress.objects.get(enrolment__user=learner)
    assert (record.watched_ms, record.duration_ms) == (40_000, measured * 1000)
    again.at = 40_000
    again.watch(measured - 40)
    record.refresh_from_db()
    assert (record.watched_ms, bool(record.completed_at)) == (measured * 1000, True)


@pytest.mark.parametrize(("expected", "measured"), [(104.0, 100.0), (97.0, 100.0)], ids=["shorter", "longer"])
def test_the_player_that_stays_open_learns_how_long_the_film_is(clock, learner, lesson, expected, measured):
    begin(lesson, expected)
    viewer = Viewer(clock, learner, fresh(lesson))
    viewer.watch(40)
    finish(lesson, measured)
    receipt = viewer.watch(measured - 40)
    assert receipt.coverage.duration_ms == measured * 1000
    assert receipt.coverage.complete
    assert LessonProgress.objects.get(enrolment__user=learner).watched_ms == measured * 1000


def test_who_had_seen_enough_of_a_film_that_turns_out_shorter_is_finished_when_they_come_back(clock, learner, lesson):
    begin(lesson, 104.0)
    Viewer(clock, learner, fresh(lesson)).watch(92)
    assert LessonProgress.objects.get(enrolment__user=learner).completed_at is None
    finish(lesson, 100.0)
    Viewer(clock, learner, fresh(lesson))
    assert LessonProgress.objects.get(enrolment__user=learner).completed_at


def test_recomputing_from_the_evidence_keeps_it_too(clock, learner, lesson):
    begin(lesson, 104.0)
    Viewer(clock, learner, fresh(lesson)).watch(40)
    finish(lesson, 100.0)
    evidence.recompute(Enrolment.objects.get())
    record = LessonProgress.objects.get(enrolment__user=learner)
    assert (record.watched_ms, record.duration_ms) == (40_000, 100_000)


def test_what_is_there_of_a_film_is_not_the_whole_of_it(clock, learner, lesson):
    begin(lesson, 100.0)
    Viewer(clock, learner, lesson).watch(60)
    assert LessonProgress.objects.get(enrolment__user=learner).completed_at is None


def test_a_film_whose_length_nobody_knows_opens_no_player(clock, learner, lesson):
    Video.objects.filter(pk=lesson.video.pk).update(state=Video.State.PROBING, run=None, duration=None)
    with pytest.raises(progress.NotReady):
        progress.open_player(learner, LessonPage.objects.get(pk=lesson.pk))


@pytest.mark.parametrize("reason", [Video.Reason.DAMAGED, Video.Reason.CANCELLED])
def test_a_film_that_failed_does_not_promise_to_come(client, learner, lesson, reason):
    Video.objects.update(state=Video.State.FAILED, reason=reason, run=None, duration=None)
    client.force_login(learner)
    page = client.get(lesson.get_url()).content.decode()
    assert "本节视频暂时不能播放" in page
    assert "准备中" not in page


def test_a_film_whose_new_file_failed_plays_on(learner, lesson):
    Video.objects.update(state=Video.State.FAILED, reason=Video.Reason.DAMAGED, run=uuid4())
    (report,) = evidence.standing(Enrolment.objects.get(), [fresh(lesson)])
    assert report.coverage.verdict.startswith("再看 1 分 30 秒")
