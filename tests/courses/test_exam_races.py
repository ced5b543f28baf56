"""Two tabs, two clicks, two processes: one attempt, one mark, one certificate."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from courses import exams
from courses.models import Attempt, Certificate
from tests import factories
from tests.courses.test_exam_sitting import quiz_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(action, times=6):
    def run(_index):
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.fixture
def learner():
    return factories.user(name="张明远")


@pytest.fixture
def course():
    return factories.course(factories.home(), lessons=1)


def test_starting_in_many_tabs_at_once_gives_one_paper(learner, course):
    quiz = quiz_in(course)
    enrolment = factories.enrolment(learner, course)
    started = at_once(lambda: exams.start(user=learner, assessment=quiz, enrolment=enrolment))
    assert {attempt.pk for attempt in started} == {Attempt.objects.get().pk}
    assert Attempt.objects.get().answers.count() == 3


def test_handing_in_many_times_at_once_marks_and_certifies_once(learner, course):
    exam = factories.assessment(course, kind="exam")
    programme = factories.programme(factories.home(), [course], exam=exam, exam_needs_courses=False)
    place = factories.programme_enrolment(learner, programme)
    factories.enrolment(learner, course, completed_at=place.started_at)
    attempt = exams.start(user=learner, assessment=exam, programme_enrolment=place)
    for row in exams.paper(attempt):
        exams.answer(attempt=attempt, position=row.position, chosen=["A"])
    done = at_once(lambda: exams.submit(attempt))
    assert len({each.submitted_at for each in done}) == 1
    assert {each.passed for each in done} == {True}
    assert Certificate.objects.count() == 1


def test_answers_that_arrive_together_are_all_kept(learner, course):
    quiz = quiz_in(course, questions=6)
    enrolment = factories.enrolment(learner, course)
    attempt = exams.start(user=learner, assessment=quiz, enrolment=enrolment)
    positions = iter(range(1, 7))
    at_once(lambda: exams.answer(attempt=attempt, position=next(positions), chosen=["A"]))
    assert all(row.chosen == ["A"] for row in exams.paper(attempt))
