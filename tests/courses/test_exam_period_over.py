"""A paper left open when its period of study ends is handed in as it stands; it counts for no period any more."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from courses import enrolment as studies
from courses import exams
from courses.models import Attempt, Enrolment, ProgrammeEnrolment
from tests import factories
from tests.courses.test_exam_sitting import begin, fill, quiz_in

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def left_open(clock, learner, course):
    """Two of three questions are answered rightly, enough to pass; then the learner begins a new period."""
    attempt = begin(factories.enrolment(learner, course), quiz_in(course))
    fill(attempt, count=2)
    clock.shift(60)
    studies.again(learner, course)
    clock.shift(60)
    return attempt


def now(attempt):
    return Attempt.objects.get(pk=attempt.pk)


def test_an_answer_is_refused_and_nothing_is_lost(left_open):
    with pytest.raises(exams.PeriodOver) as refused:
        exams.answer(attempt=left_open, position=3, chosen=["A"])
    assert "has ended" in refused.value.message or "已" in refused.value.message
    attempt = now(left_open)
    assert attempt.submitted_at == NOON + dt.timedelta(seconds=60)
    assert [row.chosen for row in exams.paper(attempt)] == [["A"], ["A"], []]
    assert (attempt.passed, attempt.timed_out) == (True, False)
    with pytest.raises(exams.PeriodOver):
        exams.answer(attempt=left_open, position=3, chosen=["A"])


def test_it_settles_neither_period(left_open, learner, course):
    exams.submit(left_open)
    assert now(left_open).passed
    assert not Enrolment.objects.filter(user=learner).exclude(completed_at=None).exists()
    assert (
        exams.standing(user=learner, assessment=left_open.assessment, enrolment=studies.current(learner, course)).open
        is None
    )
    assert begin(studies.current(learner, course), left_open.assessment).number == 1


def test_the_duty_hands_it_in(left_open):
    assert exams.close_expired() == 1
    assert now(left_open).submitted_at == NOON + dt.timedelta(seconds=60)
    assert exams.close_expired() == 0


def test_the_pages_lead_to_the_result(client, left_open, learner):
    client.force_login(learner)
    answer = client.post(
        reverse("attempt_answer", args=[left_open.uuid]), '{"position": 3, "chosen": ["A"]}',
        content_type="application/json",
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment_ended")
    assert answer.json()["result"] == reverse("attempt_result", args=[left_open.uuid])
    page = client.get(reverse("attempt", args=[left_open.uuid]))
    assert page["Location"] == answer.json()["result"]
    assert client.get(page["Location"]).status_code == 200


def test_the_exam_of_a_programme_too(clock, learner, home):
    exam = factories.assessment(kind="exam", time_limit=60)
    factories.question()
    programme = factories.programme(home, [factories.course(home)], exam=exam, exam_needs_courses=False)
    joined = factories.programme_enrolment(learner, programme)
    attempt = exams.start(user=learner, assessment=exam, programme_enrolment=joined)
    fill(attempt)
    ProgrammeEnrolment.objects.filter(pk=joined.pk).update(ended_at=timezone.now())
    clock.shift(10)
    with pytest.raises(exams.PeriodOver):
        exams.answer(attempt=attempt, position=1, chosen=["B"])
    joined.refresh_from_db()
    assert joined.completed_at is None
    assert now(attempt).submitted_at == NOON


def test_a_deadline_before_the_end_stays_the_reason(clock, learner, course):
    quiz = quiz_in(course, time_limit=1)
    attempt = begin(factories.enrolment(learner, course), quiz)
    clock.shift(600)
    Enrolment.objects.update(ended_at=timezone.now())
    clock.shift(60)
    with pytest.raises(exams.TooLate):
        exams.answer(attempt=attempt, position=1, chosen=["A"])
    assert now(attempt).submitted_at == NOON + dt.timedelta(seconds=60)
