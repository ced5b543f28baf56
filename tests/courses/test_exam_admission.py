"""Who may sit a paper, and what everybody else is told."""

import datetime as dt

import pytest
import time_machine

from courses import admission, exams
from courses.models import Attempt, BlueprintRule
from tests import factories
from tests.courses.test_exam_sitting import NOON, begin, fill, quiz_in


@pytest.fixture
def enrolment(learner, course):
    return factories.enrolment(learner, course)


def fail(enrolment, quiz):
    return exams.submit(begin(enrolment, quiz))


def standing(enrolment, quiz):
    return exams.standing(user=enrolment.user, assessment=quiz, enrolment=enrolment)


def test_standing_before_during_and_after(course, enrolment):
    quiz = quiz_in(course, attempts=3)
    now = standing(enrolment, quiz)
    assert (now.open, now.best, now.passed, now.left, now.next_number, now.hindrance) == (None, None, False, 3, 1, None)
    first = fail(enrolment, quiz)
    second = begin(enrolment, quiz)
    now = standing(enrolment, quiz)
    assert (now.open, now.best, now.left, now.attempts) == (second, first, 1, [second, first])
    fill(second)
    exams.submit(second)
    now = standing(enrolment, quiz)
    assert (now.open, now.best, now.passed, now.hindrance.code) == (None, second, True, "already_passed")


def test_any_number_of_attempts_has_no_end(course, enrolment):
    quiz = quiz_in(course)
    assert [fail(enrolment, quiz).number for _ in range(4)] == [1, 2, 3, 4]
    assert standing(enrolment, quiz).left is None


def test_attempts_run_out(course, enrolment):
    quiz = quiz_in(course, attempts=2)
    fail(enrolment, quiz)
    fail(enrolment, quiz)
    with pytest.raises(exams.NoAttemptsLeft) as refusal:
        begin(enrolment, quiz)
    assert refusal.value.facts == {"allowed": 2}
    assert Attempt.objects.count() == 2


def test_the_last_attempt_that_ran_out_of_time_stays_closed(course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        quiz = quiz_in(course, attempts=1, time_limit=5)
        begin(enrolment, quiz)
        clock.shift(3600)
        with pytest.raises(exams.NoAttemptsLeft):
            begin(enrolment, quiz)
    assert Attempt.objects.get().timed_out


def test_a_new_period_has_new_attempts(course, enrolment, learner):
    quiz = quiz_in(course, attempts=1)
    fail(enrolment, quiz)
    enrolment.ended_at = NOON
    enrolment.save()
    assert begin(factories.enrolment(learner, course, period=2), quiz).number == 1


def test_an_ended_enrolment_takes_no_paper(course, enrolment):
    quiz = quiz_in(course)
    enrolment.ended_at = NOON
    enrolment.save()
    with pytest.raises(exams.Ended):
        begin(enrolment, quiz)


def test_cooling_counts_from_the_last_hand_in(course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        quiz = quiz_in(course, cooling_minutes=30)
        attempt = begin(enrolment, quiz)
        clock.shift(600)
        exams.submit(attempt)
        with pytest.raises(exams.Cooling) as refusal:
            begin(enrolment, quiz)
        assert refusal.value.until == NOON + dt.timedelta(minutes=40)
        assert "2026-11-23 12:40" in refusal.value.message
        clock.move_to(refusal.value.until)
        assert begin(enrolment, quiz).number == 2


def test_after_a_pass_there_is_no_further_attempt(course, enrolment):
    quiz = quiz_in(course)
    attempt = begin(enrolment, quiz)
    fill(attempt)
    exams.submit(attempt)
    with pytest.raises(exams.AlreadyPassed):
        begin(enrolment, quiz)


def test_a_paper_of_another_course_is_unrelated(home, course, enrolment):
    elsewhere = factories.course(home, title="另一门课", lessons=1)
    quiz = quiz_in(elsewhere)
    with pytest.raises(exams.Unrelated):
        begin(enrolment, quiz)


def test_another_persons_enrolment_is_unrelated(course, enrolment, outsider):
    quiz = quiz_in(course)
    with pytest.raises(exams.Unrelated):
        exams.start(user=outsider, assessment=quiz, enrolment=enrolment)
    with pytest.raises(exams.Unrelated):
        exams.start(user=outsider, assessment=quiz)
    assert not Attempt.objects.exists()


def test_a_quiz_of_an_unpublished_lesson_is_unrelated(course, enrolment):
    quiz = quiz_in(course)
    course.lessons().first().unpublish()
    with pytest.raises(exams.Unrelated):
        begin(enrolment, quiz)


def test_a_locked_lesson_keeps_its_quiz_locked(home, learner):
    course = factories.course(home, lessons=2, sequential=True)
    first, second = course.lessons()
    quiz = factories.assessment(course)
    second.body.append(("quiz", quiz))
    second.save_revision().publish()
    enrolment = factories.enrolment(learner, course)
    with pytest.raises(exams.NotYet) as refusal:
        begin(enrolment, quiz)
    assert len(refusal.value.missing) == 1
    assert first.title in refusal.value.missing[0]


def test_the_test_of_a_course_belongs_to_it(course, enrolment):
    course.assessment = factories.assessment(course)
    course.save()
    enrolment.refresh_from_db()
    assert begin(enrolment, course.assessment).enrolment == enrolment


@pytest.fixture
def programme(home, course):
    exam = factories.assessment(course, title="结业考试", kind="exam", attempts=3, time_limit=60)
    return factories.programme(home, [course], exam=exam, exam_needs_courses=True)


def test_the_final_exam_waits_for_the_courses(programme, course, learner):
    place = factories.programme_enrolment(learner, programme)
    with pytest.raises(exams.NotYet) as refusal:
        exams.start(user=learner, assessment=programme.exam, programme_enrolment=place)
    assert len(refusal.value.missing) == 1
    assert course.title in refusal.value.missing[0]
    factories.enrolment(learner, course, completed_at=NOON)
    assert exams.start(user=learner, assessment=programme.exam, programme_enrolment=place).number == 1


def test_a_programme_may_open_its_exam_at_once(programme, learner):
    programme.exam_needs_courses = False
    programme.save()
    place = factories.programme_enrolment(learner, programme)
    assert exams.start(user=learner, assessment=programme.exam, programme_enrolment=place).deadline


def test_passing_the_final_exam_finishes_the_programme(programme, course, learner):
    factories.enrolment(learner, course, completed_at=NOON)
    place = factories.programme_enrolment(learner, programme)
    attempt = exams.start(user=learner, assessment=programme.exam, programme_enrolment=place)
    fill(attempt)
    done = exams.submit(attempt)
    place.refresh_from_db()
    assert place.completed_at == done.submitted_at
    assert place.certificates.count() == 1


def test_a_bank_that_ran_dry_is_a_polite_refusal(course, enrolment):
    quiz = quiz_in(course)
    BlueprintRule.objects.filter(assessment=quiz).update(count=50)
    with pytest.raises(exams.NotReady):
        begin(enrolment, quiz)
    assert not Attempt.objects.exists()


def test_the_place_of_a_paper_is_found_without_being_named(programme, course, enrolment, learner, outsider):
    quiz = quiz_in(course)
    place = factories.programme_enrolment(learner, programme)
    assert admission.place_of(user=learner, assessment=quiz) == enrolment
    assert admission.place_of(user=learner, assessment=programme.exam) == place
    assert admission.place_of(user=outsider, assessment=quiz) is None
