"""What a learner is told: where they stand, what is missing, in their language, in few queries."""

from decimal import Decimal

import pytest
from django.utils import translation
from wagtail.models import Locale

from courses import completion, enrolment
from courses.models import LessonPage
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


def test_a_report_tells_each_lesson(clock, learner, course, row):
    first, second, _third = course.lessons()
    Viewer(clock, learner, first).watch(90)
    Viewer(clock, learner, second).watch(40)
    report = completion.course_report(row)
    assert [(each.done, each.started, each.coverage.watched_ms) for each in report.lessons] == [
        (True, True, 90_000),
        (False, True, 40_000),
        (False, False, 0),
    ]
    assert (report.lessons_done, report.hours_done, report.hours) == (1, Decimal("1.0"), Decimal("3.0"))
    assert report.next.lesson == second
    assert not report.done


def test_what_is_missing_is_said_in_the_readers_language(clock, learner, course, row):
    first = course.lessons().first()
    Viewer(clock, learner, first).watch(70)
    with translation.override("en"):
        assert [asked.text for asked in completion.lesson_report(row, first).verdict.missing] == ["Watch 20 s more"]
        assert completion.course_report(row).verdict.missing[0].text == f"Finish the lesson: {first.title}"


def test_titles_follow_the_reader_where_a_page_was_translated(learner, course, row):
    english, _created = Locale.objects.get_or_create(language_code="en")
    course.get_parent().specific.copy_for_translation(english, copy_parents=True)
    course.copy_for_translation(english)
    first = course.lessons().first()
    translated = first.copy_for_translation(english)
    translated.title = "Lesson one"
    translated.save_revision().publish()
    with translation.override("en"):
        titles = [each.title for each in completion.course_report(row).lessons]
    assert titles[0] == "Lesson one"
    assert titles[1:] == [lesson.title for lesson in course.lessons()[1:]]
    assert completion.course_report(row).lessons[0].title == first.title


def test_lessons_in_order_show_what_holds_them(clock, learner, home):
    course = factories.course(home, lessons=3, sequential=True)
    row = enrolment.enrol(learner, course)
    first, second, third = course.lessons()
    assert [each.needs for each in completion.course_report(row).lessons] == [None, first, first]
    Viewer(clock, learner, first).watch(90)
    report = completion.course_report(row)
    assert [each.needs for each in report.lessons] == [None, None, second]
    assert report.next.lesson == second
    assert report.of(third.pk).locked


def test_a_lesson_of_another_course_has_no_report_here(home, row):
    stranger = factories.course(home, title="别的课").lessons().first() or factories.lesson(factories.course(home))
    with pytest.raises(LessonPage.DoesNotExist):
        completion.lesson_report(row, stranger)


def test_a_visitor_reads_the_rule(course):
    rule = completion.course_rule(course)
    assert rule.enrolment is None
    assert [each.verdict.done for each in rule.lessons] == [False] * 3
    assert rule.lessons[0].coverage.needed_ms == 90_000


def test_a_visitor_reads_the_rule_of_a_programme(home, course):
    programme = factories.programme(home, [course], min_hours=Decimal(3))
    rule = completion.programme_rule(programme)
    assert [asked.kind for asked in rule.verdict.requirements] == ["course", "hours"]
    assert not rule.verdict.done


@pytest.mark.parametrize("lessons", [1, 8])
def test_a_report_costs_the_same_for_any_number_of_lessons(learner, home, django_assert_num_queries, lessons):
    course = factories.course(home, lessons=lessons)
    for lesson in course.lessons():
        lesson.body.append(("quiz", factories.assessment(course, title=f"测验{lesson.pk}", questions=1)))
        lesson.save_revision().publish()
    row = enrolment.enrol(learner, course)
    with django_assert_num_queries(7):
        completion.course_report(row)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_courses_costs_three_queries(learner, home, django_assert_num_queries, count):
    for n in range(count):
        enrolment.enrol(learner, factories.course(home, lessons=2, title=f"课{n}"))
    with django_assert_num_queries(3):
        assert len(completion.overview(learner)) == count


def test_a_list_puts_what_is_unfinished_first(clock, learner, admin, home):
    done, old, new = (factories.course(home, lessons=1, title=title) for title in ("已完成", "较早", "较新"))
    for course in (done, old, new):
        row = enrolment.enrol(learner, course)
        clock.shift(60)
        if course == done:
            completion.override(enrolment=row, author=admin, reason="已学")
    listed = completion.overview(learner)
    assert [summary.title for summary in listed] == ["较新", "较早", "已完成"]
    assert [summary.done for summary in listed] == [False, False, True]
    assert listed[0].next == new.lessons().get()


def test_settling_costs_the_same_for_any_number_of_lessons(learner, home, django_assert_num_queries):
    for lessons in (1, 8):
        row = enrolment.enrol(learner, factories.course(home, lessons=lessons, title=f"课{lessons}"))
        with django_assert_num_queries(9):
            completion.settle(row)
