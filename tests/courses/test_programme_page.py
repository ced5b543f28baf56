"""A programme's page: which courses, how many hours, which exam, and the next step."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import LessonProgress
from courses.views import programme as view
from tests import factories


@pytest.fixture
def training(home):
    required = factories.course(home, title="任职基础", lessons=2)
    elective = factories.course(home, title="改进工具", lessons=1)
    exam = factories.assessment(required, title="结业考试", kind="exam", attempts=3)
    return factories.programme(
        home,
        [required],
        electives=[elective],
        elective_min=1,
        min_hours=factories.hours(3),
        exam=exam,
        title="任职培训",
    )


@pytest.fixture
def state(rf, training, learner):
    def told(user=learner):
        with translation.override("en"):
            return view.programme_state(user, training, rf.get("/"))

    return told


def complete(user, course):
    enrolment = factories.enrolment(user, course, completed_at=timezone.now())
    for lesson in course.lessons():
        LessonProgress.objects.create(
            enrolment=enrolment, lesson=lesson, completed_at=timezone.now(), hours=lesson.credit_hours
        )


def test_a_visitor_reads_what_it_asks(training, client, state):
    html = client.get(training.url).content.decode()
    for words in ("任职培训", "任职基础", "改进工具", "结业考试"):
        assert words in html
    told = state(None)
    assert [item["title"] for item in told["required"]] == ["任职基础"]
    assert [item["text"] for item in told["rule"]] == [
        "Finish 1 elective",
        "Earn 3 credit hours in all",
        "Pass the final exam",
    ]
    assert told["rule"][2]["note"] == "opens after the courses · 60% to pass · 3 attempts"


def test_joining_takes_one_button(training, client, learner):
    client.force_login(learner)
    assert f'action="{reverse("join", args=[training.pk])}"' in client.get(training.url).content.decode()
    client.post(reverse("join", args=[training.pk]))
    assert learner.programme_enrolments.get().programme == training


def test_the_button_leads_from_course_to_course_to_the_exam(training, learner, state):
    required, elective = (entry.course for entry in training.courses.order_by("pk"))
    enrolment = factories.programme_enrolment(learner, training)
    assert state()["move"].label == "Start: 任职基础"
    complete(learner, required)
    assert state()["move"].label == "Choose an elective"
    complete(learner, elective)
    told = state()
    assert told["move"].label == "Take the final exam"
    assert str(enrolment.uuid) in told["move"].url
    assert (told["earned"], told["rule"][2]["value"], told["rule"][2]["icon"]) == (3, "Open now", "")
    enrolment.completed_at = timezone.now()
    enrolment.save()
    assert state()["move"].url == "/en/me/#certificates"
    assert {item["state"] for item in state()["rule"]} == {"met"}


def test_hours_of_a_course_under_way_count_towards_the_bar(training, learner, state):
    factories.programme_enrolment(learner, training)
    required = training.courses.order_by("pk").first().course
    enrolment = factories.enrolment(learner, required)
    LessonProgress.objects.create(
        enrolment=enrolment, lesson=required.lessons().first(), completed_at=timezone.now(), hours=1
    )
    told = state()
    assert told["earned"] == 1
    assert (told["required"][0]["value"], told["required"][0]["note"]) == ("1 / 2 credit hours", "1 lesson done")


def test_another_persons_programme_is_never_shown(training, learner, outsider, state):
    factories.programme_enrolment(outsider, training)
    assert state()["enrolment"] is None
    assert state(outsider)["enrolment"] is not None


@pytest.mark.parametrize("courses", [1, 3])
def test_the_queries_do_not_grow_with_the_courses(home, client, learner, django_assert_num_queries, courses):
    programme = factories.programme(home, [factories.course(home, lessons=1) for _ in range(courses)])
    factories.programme_enrolment(learner, programme)
    client.force_login(learner)
    client.get(programme.url)
    with django_assert_num_queries(14):
        client.get(programme.url)
