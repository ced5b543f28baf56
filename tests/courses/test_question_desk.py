"""The bank and the blueprints in the editors' office. A form goes through the rule: words become versions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses import exams, questions
from courses.models import Assessment, Question
from tests import factories


@pytest.fixture
def desk(client, admin):
    client.force_login(admin)
    return client


def question_url(name, *args):
    return reverse(f"wagtailsnippets_courses_question:{name}", args=args)


def assessment_url(name, *args):
    return reverse(f"wagtailsnippets_courses_assessment:{name}", args=args)


def sheet(texts=("甲", "乙", "丙"), right=(0,), **fields):
    """What the form of a question posts."""
    posted = {f"choices-{index}-text": text for index, text in enumerate(texts)}
    posted |= {f"choices-{index}-right": "1" for index in right}
    plain = {"code": "N1", "kind": "single", "stem": "新题", "explanation": "因为", "difficulty": "2", "topic": "术语"}
    return plain | posted | fields


def test_a_new_question_is_written_with_its_first_version(desk, admin, course):
    reply = desk.post(question_url("add"), sheet(course=course.pk))
    assert reply.status_code == 302
    question = Question.objects.get(code="N1")
    version = question.current
    assert (version.number, version.stem, version.author, question.course) == (1, "新题", admin, course)
    assert version.options == [{"key": key, "text": text} for key, text in zip("ABC", "甲乙丙", strict=True)]
    assert version.answer == ["A"]


def test_editing_words_makes_a_version_and_editing_the_place_does_not(desk, course):
    desk.post(question_url("add"), sheet())
    question = Question.objects.get(code="N1")
    desk.post(question_url("edit", question.pk), sheet(topic="另一个知识点", course=course.pk))
    question.refresh_from_db()
    assert (question.topic, question.current.number) == ("另一个知识点", 1)
    desk.post(question_url("edit", question.pk), sheet(texts=("甲", "乙", "丁", "戊"), right=(3,)))
    question.refresh_from_db()
    assert (question.current.number, question.current.answer) == (2, ["D"])
    assert question.versions.get(number=1).answer == ["A"]


def test_the_form_shows_the_words_and_their_history(desk):
    question = factories.question(answer=("B",))
    options = [{"key": key, "text": f"新{key}"} for key in "AB"]
    questions.revise(question, stem="第二版题干", options=options, answer=["B"])
    page = desk.get(question_url("edit", question.pk))
    html = page.content.decode()
    assert "第二版题干" in html
    assert question.versions.get(number=1).stem in html
    assert 'name="choices-1-right" value="1" checked' in html
    assert 'name="choices-0-right" value="1" checked' not in html


def test_true_or_false_needs_only_a_tick(desk):
    desk.post(question_url("add"), sheet(kind="truefalse", texts=(), right=(1,)))
    version = Question.objects.get().current
    assert ([option["key"] for option in version.options], version.answer) == (["T", "F"], ["F"])
    assert all(option["text"] for option in version.options)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stem": ""}, "stem"),
        ({"right": ()}, "choices"),
        ({"right": (0, 1)}, "choices"),
        ({"kind": "multiple"}, "choices"),
        ({"texts": ("甲", "甲")}, "choices"),
        ({"texts": ("甲", "", "丙")}, "choices"),
    ],
)
def test_a_malformed_question_comes_back_with_what_was_typed(desk, change, field):
    texts, right = change.pop("texts", ("甲", "乙")), change.pop("right", (0,))
    if len(texts) == 3:
        right = (0, 1)
    page = desk.post(question_url("add"), sheet(texts, right, **change))
    assert page.status_code == 200
    assert field in page.context["form"].errors
    assert "甲" in page.content.decode()
    assert not Question.objects.exists()


def test_a_question_keeps_its_type(desk):
    desk.post(question_url("add"), sheet())
    question = Question.objects.get()
    desk.post(question_url("edit", question.pk), sheet(kind="multiple", right=(0, 1)))
    question.refresh_from_db()
    assert (question.kind, question.current.number) == ("single", 1)


def test_the_list_filters_and_searches(desk, course):
    mine = factories.question(course=course, topic="甲")
    other = factories.question(kind="multiple", answer=("A", "B"), topic="乙")

    def found(**query):
        return [each.code for each in desk.get(question_url("list"), query).context["object_list"]]

    assert found() == [mine.code, other.code]
    assert found(course=course.pk) == [mine.code]
    assert found(kind="multiple") == [other.code]
    assert found(topic="乙") == [other.code]
    assert found(q=mine.current.stem) == [mine.code]


def test_the_list_takes_the_same_queries_for_any_length(desk, course):
    counts = []
    for more in (1, 5):
        for _ in range(more):
            factories.question(course=course, topic="甲")
        desk.get(question_url("list"))
        with CaptureQueriesContext(connection) as queries:
            desk.get(question_url("list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def blueprint(lines, **fields):
    posted = {
        "title": "随堂测验",
        "kind": "quiz",
        "pass_percent": "60",
        "attempts": "3",
        "cooling_minutes": "0",
        "time_limit": "0",
        "rules-TOTAL_FORMS": str(len(lines)),
        "rules-INITIAL_FORMS": "0",
        "rules-MIN_NUM_FORMS": "0",
        "rules-MAX_NUM_FORMS": "1000",
    }
    for index, line in enumerate(lines):
        whole = {"kind": "", "course": "", "topics": "", "count": "0", "score_each": "2"} | line
        whole["ORDER"] = str(index + 1)
        posted |= {f"rules-{index}-{name}": value for name, value in whole.items()}
    return posted | fields


def test_a_blueprint_is_written_with_its_lines(desk, course):
    for topic in "甲甲乙":
        factories.question(course=course, topic=topic)
    first, second = {"course": course.pk, "topics": "甲、 丙", "count": "2"}, {"kind": "single", "count": "1"}
    assert desk.post(assessment_url("add"), blueprint([first, second | {"score_each": "4"}])).status_code == 302
    paper = Assessment.objects.get()
    lines = [(line.topics, line.count, line.score_each) for line in paper.rules.all()]
    assert lines == [(["甲", "丙"], 2, 2), ([], 1, 4)]
    assert len(questions.draw(paper, seed="a")) == 3
    assert "甲、丙" in desk.get(assessment_url("edit", paper.pk)).content.decode()


def test_a_blueprint_that_the_bank_cannot_fill_is_refused(desk, course):
    factories.question(course=course)
    page = desk.post(assessment_url("add"), blueprint([{"count": "1"}, {"count": "1"}]))
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    assert not Assessment.objects.exists()


def test_what_was_asked_cannot_be_deleted(desk, course, learner):
    course.assessment = factories.assessment(course, questions=1)
    course.save()
    exams.start(user=learner, assessment=course.assessment, enrolment=factories.enrolment(learner, course))
    asked, fresh = Question.objects.get(), factories.question()
    for url in (question_url("delete", asked.pk), assessment_url("delete", course.assessment.pk)):
        assert desk.post(url).status_code == 302
    desk.post(question_url("delete", fresh.pk))
    assert list(Question.objects.all()) == [asked]
    assert Assessment.objects.count() == 1


def test_many_cannot_be_deleted_at_once_if_one_was_asked(desk, course, learner):
    course.assessment = factories.assessment(course, questions=1)
    course.save()
    exams.start(user=learner, assessment=course.assessment, enrolment=factories.enrolment(learner, course))
    fresh = factories.question()
    url = reverse("wagtail_bulk_action", args=["courses", "question", "delete"])
    ids = "&".join(f"id={pk}" for pk in Question.objects.values_list("pk", flat=True))
    assert desk.post(f"{url}?{ids}").status_code == 302
    assert Question.objects.filter(pk=fresh.pk).exists()


def test_a_learner_does_not_enter(client, learner):
    client.force_login(learner)
    assert client.get(question_url("list")).status_code == 302
    assert client.post(question_url("add"), sheet()).status_code == 302
    assert not Question.objects.exists()
