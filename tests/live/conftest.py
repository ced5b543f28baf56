"""What the tests of rooms and of the ingest begin with, and what they leave behind in their process."""

from datetime import timedelta

import pytest
from channels.db import database_sync_to_async as sync_to_async
from django.db import connections
from django.utils import timezone

from courses.models import LessonPage
from live import chat, words
from tests import factories

from . import streams
from .guests import speaker


@pytest.fixture(autouse=True)
def no_words_of_others():
    words.forget()


@pytest.fixture
async def hang_up(transactional_db):
    """Threads keep their connections, and the database is put back when the test ends."""
    yield
    await chat.let_go()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def live(transactional_db):
    return factories.broadcast(state="live")


@pytest.fixture
def mei(live):
    return speaker("陈梅")


@pytest.fixture
def ming(live):
    return speaker("张明远")


@pytest.fixture
def began():
    """When a lecture of two hours ago began."""
    return timezone.now().replace(microsecond=0) - timedelta(hours=2)


@pytest.fixture
def at(began):
    """A moment of that lecture, by its minute."""
    return lambda minutes: began + timedelta(minutes=minutes)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Pieces of six seconds of film."""
    return streams.encode(tmp_path_factory.mktemp("wide"))


@pytest.fixture
def lecture(began, wide, trainer):
    """Six seconds, and after a break six more."""
    made = factories.broadcast(
        state="live", trainer=trainer, starts_at=began, started_at=began, minutes=10, created_by=trainer
    )
    streams.record_film(made, began, wide)
    streams.record_film(made, began + timedelta(seconds=60), wide)
    return streams.end(made, began + timedelta(seconds=66), by=trainer)


@pytest.fixture
def lesson(course):
    """One that is held live, and has no film."""
    return factories.lesson(course, with_video=False, kind=LessonPage.Kind.LIVE, credit_hours=1)


@pytest.fixture
def taught(lecture, lesson):
    """The lecture of that lesson."""
    lecture.lesson = lesson
    lecture.save()
    return lecture
