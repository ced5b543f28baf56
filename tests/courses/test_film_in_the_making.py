"""A lesson can be watched and credited while its film is still being made, and keeps its credit when it is whole."""

from uuid import uuid4

import pytest

from courses import enrolment, progress
from courses.models import LessonPage, LessonProgress
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


def test_what_is_there_of_a_film_is_not_the_whole_of_it(clock, learner, lesson):
    begin(lesson, 100.0)
    Viewer(clock, learner, lesson).watch(60)
    assert LessonProgress.objects.get(enrolment__user=learner).completed_at is None


def test_a_film_whose_length_nobody_knows_opens_no_player(clock, learner, lesson):
    Video.objects.filter(pk=lesson.video.pk).update(state=Video.State.PROBING, run=None, duration=None)
    with pytest.raises(progress.NotReady):
        progress.open_player(learner, LessonPage.objects.get(pk=lesson.pk))
