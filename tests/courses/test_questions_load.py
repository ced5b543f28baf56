"""Rows of the demo become questions, once."""

import json

import pytest
from django.conf import settings

from courses import questions
from courses.models import Question, QuestionVersion, Standard
from tests import factories

ROWS = json.loads((settings.BASE_DIR / "courses/demo/questions.json").read_text("utf-8"))


@pytest.fixture
def courses(home):
    for number in {number for row in ROWS for number in row["standards"]}:
        Standard.objects.create(number=number, title=number)
    return {name: factories.course(home, title=name, lessons=0) for name in {row["course"] for row in ROWS}}


def test_the_demo_questions_come_in_with_their_course_and_standards(courses):
    loaded = questions.load(ROWS, courses)
    assert len(loaded) == len(ROWS) == Question.objects.usable().count()
    sixth = Question.objects.get(code="Q006")
    assert (sixth.kind, sixth.course, sixth.topic) == ("multiple", courses["cqo-foundation"], "质量目标")
    assert sixth.current.answer == ["A", "B", "C", "E"]
    assert [standard.number for standard in sixth.standards.all()] == ["GB/T 19001-2016"]


def test_loading_again_changes_nothing(courses):
    questions.load(ROWS, courses)
    before = list(QuestionVersion.objects.values_list("pk", "number"))
    questions.load(ROWS, courses)
    assert list(QuestionVersion.objects.values_list("pk", "number")) == before


def test_changed_words_are_a_new_version(courses):
    questions.load(ROWS[:1], courses)
    questions.load([ROWS[0] | {"stem": "改过的题干"}], courses)
    assert Question.objects.get().current.number == 2


@pytest.mark.parametrize("change", [{"standards": ["GB/T 1-1900"]}, {"type": "single"}, {"answer": []}])
def test_a_bad_row_brings_nothing_in(courses, change):
    questions.load(ROWS[1:2], courses)
    with pytest.raises(questions.Malformed):
        questions.load([ROWS[2], ROWS[1] | change], courses)
    assert [question.code for question in Question.objects.all()] == [ROWS[1]["id"]]
