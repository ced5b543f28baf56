"""The quiz in a lesson says where the reader stands and offers the next step."""

import pytest
from django.template import Context, Template

from courses import exams
from courses.models import Attempt
from tests import factories
from tests.courses.test_exam_sitting import begin, fill, quiz_in


@pytest.fixture
def quiz(course):
    return quiz_in(course, attempts=3)


@pytest.fixture
def enrolment(learner, course):
    return factories.enrolment(learner, course)


def card(rf, user, course, quiz, **request_state):
    """The card as the tag tells it to the block's template."""
    request = rf.get("/")
    request.user = user
    vars(request).update(request_state)
    page = course.lessons().first()
    context = Context({"request": request, "page": page, "value": quiz})
    Template("{% load exams %}{% quiz value as card %}").render(context)
    return context["card"]


def test_a_learner_sees_what_the_quiz_asks(rf, learner, course, enrolment, quiz):
    shown = card(rf, learner, course, quiz)
    assert (shown["count"], shown["full_score"], shown["pass_score"]) == (3, 6, factories.hours("3.60"))
    assert (shown["standing"].left, shown["standing"].open, shown["standing"].hindrance) == (3, None, None)
    assert str(enrolment.uuid) in shown["start_url"]


def test_the_card_follows_the_attempts(rf, learner, course, enrolment, quiz):
    attempt = begin(enrolment, quiz)
    assert card(rf, learner, course, quiz)["standing"].open == attempt
    fill(attempt)
    exams.submit(attempt)
    assert card(rf, learner, course, quiz)["standing"].best == attempt
    assert card(rf, learner, course, quiz)["standing"].passed


def test_strangers_and_visitors_see_no_standing(rf, outsider, course, enrolment, quiz):
    assert card(rf, outsider, course, quiz)["standing"] is None


def test_a_preview_leaves_no_trace(rf, learner, course, enrolment, quiz):
    shown = card(rf, learner, course, quiz, is_preview=True)
    assert (shown["preview"], shown["standing"]) == (True, None)
    assert not Attempt.objects.exists()


def test_the_lesson_page_starts_the_quiz(client, learner, course, enrolment, quiz):
    client.force_login(learner)
    page = client.get(course.lessons().first().url)
    assert page.status_code == 200
    assert quiz.title in page.content.decode()
    begun = client.post(f"/exam/{quiz.uuid}/start/?enrolment={enrolment.uuid}")
    assert begun.status_code == 302
    attempt = Attempt.objects.get()
    assert f"/attempt/{attempt.uuid}/" in client.get(course.lessons().first().url).content.decode()
    exams.submit(attempt)
    assert f"/attempt/{attempt.uuid}/result" in client.get(course.lessons().first().url).content.decode()


def test_a_quiz_that_was_deleted_leaves_no_hole(client, learner, course, enrolment, quiz):
    quiz.delete()
    client.force_login(learner)
    assert client.get(course.lessons().first().url).status_code == 200


def test_what_the_card_of_a_quiz_costs(home, client, learner, django_assert_num_queries):
    """The quiz, whether it was passed, and the attempts; nothing is looked for that the page holds already."""
    course = factories.course(home, lessons=3)
    factories.enrolment(learner, course)
    lesson = course.lessons().first()
    client.force_login(learner)
    for _warm in range(2):  # the very first page of a school makes its settings
        client.get(lesson.url)
    with django_assert_num_queries(6):
        client.get(lesson.url)
    lesson.body.append(("quiz", factories.assessment(course)))
    lesson.save_revision().publish()
    client.get(lesson.url)
    with django_assert_num_queries(9):
        client.get(lesson.url)
