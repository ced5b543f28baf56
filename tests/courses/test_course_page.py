"""A course's page: is it for me, what will it take, what do I get; and one button that says the next step."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Attempt, CourseTrainer, LessonProgress, Standard, Trainer
from courses.views import course as view
from tests import factories


@pytest.fixture
def rich(home):
    """Three lessons in order, a quiz in the first, a course test, a standard, a trainer, a programme."""
    course = factories.course(
        home, title="过程改进", lessons=3, sequential=True, goals="会画图\n会算数", audience="班组长"
    )
    quiz = factories.assessment(course, title="小测")
    standard = Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求")
    first = course.lessons().first()
    first.body.append(("quiz", quiz))
    first.standards.add(standard)
    first.save_revision().publish()
    course.assessment = factories.assessment(course, title="课程测验", attempts=3)
    course.trainers = [CourseTrainer(trainer=Trainer.objects.create(name="李蔚然", title="高级工程师"))]
    course.save_revision().publish()
    factories.programme(home, [course], title="任职培训")
    return course


@pytest.fixture
def english():
    """The words of the code itself."""
    with translation.override("en"):
        yield


def finish(enrolment, lesson):
    LessonProgress.objects.create(
        enrolment=enrolment, lesson=lesson, completed_at=timezone.now(), hours=lesson.credit_hours, channel="on_demand"
    )


def test_a_visitor_reads_what_it_is_what_it_takes_and_how_to_join(rich, client):
    page = client.get(rich.url)
    html = page.content.decode()
    for words in ("过程改进", "会算数", "班组长", "李蔚然", "GB/T 19001-2016", "任职培训"):
        assert words in html
    state = view.course_state(None, rich, page.wsgi_request)
    assert not any(item.get("value") for item in state["rule"])
    assert [item["url"] != "" for item in state["outline"]] == [True, True, True]
    assert state["move"].url == reverse("enrol", args=[rich.pk])
    assert not state["move"].posts


def test_an_anonymous_page_sets_no_cookie_and_holds_no_token(rich, client):
    for url in (rich.url, rich.lessons().first().url, "/"):
        page = client.get(url)
        assert page.status_code == 200
        assert not page.cookies
        assert "csrf" not in page.content.decode()


def test_somebody_signed_in_joins_by_one_button(rich, client, learner):
    client.force_login(learner)
    html = client.get(rich.url).content.decode()
    assert f'<form method="post" action="{reverse("enrol", args=[rich.pk])}"' in html
    client.post(reverse("enrol", args=[rich.pk]))
    assert learner.enrolments.get().course == rich


def test_the_button_names_the_next_step_all_the_way(rich, rf, learner, english):
    request = rf.get("/")
    lessons = list(rich.lessons())

    def move():
        return view.course_state(learner, rich, request)["move"]

    assert move().posts
    enrolment = factories.enrolment(learner, rich)
    assert (move().label, move().url) == ("Start lesson 1", lessons[0].get_url(request))
    row = LessonProgress.objects.create(
        enrolment=enrolment, lesson=lessons[0], video=lessons[0].video, duration_ms=100_000,
        coverage=[[0, 10_000], [20_000, 40_000]], watched_ms=30_000, position_ms=40_000,
    )  # fmt: skip
    assert move().label == "Continue lesson 1"
    assert move().note == "Goes on at 00:40 · Left out: 1 part, 10 s"
    row.delete()
    finish(enrolment, lessons[0])
    assert move().label == "Start lesson 2"
    for lesson in lessons[1:]:
        finish(enrolment, lesson)
    assert move().label == "Take the course test"
    assert str(enrolment.uuid) in move().url
    enrolment.completed_at = timezone.now()
    enrolment.save()
    assert move().label == "Finished: see it again"


def test_the_rule_says_what_is_missing_in_counts(rich, rf, learner, english):
    enrolment = factories.enrolment(learner, rich)
    finish(enrolment, rich.lessons().first())
    rule = view.course_state(learner, rich, rf.get("/"))["rule"]
    assert [(item["state"], item["text"], item.get("value")) for item in rule] == [
        ("due", "Finish 3 lessons", "1 / 3"),
        ("open", "The lessons go in order", None),
        ("due", "Pass 1 quiz", "0 / 1"),
        ("due", "Pass the course test", "Not taken yet"),
    ]
    assert rule[0]["note"] == "At least 90% of each film; what was skipped does not count"
    assert rule[3]["note"] == "60% to pass · 3 attempts"


def test_a_test_that_was_taken_in_vain_reads_otherwise_than_one_never_taken(rich, rf, learner, english):
    enrolment = factories.enrolment(learner, rich)
    fields = {"assessment": rich.assessment, "user": learner, "enrolment": enrolment, "started_at": timezone.now()}
    made = Attempt.objects.create(**fields, number=1, pass_score=60, full_score=100)

    def value():
        return view.course_state(learner, rich, rf.get("/"))["rule"][-1]["value"]

    assert value() == "Not taken yet"  # it is under way
    made.submitted_at, made.score, made.passed = timezone.now(), 10, False
    made.save()
    assert value() == "Not passed yet"
    made.passed = True
    made.save()
    assert value() == "Passed"


def test_who_has_watched_all_goes_on_with_the_quiz(rich, rf, client, learner):
    enrolment = factories.enrolment(learner, rich)
    lesson = rich.lessons().first()
    (quiz,) = lesson.quizzes()
    row = LessonProgress.objects.create(
        enrolment=enrolment, lesson=lesson, video=lesson.video, duration_ms=100_000, coverage=[[0, 50_000]],
        watched_ms=50_000, position_ms=50_000,
    )  # fmt: skip

    def move():
        with translation.override("en"):
            return view.course_state(learner, rich, rf.get("/"))["move"]

    client.force_login(learner)
    assert move().label == "Continue lesson 1"
    assert "#quiz-" not in client.get("/").content.decode()
    row.coverage, row.watched_ms, row.position_ms, row.covered_at = [[0, 95_000]], 95_000, 95_000, timezone.now()
    row.save()
    place = f"{lesson.get_url()}#quiz-{quiz.pk}"
    assert (move().label, move().url.endswith(place), move().note) == ("Take the quiz of lesson 1", True, "")
    assert place in client.get("/").content.decode()
    assert f'id="quiz-{quiz.pk}"' in client.get(lesson.url).content.decode()


def test_the_outline_shows_the_state_of_each_lesson_and_locks_what_comes_later(rich, rf, learner, english):
    enrolment = factories.enrolment(learner, rich)
    finish(enrolment, rich.lessons().first())
    outline = view.course_state(learner, rich, rf.get("/"))["outline"]
    assert [(item["state"], item["words"], bool(item["url"]), item["current"]) for item in outline] == [
        ("done", "Completed", True, False),
        ("", "Not started", True, True),
        ("", "After lesson 2", False, False),
    ]
    assert outline[0]["meta"] == ["45 min film", "GB/T 19001-2016"]


def test_a_superseded_standard_is_marked_with_its_successor(rich, client):
    new = Standard.objects.create(number="GB/T 19001-2027", title="新版")
    Standard.objects.filter(number="GB/T 19001-2016").update(status="superseded", successor=new)
    html = client.get(rich.url).content.decode()
    assert "badge--stop" in html
    assert "GB/T 19001-2027" in html


def test_a_card_in_the_text_counts_as_cited(course, rf):
    standard = Standard.objects.create(number="JJF 1001-2011", title="通用计量术语及定义")
    lesson = course.lessons().first()
    lesson.body.append(("standard", standard))
    lesson.save_revision().publish()
    assert view.course_state(None, course, rf.get("/"))["standards"] == [standard]


def test_a_course_without_lessons_says_so(home, client):
    empty = factories.course(home, title="空课程", lessons=0)
    html = client.get(empty.url).content.decode()
    assert 'class="empty-state"' in html


def test_long_titles_and_markup_in_titles_stay_text(home, client):
    course = factories.course(home, title="<b>" + "很长的课程名称" * 12, lessons=1)
    html = client.get(course.url).content.decode()
    assert "<b>很长" not in html
    assert "&lt;b&gt;很长" in html


def test_another_persons_progress_is_never_shown(rich, rf, learner, outsider):
    finish(factories.enrolment(learner, rich), rich.lessons().first())
    assert view.course_state(learner, rich, rf.get("/"))["report"].lessons_done == 1
    assert view.course_state(outsider, rich, rf.get("/"))["report"].lessons_done == 0


def test_a_draft_is_not_served(rich, client):
    rich.unpublish()
    assert client.get(rich.url).status_code == 404


@pytest.mark.parametrize("lessons", [1, 3])
def test_the_queries_do_not_grow_with_the_lessons(home, client, learner, django_assert_num_queries, lessons):
    course = factories.course(home, lessons=lessons)
    for lesson in course.lessons():
        lesson.body.append(("quiz", factories.assessment(course)))
        lesson.save_revision().publish()
    factories.enrolment(learner, course)
    anonymous = Client()
    client.force_login(learner)
    for each in (client, anonymous):
        each.get(course.url)
    with django_assert_num_queries(15):
        client.get(course.url)
    with django_assert_num_queries(8):
        anonymous.get(course.url)
