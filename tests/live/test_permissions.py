"""Who is what in a room, and who may come in."""

import pytest
from django.contrib.auth.models import AnonymousUser

from courses import enrolment
from live import permissions
from live.models import Host
from tests import factories

NOBODY = AnonymousUser()


@pytest.fixture
def broadcast(db, trainer):
    return factories.broadcast(trainer=trainer, region_code="510100")


def test_each_person_has_one_role(broadcast, trainer, learner, city_clerk, provincial_clerk):
    moderator, assistant = factories.user(), factories.user()
    Host.objects.create(broadcast=broadcast, user=moderator, role=Host.Role.MODERATOR)
    Host.objects.create(broadcast=broadcast, user=assistant, role=Host.Role.ASSISTANT)
    people = [trainer, moderator, assistant, city_clerk, provincial_clerk, learner, NOBODY]
    assert [permissions.role(person, broadcast) for person in people] == [
        "trainer", "moderator", "assistant", "bureau", "bureau", "", "",
    ]  # fmt: skip


def test_an_officer_named_as_moderator_keeps_the_powers_of_the_bureau(broadcast, city_clerk):
    Host.objects.create(broadcast=broadcast, user=city_clerk, role=Host.Role.MODERATOR)
    assert permissions.role(city_clerk, broadcast) == "bureau"


def test_the_officer_of_another_city_has_no_role(broadcast):
    factories.region("510700", "绵阳市")
    assert permissions.role(factories.clerk("510700"), broadcast) == ""


def test_a_broadcast_without_a_region_is_that_of_the_province(trainer, city_clerk, provincial_clerk):
    made = factories.broadcast(trainer=trainer)
    assert [permissions.role(person, made) for person in (city_clerk, provincial_clerk)] == ["", "bureau"]


def test_trainers_and_assistants_go_on_air_and_moderators_do_not(broadcast, trainer, learner):
    moderator, assistant = factories.user(), factories.user()
    Host.objects.create(broadcast=broadcast, user=moderator, role=Host.Role.MODERATOR)
    Host.objects.create(broadcast=broadcast, user=assistant, role=Host.Role.ASSISTANT)
    people = [trainer, assistant, moderator, learner, NOBODY]
    assert [permissions.may_host(person, broadcast) for person in people] == [True, True, False, False, False]


def test_the_plan_is_changed_by_trainers_editors_and_the_bureau(broadcast, trainer, editor, city_clerk, learner):
    other = factories.user(groups=["Trainers"])
    people = [trainer, editor, city_clerk, other, learner, NOBODY]
    assert [permissions.may_manage(person, broadcast) for person in people] == [True, True, True, False, False, False]


def test_planning_is_for_trainers_editors_and_officers(db, trainer, editor, city_clerk, learner):
    people = [trainer, editor, city_clerk, learner, NOBODY]
    assert [permissions.may_schedule(person) for person in people] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("audience", "expected"), [("open", [True, True]), ("members", [True, False]), ("course", [False, False])]
)
def test_the_audience_decides_who_watches(broadcast, learner, audience, expected):
    broadcast.audience = audience
    assert [permissions.may_watch(person, broadcast) for person in (learner, NOBODY)] == expected


def test_learners_of_the_course_watch_what_is_for_them(trainer, course, learner, outsider):
    lesson = course.lessons().first()
    made = factories.broadcast(trainer=trainer, audience="course", lesson=lesson)
    enrolment.enrol(learner, course)
    people = [learner, outsider, trainer, NOBODY]
    assert [permissions.may_watch(person, made) for person in people] == [True, False, True, False]


@pytest.mark.parametrize("state", ["draft", "blocked"])
def test_what_is_not_announced_is_for_those_who_work_on_it(trainer, learner, city_clerk, state):
    made = factories.broadcast(trainer=trainer, audience="open", state=state, region_code="510100")
    people = [trainer, city_clerk, learner, NOBODY]
    assert [permissions.may_see(person, made) for person in people] == [True, True, False, False]
    assert [permissions.may_watch(person, made) for person in people] == [True, True, False, False]
