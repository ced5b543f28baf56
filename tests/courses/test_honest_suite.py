"""Twelve ways in which honest people watch. Each is credited within two per cent of what was really played."""

import time
from decimal import Decimal
from random import Random

import pytest

from courses import enrolment
from courses.models import LessonProgress, WatchBeat, WatchSession
from tests import factories
from tests.courses.viewer import Screen, credited, finished, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def open_lesson(clock, learner, home):
    """A lesson of that length in a course with those rules, on a screen."""

    def opened(seconds=600, **rules):
        course = factories.course(home, lessons=1, seconds=seconds, **rules)
        enrolment.enrol(learner, course)
        return Screen(clock, learner, course.lessons().get())

    return opened


def assert_fair(user, truth):
    """Seconds of film that were really played, each counted once."""
    assert abs(credited(user) - truth) <= truth * 0.02
    records = LessonProgress.objects.filter(enrolment__user=user)
    assert sum(record.watched_ms for record in records) == round(credited(user) * 1000)


def test_01_pausing_and_going_on(open_lesson, learner):
    screen = open_lesson()
    for pause in (1, 30, 600, 7_200):
        screen.watch(60)
        screen.wait(pause)
    assert_fair(learner, 240)


def test_02_a_browser_that_dies_and_a_telephone_that_goes_on(open_lesson, clock, learner):
    screen = open_lesson()
    screen.watch(300)
    screen.play(4)  # never told: the browser is gone
    clock.shift(5 * 3_600)
    phone = Screen(clock, learner, screen.lesson)
    assert phone.player["resume_ms"] == 300_000
    phone.seek(300)
    phone.watch(300)
    assert_fair(learner, 600)
    assert finished(learner)


def test_03_a_fifth_of_all_packets_lost(open_lesson, learner):
    """A beat or its answer: the page sends the same one again until it is acknowledged."""
    chance = Random(3)
    screen = open_lesson()
    for _ in range(60):
        screen.play(10)
        body = screen.body()
        acknowledged = False
        while not acknowledged:
            if chance.random() >= 0.2:
                screen.send(body)
                acknowledged = chance.random() >= 0.2
            if not acknowledged:
                screen.wait(2)
                screen.at += 2_000  # the film runs on meanwhile
                screen.played.append([screen.at - 2_000, screen.at])
    assert_fair(learner, 600)


def test_04_three_minutes_without_network_out_of_the_buffer(open_lesson, learner):
    screen = open_lesson()
    screen.watch(60)
    screen.play(180)
    screen.beat()
    assert screen.receipt["verdict"] == "ok"
    screen.watch(60)
    assert_fair(learner, 300)


def test_05_twice_the_speed_where_the_course_allows_it(open_lesson, learner):
    screen = open_lesson(max_rate=Decimal(2))
    screen.watch(300, rate=2)
    assert set(WatchBeat.objects.values_list("verdict", flat=True)) == {"ok"}
    assert_fair(learner, 600)
    assert finished(learner)


def test_06_watching_a_part_again_before_going_on(open_lesson, learner):
    screen = open_lesson()
    for _ in range(3):
        screen.seek(0)
        screen.watch(200)
    screen.watch(100)
    assert_fair(learner, 300)


@pytest.mark.parametrize(("pauses", "truth"), [(False, 90), (True, 60)], ids=["counts", "does-not-count"])
def test_07_a_tab_in_the_background_as_published(open_lesson, learner, pauses, truth):
    """Where the course says so, what played in a hidden page is not counted; elsewhere it is."""
    screen = open_lesson(pause_when_hidden=pauses)
    screen.watch(30)
    for _ in range(3):
        screen.play(10)
        screen.beat(visible=False)
    screen.watch(30)
    assert_fair(learner, truth)


@pytest.mark.parametrize("days", [-1, 1])
def test_08_a_device_whose_clock_is_wrong_by_a_day(open_lesson, learner, days):
    """Nothing that a device says of the time is read, so there is nothing to go wrong."""
    screen = open_lesson()
    for _ in range(30):
        screen.play(10)
        here = time.time() + days * 86_400
        screen.beat(sent_at=here, timestamp=here * 1000)
    assert screen.receipt["recorded_at"] == "09:05"  # as the school's clock has it
    assert_fair(learner, 300)


def test_09_a_last_frame_that_never_comes(open_lesson, learner):
    """Players stop a little before the end and never say that it has ended; a whole lesson must be possible."""
    screen = open_lesson(threshold=100)
    screen.watch(599.2)
    assert_fair(learner, 600)
    assert finished(learner)


def test_10_three_hundred_learners_behind_one_address(clock, home):
    """An office with one public address: nobody is slowed down or refused."""
    course = factories.course(home, lessons=1, seconds=60)
    lesson = course.lessons().get()
    people = [factories.user(name=f"学员{n}", email=f"nat{n}@example.org") for n in range(300)]
    for person in people:
        enrolment.enrol(person, course)
    screens = [Screen(clock, person, lesson) for person in people]
    clock.shift(30)
    for screen in screens:
        screen.claim(0, 30)
        screen.beat()
    assert {screen.answer.status_code for screen in screens} == {200}
    assert WatchSession.objects.open().count() == 300
    for person in people:
        assert credited(person) == 30


def test_11_lesson_after_lesson_in_tabs_of_their_own(clock, learner, home):
    course = factories.course(home, lessons=3, seconds=120)
    enrolment.enrol(learner, course)
    tabs = []
    for lesson in course.lessons():
        tab = Screen(clock, learner, lesson)
        tab.watch(120)
        tabs.append(tab)
    for tab in tabs:  # all still open; each closes with its last word
        tab.leave()
    assert_fair(learner, 360)
    assert LessonProgress.objects.exclude(completed_at=None).count() == 3


def test_12_changing_captions_and_quality(open_lesson, learner):
    """The player buffers anew: stretches break off and begin again with a sliver of overlap or a frame missing."""
    screen = open_lesson()
    for n in range(60):
        screen.play(10)
        screen.beat()
        screen.wait(0.8)  # the film stands still
        screen.at += 40 if n % 2 else -250
    assert_fair(learner, screen.at / 1000)
