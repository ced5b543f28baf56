"""Who is in a live room counts as online, by city, and nobody counts twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from courses import enrolment, progress
from live import presence
from lms import presence as online
from tests import factories
from tests.live import streams

pytestmark = pytest.mark.django_db
CHENGDU = "510100"


def sit(broadcast, person, ago=10, **fields):
    now = timezone.now()
    return streams.stay(broadcast, person, (now - timedelta(minutes=5), now - timedelta(seconds=ago)), **fields)


def test_people_in_open_rooms_by_city_each_once(learner, outsider, trainer):
    factories.member(learner)
    room, other = factories.broadcast(state="live"), factories.broadcast(state="interrupted")
    for broadcast in (room, room, other):
        sit(broadcast, learner)
    sit(room, outsider)
    sit(room, None)
    sit(room, trainer, left_at=timezone.now())
    sit(other, trainer, ago=300)
    sit(factories.broadcast(state="replay"), trainer, replay=True)
    assert presence.by_city() == {CHENGDU: 1, "UNKNOWN": 1}
    (row,) = online.now(factories.region()).rows
    assert (row.region.code, row.parts) == (CHENGDU, (0, 1))


def test_who_also_watches_a_lesson_is_counted_there(learner, course):
    factories.member(learner)
    enrolment.enrol(learner, course)
    sit(factories.broadcast(state="live"), learner)
    progress.open_player(learner, course.lessons().first())
    assert presence.by_city() == {}
    assert online.now(factories.region()).total == 1
