"""A paper is drawn by its blueprint: the same for the same seed, no question twice, or TooFew whatever the seed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import questions
from courses.models import Assessment, BlueprintRule, Question
from tests import factories


def blueprint(*lines, **fields):
    made = Assessment.objects.create(title="试卷", **fields)
    for order, line in enumerate(lines):
        BlueprintRule.objects.create(assessment=made, sort_order=order, **line)
    return made


def codes(drawn):
    return [each.version.question.code for each in drawn]


@pytest.fixture
def bank(course):
    """6 single, 3 multiple, 2 true or false; topics 甲 and 乙 by turns."""
    kinds = ["single"] * 6 + ["multiple"] * 3 + ["truefalse"] * 2
    answers = {"single": ("A",), "multiple": ("A", "B"), "truefalse": ("T",)}
    return [
        factories.question(kind=kind, answer=answers[kind], course=course, topic="甲乙"[index % 2])
        for index, kind in enumerate(kinds)
    ]


def test_a_paper_has_what_its_blueprint_says(bank):
    paper = blueprint(
        {"kind": "truefalse", "count": 2, "score_each": 1},
        {"kind": "single", "count": 3, "score_each": 2},
        {"kind": "multiple", "count": 2, "score_each": 4},
    )
    drawn = questions.draw(paper, seed="a")
    kinds = [(each.version.question.kind, each.score) for each in drawn]
    assert kinds == [("single", 2)] * 3 + [("multiple", 4)] * 2 + [("truefalse", 1)] * 2
    assert len(set(codes(drawn))) == 7


def test_the_seed_decides_everything(bank):
    paper = blueprint({"kind": "single", "count": 4}, {"kind": "multiple", "count": 2})
    once, again, other = (questions.draw(paper, seed=seed) for seed in ("a", "a", "b"))
    assert once == again
    assert [(each.version, each.option_keys) for each in once] != [(each.version, each.option_keys) for each in other]


def test_every_question_gets_its_turn(bank):
    paper = blueprint({"kind": "single", "count": 2})
    seen = {code for seed in range(60) for code in codes(questions.draw(paper, seed=str(seed)))}
    assert seen == {question.code for question in bank if question.kind == "single"}


def test_without_shuffling_papers_follow_the_bank(bank):
    paper = blueprint({"count": 0}, shuffle_questions=False, shuffle_options=False)
    drawn = questions.draw(paper, seed="a")
    assert codes(drawn) == [question.code for question in bank]
    assert drawn[0].option_keys == ["A", "B", "C", "D"]


def test_true_and_false_are_never_shuffled(bank):
    paper = blueprint({"kind": "truefalse", "count": 0})
    assert all(each.option_keys == ["T", "F"] for seed in "abcdefgh" for each in questions.draw(paper, seed=seed))


def test_count_zero_takes_all_of_the_topics(bank):
    paper = blueprint({"topics": ["甲"], "count": 0})
    assert {each.version.question.topic for each in questions.draw(paper, seed="a")} == {"甲"}
    assert len(questions.draw(paper, seed="a")) == 6


def test_retired_questions_are_not_drawn(bank):
    Question.objects.filter(kind="truefalse").update(retired=True)
    paper = blueprint({"kind": "truefalse", "count": 1})
    with pytest.raises(questions.TooFew) as lack:
        questions.draw(paper, seed="a")
    assert (lack.value.line, lack.value.wanted, lack.value.found) == (1, 1, 0)


def test_an_empty_line_that_takes_all_is_too_few(bank):
    with pytest.raises(questions.TooFew):
        questions.draw(blueprint({"topics": ["丙"], "count": 0}), seed="a")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.text(max_size=8))
def test_overlapping_lines_are_filled_whenever_that_is_possible(bank, seed):
    """Any type takes 5 of 11 and must leave all singles and both true-or-false to the narrow lines."""
    paper = Assessment.objects.filter(title="重叠").first() or blueprint(
        {"count": 3}, {"kind": "single", "count": 6}, {"kind": "truefalse", "count": 2}
    )
    Assessment.objects.filter(pk=paper.pk).update(title="重叠")
    drawn = codes(questions.draw(paper, seed=seed))
    assert sorted(drawn) == sorted(question.code for question in bank)


def test_overlapping_lines_that_ask_too_much_fail_for_any_seed(bank):
    paper = blueprint({"count": 4}, {"kind": "single", "count": 6}, {"kind": "truefalse", "count": 2})
    for seed in "abcdef":
        with pytest.raises(questions.TooFew):
            questions.draw(paper, seed=seed)


def test_parts_say_what_a_paper_holds_without_drawing_it(bank, django_assert_num_queries):
    paper = blueprint(
        {"kind": "multiple", "count": 2, "score_each": 4}, {"topics": ["甲"], "kind": "single", "count": 0}
    )
    with django_assert_num_queries(2):
        parts = questions.parts(paper)
    assert [(part.kind, part.count, part.score_each, part.score) for part in parts] == [
        ("single", 3, 2, 6),
        ("multiple", 2, 4, 8),
    ]


def test_drawing_takes_the_same_queries_for_any_length(bank, django_assert_num_queries):
    short, long = blueprint({"count": 2}), blueprint({"count": 11})
    for paper in (short, long):
        with django_assert_num_queries(3):
            questions.draw(paper, seed="a")
