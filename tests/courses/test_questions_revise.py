"""Words of a question have versions; what is malformed is said at once and completely."""

import pytest

from courses import exams, questions
from courses.models import Question, QuestionVersion
from tests import factories

OPTIONS = [{"key": key, "text": f"选项{key}"} for key in "ABCD"]


def words(**changes):
    return {"stem": "新的题干", "options": OPTIONS, "answer": ["B"], "explanation": "因为"} | changes


def test_a_revision_is_a_new_version_and_old_papers_keep_theirs(course, learner, editor):
    paper = factories.assessment(course, questions=1)
    course.assessment = paper
    course.save()
    attempt = exams.start(user=learner, assessment=paper, enrolment=factories.enrolment(learner, course))
    question = Question.objects.get()

    made = questions.revise(question, author=editor, **words())

    assert (made.number, made.author, question.current) == (2, editor, made)
    (row,) = exams.paper(attempt)
    assert row.version.number == 1
    exams.answer(attempt=attempt, position=1, chosen=["A"])
    assert exams.submit(attempt).passed


def test_the_same_words_make_no_new_version(db):
    question = factories.question()
    first = questions.revise(question, **words())
    again = questions.revise(question, **words(stem="  新的题干 "))
    assert again == first
    assert QuestionVersion.objects.filter(question=question).count() == 2


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("single", {"stem": "  "}, "stem"),
        ("single", {"answer": []}, "answer"),
        ("single", {"answer": ["A", "B"]}, "answer"),
        ("single", {"answer": ["Z"]}, "answer"),
        ("single", {"options": OPTIONS[:1], "answer": ["A"]}, "options"),
        ("single", {"options": [*OPTIONS, {"key": "A", "text": "又一个"}]}, "options"),
        ("single", {"options": [*OPTIONS, {"key": "E", "text": "选项 a"}]}, "options"),
        ("single", {"options": [*OPTIONS, {"key": "E", "text": " "}]}, "options"),
        ("single", {"options": [*OPTIONS, {"key": "é", "text": "又一个"}]}, "options"),
        ("multiple", {"answer": ["A"]}, "answer"),
        ("multiple", {"answer": ["A", "A"]}, "answer"),
        ("truefalse", {"answer": ["A"]}, "options"),
    ],
)
def test_malformed_words_are_refused_with_their_field(db, kind, change, field):
    question = factories.question(kind=kind, answer=("T",) if kind == "truefalse" else ("A",))
    with pytest.raises(questions.Malformed) as refusal:
        questions.revise(question, **words(**change))
    assert field in refusal.value.problems
    assert question.versions.count() == 1


def test_all_problems_are_said_at_once(db):
    with pytest.raises(questions.Malformed) as refusal:
        questions.revise(factories.question(), stem="", options=OPTIONS, answer=[])
    assert set(refusal.value.problems) == {"stem", "answer"}


def test_true_or_false_needs_one_of_both(db):
    question = factories.question(kind="truefalse", answer=("T",))
    both = [{"key": "T", "text": "正确"}, {"key": "F", "text": "错误"}]
    made = questions.revise(question, stem="题干", options=both, answer=["F"], explanation="")
    assert made.answer == ["F"]
