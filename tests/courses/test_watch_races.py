"""Many requests at the same moment, each with a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from courses import completion, enrolment, progress
from courses.models import (
    Certificate,
    Enrolment,
    LessonProgress,
    ProgrammeEnrolment,
    WatchBeat,
    WatchSession,
)
from courses.progress import Beat
from lms.models import Participation
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count, call):
    """What `count` threads got that called at the same time: a result or an exception each."""
    barrier = Barrier(count)

    def one(n):
        barrier.wait()
        try:
            return call(n)
        except Exception as error:  # the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def person():
    return factories.user(name="张明远", email="racer@example.org")


@pytest.fixture
def course():
    return factories.course(factories.home(), lessons=1, seconds=20)


def long_open(person, lesson):
    """A player that has been open for a minute."""
    session = progress.open_player(person, lesson)
    before = timezone.now() - timedelta(minutes=1)
    WatchSession.objects.filter(pk=session.pk).update(opened_at=before, last_beat_at=before)
    return session


def test_twenty_enrolments_at_once_are_one(person, course):
    found = at_once(20, lambda n: enrolment.enrol(person, course).pk)
    assert len(set(found)) == 1
    assert Enrolment.objects.count() == 1


def test_twenty_players_at_once_leave_one_open(person, course):
    enrolment.enrol(person, course)
    lesson = course.lessons().get()
    opened = at_once(20, lambda n: progress.open_player(person, lesson).pk)
    assert len(set(opened)) == 20
    assert WatchSession.objects.open().count() == 1


def test_the_same_beat_twenty_times_at_once_is_one(person, course):
    enrolment.enrol(person, course)
    session = long_open(person, course.lessons().get())
    beat = Beat(1, [[0, 10_000]])
    receipts = at_once(20, lambda n: progress.watch(user=person, session=session.uuid, beat=beat))
    assert [receipt.credited_ms for receipt in receipts] == [10_000] * 20
    assert WatchBeat.objects.count() == 1


def test_different_beats_at_once_share_one_account(person, course):
    enrolment.enrol(person, course)
    lesson = course.lessons().get()
    session = progress.open_player(person, lesson)
    at_once(20, lambda n: progress.watch(user=person, session=session.uuid, beat=Beat(n + 1, [[0, 20_000]])))
    passed = (timezone.now() - session.opened_at) / timedelta(milliseconds=1)
    assert LessonProgress.objects.get().watched_ms <= passed * 1.5
    assert WatchBeat.objects.count() == 20


def finished_once():
    return [
        Enrolment.objects.completed().count(),
        list(Participation.objects.order_by("kind").values_list("kind", flat=True)),
        Certificate.objects.count(),
    ] == [1, ["lesson", "programme"], 1]


def test_twenty_last_beats_at_once_are_one_completion_and_one_certificate(person, course):
    enrolment.join(person, factories.programme(factories.home(), [course]))
    session = long_open(person, course.lessons().get())
    at_once(20, lambda n: progress.watch(user=person, session=session.uuid, beat=Beat(n + 1, [[0, 20_000]])))
    assert finished_once()


def test_twenty_completions_at_once_are_one_row_and_one_certificate(person, course):
    enrolment.join(person, factories.programme(factories.home(), [course]))
    row, lesson = Enrolment.objects.get(), course.lessons().get()
    LessonProgress.objects.create(
        enrolment=row, lesson=lesson, video=lesson.video, duration_ms=20_000, coverage=[[0, 20_000]], watched_ms=20_000
    )
    assert at_once(20, lambda n: completion.settle(row)) == [None] * 20
    assert finished_once()


def test_courses_finished_at_once_finish_their_programme_once(person):
    home = factories.home()
    courses = [factories.course(home, lessons=1, title=f"课程{n}") for n in range(4)]
    enrolment.join(person, factories.programme(home, courses))
    author = factories.user(name="处员")
    rows = list(Enrolment.objects.order_by("pk"))
    found = at_once(4, lambda n: completion.override(enrolment=rows[n], author=author, reason="线下已学"))
    assert [str(each) for each in found if isinstance(each, Exception)] == []
    assert ProgrammeEnrolment.objects.get().completed_at
    assert Certificate.objects.count() == 1
    assert Participation.objects.filter(kind="programme").count() == 1
