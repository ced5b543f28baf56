"""What tests do with the replay of a broadcast and the film of its lesson."""

from courses.models import LessonPage
from live import recordings
from live.models import Broadcast
from tests import factories


def ready(broadcast):
    """The replay as a film, made at once."""
    recordings.make_due()
    broadcast.refresh_from_db()
    assert broadcast.state == Broadcast.State.REPLAY
    return broadcast.film


def give_a_film(lesson):
    page = LessonPage.objects.get(pk=lesson.pk)
    page.body.insert(0, ("video", factories.video(seconds=600)))
    page.save_revision().publish()
