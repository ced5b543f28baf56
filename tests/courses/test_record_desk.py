"""Those who keep the records find them, read the evidence, and decide with a reason; nobody else does."""

import pytest
from django.urls import reverse

from courses import enrolment
from courses.models import Override
from lms.models import Participation
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def keeper(client, provincial_clerk):
    client.force_login(provincial_clerk)
    return provincial_clerk


def text(response):
    return response.content.decode()


def test_records_are_found_by_name_and_course(client, keeper, learner, outsider, course, row):
    enrolment.enrol(outsider, course)
    found = text(client.get(reverse("enrolment:index"), {"q": learner.name}))
    assert learner.name in found
    assert outsider.name not in found
    assert outsider.name in text(client.get(reverse("enrolment:index"), {"q": course.title}))


def test_each_row_of_the_lists_leads_to_its_record(client, keeper, learner, home, course, row):
    joined = factories.programme_enrolment(learner, factories.programme(home, [course]))
    for name, listed in (("enrolment", row), ("programmeenrolment", joined)):
        address = reverse(f"{name}:inspect", args=[listed.pk])
        assert f'<a href="{address}"' in text(client.get(reverse(f"{name}:index"))).replace("\n", " ")
        assert learner.name in text(client.get(address))


def test_a_record_shows_what_is_missing_and_the_evidence(client, keeper, learner, course, row):
    with frozen() as clock:
        viewer = Viewer(clock, learner, course.lessons().first())
        viewer.watch(20)
        viewer.claim(0, 100)
        viewer.beat()
    told = text(client.get(reverse("enrolment:inspect", args=[row.pk])))
    assert all(lesson.title in told for lesson in course.lessons())
    assert "2026-03-02 09:00 – 09:00" in told
    assert told.count(reverse("record_decide_lesson", args=[row.pk, course.lessons().first().pk])) == 1


def test_a_decision_is_written_with_its_reason_and_counts(client, keeper, course, row):
    lesson = course.lessons().first()
    address = reverse("record_decide_lesson", args=[row.pk, lesson.pk])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"reason": "已在线下班完成"})
    assert answer.url == reverse("enrolment:inspect", args=[row.pk])
    made = Override.objects.get()
    assert (made.author, made.lesson, made.reason) == (keeper, lesson, "已在线下班完成")
    assert Participation.objects.count() == 1
    told = text(client.get(answer.url))
    assert "已在线下班完成" in told
    assert address not in told


def test_a_whole_course_and_a_programme_can_be_decided(client, keeper, learner, home, course, row):
    client.post(reverse("record_decide", args=[row.pk]), {"reason": "同等课程"})
    row.refresh_from_db()
    assert row.completed_at
    joined = enrolment.join(learner, factories.programme(home, [factories.course(home, title="另一门")]))
    assert client.get(reverse("programmeenrolment:inspect", args=[joined.pk])).status_code == 200
    client.post(reverse("record_decide_programme", args=[joined.pk]), {"reason": "省局批准"})
    joined.refresh_from_db()
    assert joined.completed_at
    assert "省局批准" in text(client.get(reverse("programmeenrolment:inspect", args=[joined.pk])))


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_without_a_reason_is_not_taken(client, keeper, row, reason):
    assert client.post(reverse("record_decide", args=[row.pk]), {"reason": reason}).status_code == 422
    assert not Override.objects.exists()


def test_a_lesson_of_another_course_is_not_found(client, keeper, home, row):
    stranger = factories.course(home, title="别的课", lessons=1).lessons().get()
    assert client.get(reverse("record_decide_lesson", args=[row.pk, stranger.pk])).status_code == 404


@pytest.mark.parametrize("role", ["learner", "trainer", "editor", "city_clerk", "manager"])
def test_nobody_else_reads_or_decides(client, request, row, role):
    client.force_login(request.getfixturevalue(role))
    addresses = [
        reverse("enrolment:index"),
        reverse("enrolment:inspect", args=[row.pk]),
        reverse("programmeenrolment:index"),
        reverse("record_decide", args=[row.pk]),
    ]
    for address in addresses:
        assert client.get(address).status_code in (302, 403)
    assert client.post(reverse("record_decide", args=[row.pk]), {"reason": "自己批准"}).status_code in (302, 403)
    assert not Override.objects.exists()


def test_a_list_costs_the_same_for_any_number_of_records(client, keeper, course, django_assert_max_num_queries):
    for _ in range(20):
        enrolment.enrol(factories.user(), course)
    client.get(reverse("enrolment:index"))
    with django_assert_max_num_queries(25):
        client.get(reverse("enrolment:index"))
