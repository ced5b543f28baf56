"""A course or programme that asks for less finishes those who have done enough, without another click of theirs."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models.signals import pre_save
from django.utils import timezone

from courses import completion, enrolment, settlement
from courses.models import Certificate, Enrolment, ProgrammeCourse
from lms.models import Participation
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(django_capture_on_commit_callbacks):
    """What happens after the editor's transaction; the tasks of the tests run at once."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def finish_lesson(row, lesson, author):
    completion.override(enrolment=row, lesson=lesson, author=author, reason="线下班")


@pytest.fixture
def study(learner, course, admin):
    """Two of three lessons are finished."""
    row = enrolment.enrol(learner, course)
    for lesson in course.lessons()[:2]:
        finish_lesson(row, lesson, admin)
    return row


def is_done(row):
    row.refresh_from_db()
    return row.completed_at is not None


def test_taking_the_last_missing_lesson_down_finishes_the_course(study, course, changed):
    with changed():
        course.lessons()[2].unpublish()
    assert is_done(study)


def test_so_does_deleting_it(study, course, changed):
    with changed():
        course.lessons()[2].delete()
    assert is_done(study)


def test_so_does_moving_it_to_another_course(study, course, home, changed):
    other = factories.course(home, title="另一门课")
    with changed():
        course.lessons()[2].move(other, pos="last-child")
    assert is_done(study)


def test_a_lower_threshold_finishes_what_was_watched_enough(learner, home, changed):
    course = factories.course(home, lessons=1, seconds=100.0, threshold=90)
    row = enrolment.enrol(learner, course)
    lesson = course.lessons()[0]
    completion.attend(
        key="live", enrolment=row, lesson=lesson, channel=Participation.Channel.LIVE, intervals=[[0, 70_000]],
        duration_ms=100_000, video=lesson.video,
    )  # fmt: skip
    assert not is_done(row)
    course.threshold = 60
    with changed():
        course.save_revision().publish()
    assert is_done(row)


def test_a_programme_with_fewer_courses_and_hours_issues_its_certificate(learner, home, admin, changed):
    courses = [factories.course(home, title=title) for title in ("基础", "工具")]
    programme = factories.programme(home, courses, min_hours=Decimal(6))
    joined = enrolment.join(learner, programme)
    study = enrolment.enrol(learner, courses[0])
    finish_lesson(study, courses[0].lessons()[0], admin)
    assert is_done(study)
    programme.min_hours = Decimal("0.5")
    programme.courses = [each for each in programme.courses.all() if each.course_id == courses[0].pk]
    with changed():
        programme.save_revision().publish()
    assert ProgrammeCourse.objects.filter(programme=programme).count() == 1
    assert is_done(joined)
    assert Certificate.objects.filter(programme_enrolment=joined).count() == 1


def test_doing_it_again_changes_nothing(study, course, changed):
    with changed():
        course.lessons()[2].unpublish()
    study.refresh_from_db()
    rows = Participation.objects.count()
    assert settlement.settle_studies.call(course.pk) == 0
    before = study.completed_at
    study.refresh_from_db()
    assert (study.completed_at, Participation.objects.count()) == (before, rows)


def test_many_are_settled_in_pieces(course, admin, changed, monkeypatch):
    monkeypatch.setattr(settlement, "PIECE", 2)
    people = [factories.user() for _ in range(5)]
    rows = [enrolment.enrol(person, course) for person in people]
    for row in rows:
        for lesson in course.lessons()[:2]:
            finish_lesson(row, lesson, admin)
    with changed():
        course.lessons()[2].unpublish()
    assert all(is_done(row) for row in rows)


def test_one_that_fails_keeps_nobody_else_waiting(course, admin, monkeypatch):
    monkeypatch.setattr(settlement, "PIECE", 2)
    rows = [enrolment.enrol(factories.user(), course) for _ in range(5)]
    for row in rows:
        for lesson in course.lessons()[:2]:
            finish_lesson(row, lesson, admin)

    def broken(instance, **kwargs):
        if instance.pk == rows[0].pk:
            raise ArithmeticError("damaged row")

    course.lessons()[2].unpublish()  # its own tasks wait for a commit that does not come
    pre_save.connect(broken, sender=Enrolment)
    try:
        with pytest.raises(ExceptionGroup):
            settlement.settle_studies.call(course.pk)
    finally:
        pre_save.disconnect(broken, sender=Enrolment)
    assert [is_done(row) for row in rows] == [False, True, True, True, True]


def test_an_ended_period_keeps_its_record(study, course, changed):
    study.ended_at = timezone.now()
    study.save()
    with changed():
        course.lessons()[2].unpublish()
    assert not is_done(study)


def test_asking_for_more_takes_nothing_back(study, course, changed):
    with changed():
        course.lessons()[2].unpublish()
    with changed():
        factories.lesson(course)
    assert is_done(study)


def test_nobody_enrolled_means_nothing_queued(course, changed):
    with changed() as queued:
        course.lessons()[2].unpublish()
    assert [each for each in queued if "settle" in repr(each)] == []


def test_recompute_repairs_programmes_too(learner, home, admin):
    course = factories.course(home)
    programme = factories.programme(home, [course], min_hours=Decimal(30))
    joined = enrolment.join(learner, programme)
    finish_lesson(enrolment.enrol(learner, course), course.lessons()[0], admin)
    programme.min_hours = Decimal(0)
    programme.save()  # behind the back of publishing
    call_command("recompute", "--person", learner.email, verbosity=0)
    assert is_done(joined)
    assert Certificate.objects.filter(programme_enrolment=joined).exists()


def test_recompute_takes_the_number_of_a_programme(learner, home, admin, capsys):
    course = factories.course(home)
    joined = enrolment.join(learner, factories.programme(home, [course]))
    call_command("recompute", str(joined.uuid))
    assert "0 programmes finished" in capsys.readouterr().out
    assert not is_done(joined)
