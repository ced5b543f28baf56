"""Where the people of an enterprise stand, in a constant number of queries, and of nobody else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from courses import assignments, enrolment, workforce
from courses.models import Assignment, Certificate, Enrolment, LessonProgress, ProgrammeEnrolment
from lms import enterprises
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def firm():
    return factories.enterprise()


@pytest.fixture
def programme(home, course):
    """Three lessons of one 学时 each, and an exam."""
    exam = factories.assessment(course, kind="exam", title="结业考试")
    return factories.programme(home, [course], exam=exam)


def employee(firm, name="曾凡"):
    return factories.member(factories.user(name=name), firm).user


def study(user, lessons):
    """Finish so many lessons."""
    held = Enrolment.objects.get(user=user)
    for lesson in list(held.course.lessons())[:lessons]:
        LessonProgress.objects.create(enrolment=held, lesson=lesson, hours=1, completed_at=timezone.now())


def give(firm, users, programme, days=30):
    day = TODAY() + timedelta(days=days)
    assignments.assign(enterprise=firm, people=[u.pk for u in users], programme=programme, due_on=day, by=users[0])


def test_what_was_done_and_what_is_missing(firm, programme):
    user = employee(firm)
    give(firm, [user], programme)
    study(user, 2)
    row = workforce.desk(firm).rows[0]
    assert (row.hours, row.needed, row.hours_left, row.exam_open) == (2, 3, 1, True)
    assert (row.started, row.done, row.title) == (True, False, "首席质量官任职培训")


def test_somebody_who_joined_alone_is_shown_without_a_day(firm, programme):
    user = employee(firm)
    enrolment.join(user, programme)
    row = workforce.desk(firm).rows[0]
    assert (row.assignment, row.due_on, row.started) == (None, None, False)


def test_somebody_without_any_programme_is_there_too(firm):
    employee(firm)
    desk = workforce.desk(firm)
    assert [(row.title, row.hours) for row in desk.rows] == [("", Decimal(0))]
    assert (desk.people, desk.finished, desk.learning) == (1, 0, 0)


def test_who_is_late_stands_first_and_who_finished_last(firm, programme):
    late, soon, far, done = (employee(firm, name) for name in ("迟到", "将到期", "尚早", "已结业"))
    give(firm, [far], programme, days=100)
    give(firm, [soon], programme, days=10)
    give(firm, [late, done], programme, days=1)
    Assignment.objects.filter(user__in=[late, done]).update(due_on=TODAY() - timedelta(days=1))
    ProgrammeEnrolment.objects.filter(user=done).update(completed_at=timezone.now(), hours=3)
    desk = workforce.desk(firm)
    assert [row.membership.user for row in desk.rows] == [late, soon, far, done]
    assert [row.membership.user for row in desk.behind] == [late, soon]
    assert desk.finished == 1


def test_people_who_left_and_people_of_others_are_not_shown(firm, programme):
    left, stranger = employee(firm), employee(factories.enterprise("91510600DEMQ02419T", "德阳东升"), "别家")
    give(firm, [left], programme)
    enterprises.leave(left)
    assert workforce.desk(firm).rows == ()
    assert [row.membership.user for row in workforce.desk(stranger.memberships.get().enterprise).rows] == [stranger]


def test_what_another_enterprise_asked_is_not_told(firm, programme):
    user = employee(firm)
    give(firm, [user], programme)
    other = factories.enterprise("91510600DEMQ02419T", "德阳东升")
    enterprises.transfer(user=user, enterprise=other)
    row = workforce.desk(other).rows[0]
    assert (row.assignment, row.title) == (None, "首席质量官任职培训")


def test_certificates_that_end_soon(firm, programme):
    user, other = employee(firm), employee(firm, "罗军")
    for number, (holder, days) in enumerate([(user, 30), (other, 90)]):
        Certificate.objects.create(
            number=f"T-{number}", number_key=f"T{number}", series=programme.series, year=2026, serial=number + 1,
            user=holder, snapshot={}, issued_at=timezone.now(), expires_on=TODAY() + timedelta(days=days),
        )  # fmt: skip
    assert [row.user for row in workforce.desk(firm).expiring] == [user]
    assert {row.user for row in workforce.certificates(firm)} == {user, other}


def test_fifty_people_cost_as_many_queries_as_one(firm, programme, django_assert_num_queries):
    give(firm, [employee(firm)], programme)
    with django_assert_num_queries(9):
        workforce.desk(firm)
    give(firm, [employee(firm, f"员工{n}") for n in range(5)], programme)
    with django_assert_num_queries(9):
        workforce.desk(firm)
