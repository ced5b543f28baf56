"""The tree of pages stands, and its rules hold."""

import pytest
from django.core.exceptions import ValidationError

from courses.models import LessonPage
from tests import factories


def test_a_course_lists_its_lessons_in_order_through_chapters(course):
    assert [lesson.title for lesson in course.lessons()] == [
        "质量管理基础第1节",
        "质量管理基础第2节",
        "质量管理基础第3节",
    ]


def test_a_lesson_knows_its_video_and_its_course(course, django_assert_num_queries):
    lesson = course.lessons().first()
    assert lesson.video.duration == 100.0
    assert lesson.course == course


def test_a_watch_rule_on_an_external_video_is_refused(course):
    lesson = LessonPage(title="外部", slug="external", body=[("embed", "https://video.example.org/1")])
    with pytest.raises(ValidationError) as refusal:
        lesson.clean()
    assert list(refusal.value.message_dict) == ["must_watch"]
    lesson.must_watch = False
    lesson.clean()


def test_credit_hours_go_in_half_steps(course):
    lesson = course.lessons().first()
    lesson.credit_hours = factories.hours("0.3")
    with pytest.raises(ValidationError):
        lesson.clean()


@pytest.mark.django_db(transaction=True)
def test_the_stage_is_restored_after_a_committing_test():
    factories.home()
