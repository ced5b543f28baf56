"""Joining, studying again, and the order of lessons."""

import pytest
from django.urls import reverse
from wagtail.models import Locale

from courses import completion, enrolment
from courses.models import Enrolment, ProgrammeEnrolment
from tests import factories


def test_joining_twice_is_one_enrolment(learner, course):
    assert enrolment.enrol(learner, course) == enrolment.enrol(learner, course)
    assert Enrolment.objects.count() == 1


def test_a_translated_course_is_the_same_course(learner, course):
    english, _created = Locale.objects.get_or_create(language_code="en")
    course.get_parent().specific.copy_for_translation(english, copy_parents=True)
    translated = course.copy_for_translation(english)
    translated.save_revision().publish()
    row = enrolment.enrol(learner, translated)
    assert row.course_id == course.pk
    assert enrolment.current(learner, translated) == row


def test_a_course_that_is_not_published_cannot_be_joined(learner, course):
    course.unpublish()
    with pytest.raises(enrolment.NotOpen):
        enrolment.enrol(learner, course)


def test_studying_again_keeps_the_old_record(learner, admin, course):
    first = enrolment.enrol(learner, course)
    completion.override(enrolment=first, author=admin, reason="已学")
    second = enrolment.again(learner, course)
    first.refresh_from_db()
    assert (first.period, second.period) == (1, 2)
    assert first.completed_at
    assert first.ended_at
    assert (second.completed_at, second.ended_at) == (None, None)
    assert enrolment.current(learner, course) == second


def test_studying_again_without_having_studied_is_simply_joining(learner, course):
    assert enrolment.again(learner, course).period == 1


def test_nobody_is_enrolled_by_not_signing_in(client, course):
    answer = client.post(reverse("enrol", args=[course.pk]))
    assert answer.status_code == 302
    assert reverse("account_login") in answer.url
    assert not Enrolment.objects.exists()


def test_a_course_without_order_holds_nothing_back(learner, course):
    row = enrolment.enrol(learner, course)
    assert [enrolment.lock(row, lesson) for lesson in course.lessons()] == [None, None, None]


def test_in_a_course_with_order_each_lesson_waits_for_the_one_before(learner, admin, home):
    course = factories.course(home, lessons=3, sequential=True)
    first, second, third = course.lessons()
    row = enrolment.enrol(learner, course)
    assert enrolment.lock(row, first) is None
    assert enrolment.lock(row, third).needs == first
    completion.override(enrolment=row, lesson=first, author=admin, reason="已学")
    assert enrolment.lock(row, second) is None
    assert enrolment.lock(row, third).needs == second


def test_a_lesson_finished_out_of_order_stays_open(learner, admin, home):
    course = factories.course(home, lessons=3, sequential=True)
    row = enrolment.enrol(learner, course)
    third = course.lessons().last()
    completion.override(enrolment=row, lesson=third, author=admin, reason="已学")
    assert enrolment.lock(row, third) is None


def test_a_lesson_taken_down_holds_nothing_back(learner, home):
    course = factories.course(home, lessons=2, sequential=True)
    first, second = course.lessons()
    row = enrolment.enrol(learner, course)
    first.unpublish()
    assert enrolment.lock(row, second) is None


def test_the_lock_names_the_lesson_in_the_readers_language(learner, home):
    course = factories.course(home, lessons=2, sequential=True)
    row = enrolment.enrol(learner, course)
    first, second = course.lessons()
    assert first.title in enrolment.lock(row, second).reason


# --- the doors ---


def test_the_button_joins_and_leads_back_to_the_course(client, learner, course):
    client.force_login(learner)
    answer = client.post(reverse("enrol", args=[course.pk]))
    assert answer.url == course.url
    assert Enrolment.objects.get().user == learner


def test_coming_by_link_joins_nothing(client, learner, course):
    client.force_login(learner)
    assert client.get(reverse("enrol", args=[course.pk])).url == course.url
    assert not Enrolment.objects.exists()


def test_the_button_of_a_programme_joins_it(client, learner, home, course):
    programme = factories.programme(home, [course])
    client.force_login(learner)
    assert client.post(reverse("join", args=[programme.pk])).url == programme.url
    assert ProgrammeEnrolment.objects.get().user == learner


@pytest.mark.parametrize("name", ["enrol", "study_again", "join", "join_again", "finish_reading"])
def test_what_does_not_exist_is_not_found(client, learner, name):
    client.force_login(learner)
    assert client.post(reverse(name, args=[99_999])).status_code == 404


def test_a_draft_course_is_not_found(client, learner, course):
    course.unpublish()
    client.force_login(learner)
    assert client.post(reverse("enrol", args=[course.pk])).status_code == 404


def test_studying_again_by_button(client, learner, course):
    present = enrolment.enrol(learner, course)
    client.force_login(learner)
    client.post(reverse("study_again", args=[course.pk]))
    assert Enrolment.objects.count() == 1  # not before this period is finished: limits of attempts hold
    Enrolment.objects.filter(pk=present.pk).update(completed_at=present.started_at)
    client.post(reverse("study_again", args=[course.pk]))
    assert list(Enrolment.objects.order_by("period").values_list("period", flat=True)) == [1, 2]
