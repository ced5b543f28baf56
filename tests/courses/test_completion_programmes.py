"""A programme finishes with its last requirement, and its certificate is there."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from courses import completion, enrolment
from courses.models import Attempt, Certificate, Enrolment, ProgrammeEnrolment
from lms.models import Participation
from tests import factories


@pytest.fixture
def courses(home):
    return [factories.course(home, title=title, lessons=2) for title in ("基础", "工具", "选修")]


@pytest.fixture
def programme(home, courses):
    exam = factories.assessment(title="结业考试", kind="exam")
    return factories.programme(
        home,
        courses[:2],
        electives=courses[2:],
        elective_min=1,
        min_hours=Decimal(6),
        exam=exam,
        exam_needs_courses=True,
    )


def finish(user, course, admin):
    """Every lesson counts as met, so that its hours are credited."""
    row = enrolment.enrol(user, course)
    for lesson in course.lessons():
        completion.override(enrolment=row, lesson=lesson, author=admin, reason="线下班")
    return row


def pass_exam(joined):
    Attempt.objects.create(
        assessment=joined.programme.exam, user=joined.user, programme_enrolment=joined, number=1,
        started_at=timezone.now(), submitted_at=timezone.now(), pass_score=60, full_score=100, score=88, passed=True,
    )  # fmt: skip
    completion.settle_programme(joined)


def missing(joined):
    return [asked.kind for asked in completion.programme_report(joined).verdict.missing]


def test_joining_takes_up_the_required_courses(learner, programme, courses):
    joined = enrolment.join(learner, programme)
    assert joined.period == 1
    assert set(Enrolment.objects.values_list("course", flat=True)) == {course.pk for course in courses[:2]}


def test_the_last_requirement_finishes_it_and_issues_the_certificate(learner, admin, programme, courses):
    joined = enrolment.join(learner, programme)
    assert missing(joined) == ["course", "course", "electives", "hours", "exam"]
    for course in courses:
        finish(learner, course, admin)
    assert missing(joined) == ["exam"]
    assert completion.programme_report(joined).ready_for_exam
    pass_exam(joined)
    joined.refresh_from_db()
    assert joined.completed_at
    assert joined.hours == 6
    programme.refresh_from_db()
    assert joined.revision_id == programme.live_revision_id
    assert Certificate.objects.get().programme_enrolment == joined
    row = Participation.objects.get(kind="programme")
    assert (row.minutes, row.unit, row.unit_title) == (0, f"programme:{programme.translation_key}", programme.title)


def test_the_exam_waits_for_the_courses(learner, admin, programme, courses):
    joined = enrolment.join(learner, programme)
    finish(learner, courses[0], admin)
    assert not completion.programme_report(joined).ready_for_exam


def test_an_exam_passed_early_counts_when_the_courses_are_done(learner, admin, programme, courses):
    joined = enrolment.join(learner, programme)
    pass_exam(joined)
    for course in courses:
        joined.refresh_from_db()
        assert joined.completed_at is None
        finish(learner, course, admin)
    joined.refresh_from_db()
    assert joined.completed_at


def test_courses_finished_before_joining_count_at_once(learner, admin, home, courses):
    for course in courses[:2]:
        finish(learner, course, admin)
    joined = enrolment.join(learner, factories.programme(home, courses[:2]))
    assert joined.completed_at
    assert Certificate.objects.count() == 1


def test_an_elective_of_another_programme_is_none_of_this(learner, admin, home, programme, courses):
    joined = enrolment.join(learner, programme)
    finish(learner, factories.course(home, title="别的", lessons=9), admin)
    assert completion.programme_report(joined).hours == 0


def test_without_a_series_there_is_no_certificate(learner, admin, home, courses):
    joined = enrolment.join(learner, factories.programme(home, courses[:1], series=None))
    finish(learner, courses[0], admin)
    joined.refresh_from_db()
    assert joined.completed_at
    assert not Certificate.objects.exists()


def test_a_decision_finishes_a_programme(learner, admin, programme):
    joined = enrolment.join(learner, programme)
    made = completion.override(programme_enrolment=joined, author=admin, reason="省局批准免修")
    joined.refresh_from_db()
    assert joined.completed_at == made.made_at
    assert Certificate.objects.count() == 1


def test_a_course_that_was_waived_brings_its_hours(learner, admin, home, courses):
    joined = enrolment.join(learner, factories.programme(home, courses[:1], min_hours=Decimal(2)))
    completion.override(enrolment=Enrolment.objects.get(), author=admin, reason="同等课程")
    joined.refresh_from_db()
    assert joined.hours == 2


def test_settling_a_finished_programme_changes_nothing(learner, admin, home, courses):
    joined = enrolment.join(learner, factories.programme(home, courses[:1]))
    finish(learner, courses[0], admin)
    before = ProgrammeEnrolment.objects.values().get()
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        completion.settle_programme(joined)
    assert ProgrammeEnrolment.objects.values().get() == before
    assert Certificate.objects.count() == 1


def test_a_second_period_counts_only_what_was_finished_since(learner, admin, home, courses):
    programme = factories.programme(home, courses[:2])
    with time_machine.travel("2026-03-02T01:00:00Z", tick=False):
        first = enrolment.join(learner, programme)
        for course in courses[:2]:
            finish(learner, course, admin)
    with time_machine.travel("2028-03-02T01:00:00Z", tick=False):
        second = enrolment.join_again(learner, programme)
        assert (second.period, second.completed_at) == (2, None)
        assert missing(second) == ["course", "course"]
        finish(learner, courses[0], admin)
        assert missing(second) == ["course"]
        finish(learner, courses[1], admin)
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.completed_at.year == 2028
    assert first.completed_at.year == 2026
    assert Certificate.objects.count() == 2


def test_a_report_costs_the_same_for_any_number_of_courses(learner, admin, home, django_assert_num_queries):
    def report_of(count):
        courses = [factories.course(home, title=f"课{count}{n}") for n in range(count)]
        joined = enrolment.join(learner, factories.programme(home, courses, title=f"项目{count}"))
        for course in courses[1:]:
            finish(learner, course, admin)
        return ProgrammeEnrolment.objects.select_related("programme__exam").get(pk=joined.pk)

    one, three = report_of(1), report_of(4)
    with django_assert_num_queries(3):
        completion.programme_report(one)
    with django_assert_num_queries(5):
        completion.programme_report(three)
