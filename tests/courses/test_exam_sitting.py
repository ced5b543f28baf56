"""Start, answer, hand in: the paper stays, the clock is the server's, nothing counts twice."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import JSONField, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import exams
from courses.models import Answer, Attempt, BlueprintRule, LessonProgress, Question, QuestionVersion
from tests import factories

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)  # 12:00 in Chengdu


@pytest.fixture
def enrolment(learner, course):
    return factories.enrolment(learner, course)


def quiz_in(course, questions=3, **fields):
    """A quiz in the first lesson of the course."""
    quiz = factories.assessment(course, questions=questions, **fields)
    lesson = course.lessons().first()
    lesson.body.append(("quiz", quiz))
    lesson.save_revision().publish()
    return quiz


def begin(enrolment, quiz):
    return exams.start(user=enrolment.user, assessment=quiz, enrolment=enrolment)


def fill(attempt, key="A", count=None):
    for row in exams.paper(attempt)[:count]:
        exams.answer(attempt=attempt, position=row.position, chosen=[key])


def test_a_learner_takes_a_quiz_and_passes(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    assert (attempt.number, attempt.full_score, attempt.pass_score) == (1, 6, Decimal("3.6"))
    fill(attempt, count=2)
    exams.answer(attempt=attempt, position=3, chosen=["B"], marked=True)
    done = exams.submit(attempt)
    assert (done.score, done.passed, done.timed_out) == (4, True, False)
    assert [row.verdict for row in exams.paper(done)] == ["right", "right", "wrong"]


def test_a_failed_quiz_says_so_and_can_be_tried_again(course, enrolment):
    quiz = quiz_in(course)
    attempt = begin(enrolment, quiz)
    fill(attempt, "B")
    assert exams.submit(attempt).passed is False
    again = begin(enrolment, quiz)
    assert (again.number, again.submitted_at) == (2, None)


def test_a_pass_finishes_a_lesson_that_asks_for_nothing_else(home, learner):
    course = factories.course(home, lessons=0)
    lesson = factories.lesson(course, with_video=False, must_watch=False, kind="reading")
    quiz = factories.assessment(course)
    lesson.body.append(("quiz", quiz))
    lesson.save_revision().publish()
    enrolment = factories.enrolment(learner, course)
    attempt = begin(enrolment, quiz)
    fill(attempt)
    done = exams.submit(attempt)
    assert LessonProgress.objects.get(lesson=lesson).completed_at == done.submitted_at
    enrolment.refresh_from_db()
    assert enrolment.completed_at == done.submitted_at


def test_reload_and_a_second_tab_get_the_same_paper(course, enrolment):
    quiz = quiz_in(course, questions=8)
    first = begin(enrolment, quiz)
    paper = [(row.version_id, row.option_keys) for row in exams.paper(first)]
    fill(first, count=2)
    second = begin(enrolment, quiz)
    assert second == first
    assert [(row.version_id, row.option_keys) for row in exams.paper(second)] == paper
    assert [row.chosen for row in exams.paper(second)][:3] == [["A"], ["A"], []]


def test_a_paper_does_not_change_when_the_bank_or_the_rule_does(course, enrolment):
    quiz = quiz_in(course)
    attempt = begin(enrolment, quiz)
    factories.question(course=course)
    Question.objects.update(retired=True)
    quiz.pass_percent, quiz.partial_credit = 100, True
    quiz.save()
    fill(attempt, count=2)
    done = exams.submit(attempt)
    assert (len(exams.paper(done)), done.pass_score, done.passed) == (3, Decimal("3.6"), True)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(right=st.sets(st.integers(1, 6)))
def test_the_order_shown_does_not_touch_the_mark(course, enrolment, right):
    """Choosing by text on a shuffled paper scores exactly what was known."""
    quiz = course.assessment or factories.assessment(course, questions=6)
    if course.assessment is None:
        course.assessment = quiz
        course.save()
    attempt = begin(enrolment, quiz)
    for row in exams.paper(attempt):
        wanted = "选项A" if row.position in right else "选项C"
        key = next(option["key"] for option in row.shown_options if option["text"].startswith(wanted))
        exams.answer(attempt=attempt, position=row.position, chosen=[key])
    done = exams.submit(attempt)
    assert done.score == 2 * len(right)
    Attempt.objects.all().delete()


def test_answers_can_be_changed_cleared_and_marked(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=1, chosen=["B"])
    exams.answer(attempt=attempt, position=1, chosen=["A"])
    exams.answer(attempt=attempt, position=1, marked=True)
    row = attempt.answers.get(position=1)
    assert (row.chosen, row.marked, row.answered_at is None) == (["A"], True, False)
    exams.answer(attempt=attempt, position=1, chosen=[])
    row.refresh_from_db()
    assert (row.chosen, row.answered_at, row.marked) == ([], None, True)


def test_what_waited_on_a_device_does_not_replace_what_was_chosen_later(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    with time_machine.travel(NOON, tick=False):
        exams.answer(attempt=attempt, position=1, chosen=["A"])
        exams.answer(attempt=attempt, position=1, chosen=["B"], marked=True, age_ms=60_000)
        exams.answer(attempt=attempt, position=2, chosen=["B"], age_ms=60_000)
        exams.answer(attempt=attempt, position=2, chosen=["C"], age_ms=30_000)
    rows = attempt.answers.filter(position__lte=2)
    assert [(row.chosen, row.marked) for row in rows] == [(["A"], True), (["C"], False)]


def test_a_mark_leaves_the_answer_alone(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=1, chosen=["A"])
    exams.answer(attempt=attempt, position=1, marked=True)
    row = attempt.answers.get(position=1)
    assert (row.chosen, row.marked) == (["A"], True)


@pytest.mark.parametrize(
    ("position", "chosen"), [(1, ["Z"]), (1, ["A", "B"]), (9, ["A"]), (0, ["A"]), (1, ["A", "A"]), (1, [""])]
)
def test_an_answer_that_does_not_fit_is_refused(course, enrolment, position, chosen):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=1, chosen=["C"])
    with pytest.raises(exams.BadAnswer):
        exams.answer(attempt=attempt, position=position, chosen=chosen)
    assert attempt.answers.get(position=1).chosen == ["C"]


def test_a_sheet_is_saved_whole_or_not_at_all(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    sheet = [exams.Entry(1, ["A"]), exams.Entry(2, ["Z"])]
    with pytest.raises(exams.BadAnswer):
        exams.save(attempt=attempt, entries=sheet)
    assert not Answer.objects.exclude(answered_at=None).exists()


def test_saving_a_long_sheet_takes_the_same_queries_as_one_answer(course, enrolment, django_assert_num_queries):
    attempt = begin(enrolment, quiz_in(course, questions=12))
    for entries in ([exams.Entry(1, ["A"])], [exams.Entry(position, ["B"]) for position in range(1, 13)]):
        with django_assert_num_queries(5):  # savepoint, attempt, answers, update, release
            exams.save(attempt=attempt, entries=entries)


def test_a_second_submission_changes_nothing(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    fill(attempt)
    first = exams.submit(attempt)
    with time_machine.travel(first.submitted_at + dt.timedelta(hours=1)):
        second = exams.submit(attempt)
    assert (second.submitted_at, second.score) == (first.submitted_at, first.score)


def test_a_paper_handed_in_takes_no_more_answers(course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.submit(attempt)
    with pytest.raises(exams.AlreadySubmitted):
        exams.answer(attempt=attempt, position=1, chosen=["A"])
    assert attempt.answers.get(position=1).chosen == []


def test_the_deadline_is_the_servers_with_a_few_seconds_for_the_way(course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        assert attempt.deadline == NOON + dt.timedelta(minutes=10)
        assert exams.left(attempt) == dt.timedelta(minutes=10)
        fill(attempt, count=2)
        clock.move_to(attempt.deadline + exams.GRACE)
        assert exams.left(attempt) == dt.timedelta(0)
        exams.answer(attempt=attempt, position=3, chosen=["A"])
        clock.shift(1)
        with pytest.raises(exams.TooLate):
            exams.answer(attempt=attempt, position=3, chosen=["B"])
    attempt.refresh_from_db()
    assert (attempt.timed_out, attempt.submitted_at, attempt.score) == (True, attempt.deadline, 6)
    with pytest.raises(exams.TooLate):
        exams.answer(attempt=attempt, position=3, chosen=["B"])


def test_an_expired_paper_is_closed_when_somebody_looks(course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        quiz = quiz_in(course, time_limit=10)
        attempt = begin(enrolment, quiz)
        fill(attempt, count=1)
        clock.shift(3600)
        found = exams.find(user=enrolment.user, uuid=attempt.uuid)
        assert (found.timed_out, found.submitted_at, found.passed) == (True, attempt.deadline, False)
        assert begin(enrolment, quiz).number == 2


def test_the_tick_closes_all_that_have_run_out(course, home, learner, outsider):
    with time_machine.travel(NOON, tick=False) as clock:
        quiz = quiz_in(course, time_limit=10)
        late = [begin(factories.enrolment(user, course), quiz) for user in (learner, outsider)]
        clock.shift(9 * 60)
        fresh = begin(factories.enrolment(factories.user(), course), quiz)
        clock.shift(61 + 5)
        assert exams.close_expired() == 2
        assert exams.close_expired() == 0
    assert set(Attempt.objects.filter(timed_out=True)) == set(late)
    fresh.refresh_from_db()
    assert fresh.submitted_at is None


def test_a_paper_that_cannot_be_marked_does_not_hold_up_the_others(course, learner, outsider):
    with time_machine.travel(NOON, tick=False) as clock:
        quiz = quiz_in(course, time_limit=10, questions=1)
        broken = begin(factories.enrolment(learner, course), quiz)
        QuestionVersion.objects.update(answer=Value(None, JSONField()))
        BlueprintRule.objects.update(count=1)
        factories.question(course=course)
        Question.objects.filter(current=broken.answers.get().version).update(retired=True)
        sound = begin(factories.enrolment(outsider, course), quiz)
        clock.shift(3600)
        with pytest.raises(ExceptionGroup):
            exams.close_expired()
    assert list(Attempt.objects.filter(timed_out=True)) == [sound]


def test_the_worker_closes_papers_among_its_duties(course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        clock.shift(3600)
        call_command("tick")
    attempt.refresh_from_db()
    assert attempt.timed_out


def test_partial_credit_adds_up_on_the_paper(course, enrolment):
    quiz = quiz_in(course, questions=0, partial_credit=True, pass_percent=60, shuffle_options=True)
    for _ in range(3):
        factories.question(kind="multiple", answer=("A", "B", "C"), course=course)
    BlueprintRule.objects.filter(assessment=quiz).update(score_each=4)
    attempt = begin(enrolment, quiz)
    for position, chosen in enumerate((["C", "A"], ["A", "B", "C"], ["A", "D"]), start=1):
        exams.answer(attempt=attempt, position=position, chosen=chosen)
    done = exams.submit(attempt)
    assert [row.score for row in exams.paper(done)] == [Decimal("2.67"), 4, 0]
    assert (done.score, done.full_score, done.passed) == (Decimal("6.67"), 12, False)
    assert [row.verdict for row in exams.paper(done)] == ["part", "right", "wrong"]


def test_handing_in_takes_the_same_queries_for_any_length(home, learner, django_assert_num_queries):
    for length in (2, 12):
        course = factories.course(home, lessons=1)
        attempt = begin(factories.enrolment(learner, course), quiz_in(course, questions=length, pass_percent=100))
        with django_assert_num_queries(6):  # savepoint, attempt, paper, scores, attempt, release
            exams.submit(attempt)
