"""A page that is scheduled appears by itself when its time has come."""

import datetime as dt

import time_machine
from django.utils import timezone

from lms import jobs
from tests import factories


def test_a_scheduled_lesson_appears_at_its_time(course):
    lesson = factories.lesson(course, title="定时课")
    lesson.unpublish()
    lesson.refresh_from_db()
    lesson.go_live_at = timezone.now() + dt.timedelta(hours=1)
    lesson.save_revision().publish()
    jobs.tick()
    assert not course.lessons().filter(title="定时课").exists()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        jobs.tick()
        assert course.lessons().filter(title="定时课").exists()
