"""The fifteen attacks on watching that the market has seen, each carried out through the public doors.

None may earn credit beyond real elapsed time × the fastest speed of the course. `attacker` counts the real time from
its first moment and looks at the evidence that is left, not at what an answer says.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses import enrolment, suspicion
from courses.models import Enrolment, Flag, LessonProgress, WatchBeat, WatchSession
from media.models import Delivery
from tests import factories
from tests.courses.viewer import Screen, credited, finished, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def attacker(clock, learner, lesson):
    enrolment.enrol(learner, lesson.course)
    started = timezone.now()
    screen = Screen(clock, learner, lesson)

    def bounded(rate=Decimal("1.5")):
        real = (timezone.now() - started).total_seconds()
        assert credited(learner) <= real * float(rate) + 0.001
        return True

    screen.bounded = bounded
    return screen


def test_01_dragging_to_the_end(attacker, learner):
    attacker.play(5)
    attacker.seek(99)
    attacker.play(1)
    attacker.beat()
    assert credited(learner) == 6
    assert attacker.bounded()
    assert not finished(learner)


def test_02_calling_completion_directly(attacker, learner, lesson):
    """No address takes a completion, and none of those that write believes the word."""
    attacker.wait(1)
    told = attacker.browser.get("/api/v1/openapi.json").json()["paths"]
    writing = {path for path, verbs in told.items() if set(verbs) & {"post", "put", "patch", "delete"}}
    assert not [path for path in writing if "complet" in path or "progress" in path]
    done = {"complete": True, "completed": True, "completed_at": "2026-03-02T01:00:00Z", "progress": 100}
    attacker.beat(**done, coverage=[[0, 100_000]], verdict="ok", credited_ms=100_000)
    attacker.send(attacker.body(**done), leaving=True)
    row = Enrolment.objects.get(user=learner)
    for verb in (attacker.browser.put, attacker.browser.patch, attacker.browser.post, attacker.browser.delete):
        answer = verb(f"/api/v1/me/enrolments/{row.uuid}", json.dumps(done), content_type="application/json")
        assert answer.status_code == 405
    attacker.post(f"/api/v1/lessons/{lesson.pk}/player", done)
    attacker.browser.post(reverse("finish_reading", args=[lesson.pk]))  # meant for lessons that are only read
    assert credited(learner) == 0
    assert attacker.bounded()
    assert not finished(learner)


@pytest.mark.parametrize("pieces", [1, 200])
def test_03_posting_a_full_coverage_map(attacker, learner, pieces):
    whole = [[n * 100_000 // pieces, (n + 1) * 100_000 // pieces] for n in range(pieces)]
    attacker.beat(intervals=whole)
    assert credited(learner) == 0  # no time has passed
    attacker.wait(10)
    attacker.beat(intervals=whole)
    assert (attacker.receipt["credited_ms"], attacker.receipt["verdict"]) == (15_000, "trimmed")
    assert attacker.bounded()
    assert not finished(learner)


def test_04_a_false_short_duration_as_the_first_report(attacker, learner):
    attacker.wait(1)
    attacker.claim(0, 1)
    told = attacker.beat(duration=1, duration_ms=1_000, length=1, coverage={"duration_ms": 1_000})
    assert (told["coverage"]["duration_ms"], told["coverage"]["needed_ms"]) == (100_000, 90_000)
    assert set(WatchSession.objects.values_list("duration_ms", flat=True)) == {100_000}
    assert attacker.bounded()
    assert not finished(learner)


def test_05_reporting_a_huge_position(attacker, learner):
    attacker.wait(10)
    attacker.beat(position=24 * 3_600_000)
    record = LessonProgress.objects.get()
    assert (record.watched_ms, record.position_ms) == (0, 100_000)
    attacker.wait(10)
    attacker.claim(80_000, 86_400)  # and a stretch out there
    attacker.beat()
    assert attacker.bounded()
    assert credited(learner) == 0
    assert not finished(learner)


def test_06_clicking_the_bar_again_and_again_and_reloading(attacker, learner):
    """Each click a second further on, each reload a fresh player that may begin where the last one stood."""
    for at in range(0, 100, 5):
        attacker.seek(at)
        attacker.play(0.5)
        attacker.leave()
        attacker.reload()
    assert credited(learner) == 10
    assert attacker.bounded()
    assert not finished(learner)


@pytest.mark.parametrize("speed", [4, 8, 16])
def test_07_playing_at_four_to_sixteen_times_the_speed(attacker, learner, speed):
    for told in (speed, 1):  # whether or not the page admits it
        attacker.play(3, rate=speed)
        attacker.beat(rate=told)
    assert credited(learner) <= 6 * 1.5
    assert attacker.bounded()
    assert not finished(learner)


def test_08_two_tabs_and_two_devices_at_once(attacker, clock, learner, course):
    second = list(course.lessons())[1]
    tab = Screen(clock, learner, attacker.lesson)
    device = Screen(clock, learner, second)
    for _ in range(6):
        clock.shift(10)
        for screen in (attacker, tab, device):
            screen.claim(0, 100)
            screen.beat()
    assert (attacker.answer.status_code, tab.answer.status_code, device.answer.status_code) == (409, 409, 200)
    assert attacker.answer.json()["code"] == "superseded"
    assert attacker.bounded()
    assert credited(learner) == 60 * 1.5  # of the one that was opened last
    assert WatchSession.objects.open().count() == 1


def test_09_replaying_captured_beats(attacker, clock, learner, outsider):
    attacker.play(10)
    captured = attacker.body()
    attacker.send(captured)
    for _ in range(5):
        attacker.wait(10)
        attacker.send(captured)  # the same number
        attacker.send({**captured, "sequence": captured["sequence"] + _ + 1})  # another number
    attacker.reload()
    attacker.send({**captured, "token": attacker.player["token"], "sequence": 1})  # in another player
    thief = Client()
    thief.force_login(outsider)
    assert thief.post("/api/v1/beats", captured, content_type="application/json").status_code == 403
    assert credited(learner) == 10
    assert credited(outsider) == 0
    assert attacker.bounded()


@pytest.mark.parametrize("told", ["2036-01-01T00:00:00Z", "2016-01-01T00:00:00Z"], ids=["future", "past"])
def test_10_timestamps_of_another_time(attacker, learner, told):
    """There is no field for a time, and those that are invented are not read."""
    stamps = dict.fromkeys(("time", "timestamp", "sent_at", "received_at", "opened_at", "last_beat_at"), told)
    attacker.wait(10)
    attacker.beat(intervals=[[0, 100_000]], **stamps)
    attacker.post("/api/v1/beats", attacker.body(intervals=[[0, 100_000]], **stamps), headers={"Date": told})
    assert set(WatchBeat.objects.values_list("received_at", flat=True)) == {timezone.now()}
    assert credited(learner) == 15
    assert attacker.bounded()


def test_11_a_burst_of_late_batched_beats(attacker, learner):
    attacker.wait(20)
    for n in range(50):
        attacker.claim(n * 2, n * 2 + 2)
        attacker.beat()
    assert credited(learner) == 30
    assert attacker.bounded()
    assert not finished(learner)


@pytest.mark.django_db(transaction=True)
def test_11_a_burst_at_the_same_moment(learner, course):
    """The same with eight connections at once, on the real clock."""
    enrolment.enrol(learner, course)
    began = timezone.now()
    with frozen(began) as clock:
        screen = Screen(clock, learner, course.lessons().first())
        clock.shift(20)
        bodies = [screen.body(intervals=[[n * 2_000, n * 2_000 + 2_000]]) for n in range(40)]

        def send(body):
            try:
                own = Client()
                own.cookies = screen.browser.cookies
                return own.post("/api/v1/beats", body, content_type="application/json").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(send, bodies)) == {200}
    assert credited(learner) == 30


def test_12_suppressing_the_question(clock, learner, home):
    """The page never shows it, never answers, blocks its address: the clock stops on the server all the same."""
    course = factories.course(home, lessons=1, seconds=3_600, attention=True, attention_minutes=5)
    enrolment.enrol(learner, course)
    started = timezone.now()
    screen = Screen(clock, learner, course.lessons().get())
    asked_at = None
    while (timezone.now() - started).total_seconds() < 3_600:
        screen.play(10)
        screen.beat()
        if screen.receipt["question"] and asked_at is None:
            asked_at = (timezone.now() - started).total_seconds()
    assert credited(learner) <= asked_at + 90 + 10
    assert screen.receipt["question"]["stopped"]
    for _ in range(5):  # nor does a new page help
        screen.reload()
        screen.seek(asked_at + 100)
        screen.play(300)
        screen.beat()
    assert credited(learner) <= asked_at + 90 + 10
    assert not finished(learner)


def test_13_beating_on_after_the_segments_stopped(clock, learner, home, settings):
    """Nothing is fetched any more and the beats go on: no more than the clock allows, and put before people."""
    settings.DELIVERIES = "app"
    course = factories.course(home, lessons=1, seconds=3_600)
    enrolment.enrol(learner, course)
    screen = Screen(clock, learner, course.lessons().get())
    video = screen.lesson.video
    hour = timezone.now().replace(minute=0, second=0)
    Delivery.objects.create(viewer=learner, video=video, run=uuid4(), hour=hour, segments=[[0, 10]])
    screen.watch(40)
    type(video).objects.update(run=None)
    screen.watch(400, rate=4)
    assert credited(learner) <= 440 * 1.5
    assert not finished(learner)
    screen.leave()
    screen.wait(3_600)
    before = credited(learner)
    suspicion.look()
    assert Flag.objects.get(kind="undelivered").enrolment.user == learner
    assert credited(learner) == before


def test_14_a_reset_and_then_a_skip(attacker, learner, course):
    attacker.watch(60)
    attacker.browser.post(reverse("study_again", args=[course.pk]))  # refused: the period is not finished
    assert Enrolment.objects.get(user=learner).ended_at is None
    enrolment.again(learner, course)  # as somebody in the office may do
    attacker.claim(60, 100)
    attacker.wait(1)
    attacker.beat()
    assert attacker.answer.json()["code"] == "enrolment_ended"
    attacker.reload()
    attacker.seek(95)
    attacker.play(4)
    attacker.beat()
    current = LessonProgress.objects.get(enrolment__ended_at=None)
    assert current.watched_ms == 4_000  # nothing of the first period
    assert attacker.bounded()
    assert not finished(learner)


def test_15_a_lesson_not_enrolled_or_held_back(clock, learner, outsider, home):
    course = factories.course(home, lessons=2, sequential=True)
    first, second = course.lessons()
    stranger = Screen(clock, outsider, first)
    assert (stranger.opening.status_code, stranger.player["code"]) == (403, "not_enrolled")
    enrolment.enrol(learner, course)
    ahead = Screen(clock, learner, second)
    assert (ahead.opening.status_code, ahead.player["code"]) == (403, "locked")
    own = Screen(clock, learner, first)
    clock.shift(60)
    for screen in (stranger, ahead):  # with no token, an invented one, and somebody else's
        for token in ("", "x" * 60, own.player["token"][:-4] + "AAAA"):
            screen.player = {"token": token}
            screen.send(screen.body(intervals=[[0, 90_000]]))
            assert screen.answer.status_code == 403
    stranger.player = own.player
    assert stranger.send(stranger.body(intervals=[[0, 90_000]]))["code"] == "forged"
    assert not WatchBeat.objects.exists()
    assert WatchSession.objects.get().progress.lesson_id == first.pk
