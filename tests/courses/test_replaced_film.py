"""A film of a lesson gets another file: what was watched counts on for the same length and is history otherwise."""

from uuid import uuid4

import pytest

from courses import enrolment
from courses.models import LessonPage, LessonProgress, WatchBeat
from media.models import Video
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def lesson(home, learner):
    course = factories.course(home, lessons=1, seconds=100)
    enrolment.enrol(learner, course)
    return LessonPage.objects.child_of(course).get()


def new_file(lesson, seconds):
    """What the library does when the ladder of another file is ready."""
    Video.objects.filter(pk=lesson.video.pk).update(duration=seconds, run=uuid4())


def test_a_file_of_the_same_length_changes_nothing(learner, lesson):
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(40)
        new_file(lesson, 100.4)
        viewer = Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
        assert LessonProgress.objects.get().watched_ms == 40_000
        viewer.seek(40)
        viewer.watch(60)
    row = LessonProgress.objects.get()
    assert row.watched_ms == 100_000
    assert row.completed_at


def test_a_file_of_another_length_starts_from_nothing_and_keeps_the_evidence(learner, lesson):
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(40)
        beats = WatchBeat.objects.count()
        new_file(lesson, 50)
        viewer = Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
        row = LessonProgress.objects.get()
        assert (row.watched_ms, row.duration_ms, row.completed_at) == (0, 50_000, None)
        assert WatchBeat.objects.count() == beats
        viewer.watch(50)
    row = LessonProgress.objects.get()
    assert (row.watched_ms, bool(row.completed_at)) == (50_000, True)
    assert WatchBeat.objects.count() > beats


def test_the_former_file_back_in_its_place_counts_again(learner, lesson):
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(40)
        new_file(lesson, 50)
        Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk)).watch(10)
        new_file(lesson, 100)
        Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
    assert LessonProgress.objects.get().watched_ms == 40_000


def test_who_had_finished_stays_finished(learner, lesson):
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(100)
        done = LessonProgress.objects.get()
        new_file(lesson, 300)
        Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
    row = LessonProgress.objects.get()
    assert (row.completed_at, row.watched_ms, row.duration_ms) == (done.completed_at, 100_000, 100_000)
