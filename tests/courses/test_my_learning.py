"""My learning: the unfinished first, the hours of each year, certificates; only one's own."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from courses import certificates
from courses.models import LessonProgress
from tests import factories


def finish(enrolment, lesson, *, on=None, hours=None, channel="on_demand"):
    return LessonProgress.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        completed_at=on or timezone.now(),
        hours=hours or lesson.credit_hours,
        channel=channel,
    )


def at(year, month=7, day=8):
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


@pytest.fixture
def me(client, learner):
    client.force_login(learner)
    return lambda: client.get("/me/")


def test_a_new_learner_is_shown_the_way_to_the_catalogue(me):
    html = me().content.decode()
    assert re.search(r'class="empty-state".*<a class="button" href="/courses/">', html, re.DOTALL)


def test_unfinished_courses_come_with_their_next_lesson(me, home, learner):
    course = factories.course(home, title="过程改进", lessons=2)
    enrolment = factories.enrolment(learner, course)
    first, second = course.lessons()
    finish(enrolment, first)
    page = me()
    [row] = page.context["open"]
    assert (row["title"], row["next"], row["next_url"]) == ("过程改进", second, second.url)
    assert page.context["done"] == []


def test_the_next_step_of_a_programme_is_the_quiz_when_the_film_was_watched(me, home, learner):
    course = factories.course(home, lessons=0)
    quiz = factories.assessment(course)
    lesson = factories.lesson(course, body=[("quiz", quiz)])
    programme = factories.programme(home, [course])
    factories.programme_enrolment(learner, programme)
    enrolment = factories.enrolment(learner, course)
    assert me().context["now"]["next"]["url"] == lesson.url
    LessonProgress.objects.create(
        enrolment=enrolment, lesson=lesson, video=lesson.video, coverage=[[0, 100_000]], watched_ms=100_000,
        duration_ms=100_000, covered_at=timezone.now(),
    )  # fmt: skip
    page = me()
    assert page.context["now"]["next"]["url"] == f"{lesson.url}#quiz-{quiz.pk}"
    assert "参加测验" in page.content.decode()


def test_a_finished_course_moves_to_the_finished_ones(me, home, learner):
    course = factories.course(home, title="学完的", lessons=1)
    finish(factories.enrolment(learner, course, completed_at=timezone.now()), course.lessons().first())
    page = me()
    assert [row["title"] for row in page.context["done"]] == ["学完的"]
    assert page.context["open"] == []


def test_the_programme_under_way_stands_first_with_all_that_is_missing(me, home, learner):
    course, other = factories.course(home, title="必修", lessons=2), factories.course(home, title="选修", lessons=1)
    programme = factories.programme(
        home, [course], electives=[other], elective_min=1, min_hours=factories.hours(3), title="任职培训"
    )
    factories.programme_enrolment(learner, programme)
    enrolment = factories.enrolment(learner, course)
    finish(enrolment, course.lessons().first())
    now = me().context["now"]
    assert now["title"] == "任职培训"
    assert now["next"]["url"] == list(course.lessons())[1].url
    assert [item["title"] for item in now["courses"]] == ["必修"]
    assert now["state"]["earned"] == 1
    assert [item["state"] for item in now["state"]["rule"]] == ["due", "due"]


def test_a_completed_programme_is_listed_and_no_longer_first(me, home, learner):
    programme = factories.programme(home, [factories.course(home)], title="结业了")
    factories.programme_enrolment(learner, programme, completed_at=timezone.now())
    page = me()
    assert page.context["now"] is None
    assert [each["title"] for each in page.context["programmes"]] == ["结业了"]


def test_the_hours_are_told_year_by_year_and_by_channel(me, home, learner, time_machine):
    time_machine.move_to(at(2026, 11, 23))
    course = factories.course(home, lessons=3)
    enrolment = factories.enrolment(learner, course, completed_at=at(2026))
    first, second, third = course.lessons()
    finish(enrolment, first, on=at(2025), hours=factories.hours(2))
    finish(enrolment, second, on=at(2026), hours=factories.hours("1.5"))
    finish(enrolment, third, on=at(2026), hours=factories.hours(1), channel="live")
    context = me().context
    assert [(year["year"], float(year["hours"]), year["courses"]) for year in context["years"]] == [
        (2026, 2.5, 1),
        (2025, 2.0, 0),
    ]
    assert [float(part["hours"]) for part in context["this_year"]["channels"]] == [1.5, 1.0]


def test_a_year_ends_at_midnight_in_shanghai(me, home, learner):
    course = factories.course(home, lessons=1)
    new_year = dt.datetime(2025, 12, 31, 16, 30, tzinfo=dt.UTC)  # half past midnight, 1 January, in Shanghai
    finish(factories.enrolment(learner, course), course.lessons().first(), on=new_year)
    assert [year["year"] for year in me().context["years"]] == [2026]


def test_a_lesson_studied_twice_in_a_year_counts_once(me, home, learner):
    course = factories.course(home, lessons=1)
    lesson = course.lessons().first()
    old = factories.enrolment(learner, course, ended_at=timezone.now())
    finish(old, lesson, on=at(2026), hours=factories.hours(1))
    finish(factories.enrolment(learner, course, period=2), lesson, on=at(2026), hours=factories.hours(2))
    [year] = me().context["years"]
    assert float(year["hours"]) == 2.0


def test_certificates_are_listed_with_their_status(me, home, learner):
    programme = factories.programme(home, [factories.course(home)])
    enrolment = factories.programme_enrolment(learner, programme, completed_at=timezone.now(), hours=factories.hours(8))
    certificate = certificates.issue(enrolment)
    html = me().content.decode()
    assert certificate.number in html
    assert f"/me/certificates/{certificate.number}/" in html


def test_the_enterprise_is_named(me, learner):
    factories.member(learner)
    assert "成都示范轴承有限公司" in me().content.decode()


def test_nothing_of_another_person_is_shown(me, home, learner, outsider):
    course = factories.course(home, title="别人的课", lessons=1)
    finish(factories.enrolment(outsider, course), course.lessons().first())
    page = me()
    assert "别人的课" not in page.content.decode()
    assert page.context["years"] == []


def test_the_page_is_for_who_is_signed_in_and_never_kept(client, db, me):
    assert "no-store" in me()["Cache-Control"]
    client.logout()
    assert client.get("/me/").status_code == 302


@pytest.mark.parametrize("courses", [1, 3])
def test_the_queries_do_not_grow_with_the_courses(me, home, learner, django_assert_num_queries, courses):
    for number in range(courses):
        course = factories.course(home, title=f"课程{number}", lessons=2)
        finish(factories.enrolment(learner, course), course.lessons().first())
    me()
    with django_assert_num_queries(13):
        me()
