"""Live minutes lie on the film that was made of the broadcast, as it was cut, and on no other."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from courses import completion, evidence, progress
from courses.models import Attendance, Enrolment, LessonPage, LessonProgress
from live import publishing, recordings, settling
from live.models import Broadcast, Presence
from lms.models import Participation
from tests import factories
from tests.live import streams
from tests.live.replays import give_a_film, ready

pytestmark = [pytest.mark.django_db, pytest.mark.films]


def test_live_minutes_fill_no_gap_of_another_film(taught, lesson, course, learner, trainer, began):
    """They are minutes live, of the broadcast itself; the film is watched from its own beginning."""
    factories.enrolment(learner, course)
    present = [(began, began + timedelta(seconds=6)), (began + timedelta(seconds=60), began + timedelta(seconds=66))]
    streams.stay(taught, learner, *present)
    give_a_film(lesson)
    taught.refresh_from_db()
    settling.settle(taught)
    assert not LessonProgress.objects.filter(lesson=lesson).exists()
    assert Participation.objects.get(person=learner.ledger_key).unit == f"broadcast:{taught.uuid}"


def test_a_film_that_came_between_settlement_and_review(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    settling.settle(taught)
    give_a_film(lesson)
    ready(taught)
    publishing.publish(taught, by=trainer)
    publishing.retime.func(taught.pk)
    assert LessonProgress.objects.get(lesson=lesson).coverage == []


def told(learner, course, lesson):
    """What the page of the lesson shows as covered, and what a player begins with."""
    page, study = LessonPage.objects.get(pk=lesson.pk), Enrolment.objects.get(user=learner, course=course)
    shown = completion.lesson_report(study, page).coverage.seen
    return shown, progress.open_player(learner, page).progress.coverage


@pytest.mark.parametrize("kind", [LessonPage.Kind.LIVE, LessonPage.Kind.VIDEO])
def test_a_film_that_came_after_settlement_is_a_timeline_of_its_own(taught, lesson, course, learner, began, kind):
    LessonPage.objects.filter(pk=lesson.pk).update(kind=kind)
    study = factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    settling.settle(taught)
    assert completion.lesson_report(study, LessonPage.objects.get(pk=lesson.pk)).coverage.seen == [[0, 6_000]]
    give_a_film(lesson)
    assert told(learner, course, lesson) == ([], [])
    evidence.recompute(study)
    assert told(learner, course, lesson) == ([], [])
    assert Attendance.objects.get().intervals == [[0, 6_000]]  # nothing is forgotten


def test_who_finished_the_lesson_live_has_finished_it_beside_any_film(taught, lesson, course, learner, began):
    study = factories.enrolment(learner, course)
    present = [(began, began + timedelta(seconds=6)), (began + timedelta(seconds=60), began + timedelta(seconds=66))]
    streams.stay(taught, learner, *present)
    settling.settle(taught)
    done = study.lessons.get().completed_at
    give_a_film(lesson)
    evidence.recompute(study)
    assert done
    assert study.lessons.get().completed_at == done


def test_another_film_in_the_place_of_the_replay(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    settling.settle(taught)
    ready(taught)
    publishing.publish(taught, by=trainer)
    assert told(learner, course, lesson)[1] == [[0, 6_000]]  # at once
    publishing.retime.func(taught.pk)
    assert told(learner, course, lesson) == ([[0, 6_000]], [[0, 6_000]])

    replay = LessonPage.objects.get(pk=lesson.pk)
    replay.body[0] = ("video", factories.video(seconds=600))
    replay.save_revision().publish()
    assert told(learner, course, lesson) == ([], [])
    replay.body[0] = ("video", taught.film)
    replay.save_revision().publish()
    assert told(learner, course, lesson)[1] == [[0, 6_000]]


def test_presence_that_is_settled_after_the_review_lies_on_the_film(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    ready(taught)
    stale = Broadcast.objects.get()
    publishing.publish(taught, by=trainer)
    settling.settle(stale)  # begun before
    assert Attendance.objects.get().video == taught.film
    assert told(learner, course, lesson) == ([[0, 6_000]], [[0, 6_000]])


def test_another_film_while_presence_is_settled(taught, lesson, course, learner, trainer, began):
    """The round began before the review; the replay was replaced before it came to this person."""
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    ready(taught)
    stale = Broadcast.objects.select_related("lesson").get()
    publishing.publish(taught, by=trainer)
    replay = LessonPage.objects.get(pk=lesson.pk)
    replay.body[0] = ("video", factories.video(seconds=600))
    replay.save_revision().publish()
    settling.settle(stale)
    assert LessonProgress.objects.get(lesson=lesson).coverage == []


def test_presence_of_before_is_laid_on_the_replay_that_is_shown(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=6)))
    settling.settle(taught)
    ready(taught)
    publishing.publish(taught, by=trainer)
    Attendance.objects.update(video=None)
    import_module("live.migrations.0004_presence_of_shown_replays").lay(apps, None)
    assert Attendance.objects.get().video == taught.film
    assert told(learner, course, lesson) == ([[0, 6_000]], [[0, 6_000]])


def test_presence_lies_on_the_timeline_of_the_film_as_it_was_cut(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=5)))
    ready(taught)
    recordings.cut(taught, 2_000, None, by=trainer)
    recordings.prepare.func(taught.pk)
    taught.refresh_from_db()
    publishing.publish(taught, by=trainer)
    assert settling.settle_due() == 1
    row = Attendance.objects.get()
    assert (row.intervals, row.duration_ms) == ([[0, 3_000]], 10_000)
    progress = LessonProgress.objects.get(lesson=lesson)
    assert (progress.video, progress.coverage, progress.duration_ms) == (taught.film, [[0, 3_000]], 10_000)


def test_presence_that_was_settled_before_the_cut_moves_with_it(taught, lesson, course, learner, trainer, began):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (began, began + timedelta(seconds=5)))
    ready(taught)
    settling.settle(taught)
    assert Attendance.objects.get().intervals == [[0, 5_000]]
    recordings.cut(taught, 2_000, None, by=trainer)
    recordings.prepare.func(taught.pk)
    taught.refresh_from_db()
    publishing.publish(taught, by=trainer)
    publishing.retime.func(taught.pk)
    assert (Attendance.objects.get().intervals, Presence.objects.get().intervals) == ([[0, 3_000]], [[0, 5_000]])
    assert LessonProgress.objects.get(lesson=lesson).coverage == [[0, 3_000]]
