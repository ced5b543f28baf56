"""A film of a lesson gets another file: what was watched counts on for the same length and is history otherwise."""

from uuid import uuid4

import pytest

from courses import completion, enrolment, evidence, progress, sittings
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


def test_a_finished_lesson_is_read_on_the_film_by_which_it_was_finished(client, learner, lesson):
    row = learner.enrolments.get()
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(100)
        new_file(lesson, 300)
        fresh = LessonPage.objects.get(pk=lesson.pk)
        viewer = Viewer(clock, learner, fresh)
        opened = progress.coverage_of(viewer.session)
        receipt = viewer.watch(20)
        (report,) = evidence.standing(row, [fresh])
        (new, old) = sittings.sheet(report.progress).days[0].sittings
    for told in (opened, receipt.coverage, report.coverage):
        assert (told.duration_ms, told.watched_ms, told.missing_ms, told.complete) == (100_000, 100_000, 0, True)
    assert [asked.done for asked in report.verdict.requirements] == [True]
    assert [(each.kind, each.length) for each in old.stretches] == [("credited", "1 分 40 秒")]
    assert [(each.kind, each.length) for each in new.stretches] == [("other_film", "20 秒")]
    assert new.stretches[0].words == "播放的是另一版视频，不是这份记录所依据的那一版"
    client.force_login(learner)
    page = client.get(f"/me/records/{row.uuid}/{lesson.pk}/").content.decode()
    assert "再看 " not in page
    assert "已看 1 分 40 秒" in page


def test_what_somebody_decided_is_met_asks_for_no_more_film(client, admin, learner, lesson):
    row = learner.enrolments.get()
    with frozen() as clock:
        Viewer(clock, learner, lesson).watch(40)
    completion.override(enrolment=row, lesson=lesson, author=admin, reason="面授")
    (report,) = evidence.standing(row, [lesson])
    assert report.coverage.note == "已看 40 秒。"
    client.force_login(learner)
    assert "再看 " not in client.get(f"/me/records/{row.uuid}/{lesson.pk}/").content.decode()


def test_a_player_of_the_old_film_is_told_in_words_and_its_watching_is_history(learner, lesson):
    with frozen() as clock:
        viewer = Viewer(clock, learner, lesson)
        viewer.watch(40)
        new_file(lesson, 50)
        viewer.play(10)
        with pytest.raises(progress.FilmReplaced, match="film_replaced"):
            viewer.beat()
    assert WatchBeat.objects.order_by("pk").last().credited == [[40_000, 50_000]]


def test_the_old_film_is_told_to_be_old_also_where_another_device_plays_the_new_one(learner, lesson):
    with frozen() as clock:
        old = Viewer(clock, learner, lesson)
        old.watch(40)
        new_file(lesson, 50)
        new = Viewer(clock, learner, LessonPage.objects.get(pk=lesson.pk))
        old.claim(0, 40)
        with pytest.raises(progress.FilmReplaced):
            old.beat()
        new.watch(10)
    assert LessonProgress.objects.get().coverage == [[0, 10_000]]


def test_a_player_of_a_film_that_was_exported_again_goes_on(learner, lesson):
    with frozen() as clock:
        viewer = Viewer(clock, learner, lesson)
        viewer.watch(40)
        new_file(lesson, 100.4)
        assert viewer.watch(60).coverage.watched_ms == 100_000
