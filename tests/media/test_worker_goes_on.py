"""A film that breaks the worker in a way nobody thought of fails alone; the film behind it is prepared."""

import pytest
from django.core.files import File as Upload
from django.core.management import call_command
from filer.models import File

from media import library
from media.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def add(path, title, trainer):
    with path.open("rb") as file:
        return library.add(file=Upload(file), name=f"{title}.mp4", title=title, owner=trainer)


def test_the_next_film_is_prepared(trainer, film):
    broken, sound = add(film(), "一", trainer), add(film(), "二", trainer)
    File.objects.filter(pk=broken.source_id).update(file="../../outside.mp4")  # as after a bad import
    call_command("transcode_worker", "--once")
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, broken.reason) == (Video.State.FAILED, Video.Reason.UNKNOWN)
    assert sound.state == Video.State.READY


def test_tags_in_another_encoding_are_no_obstacle(trainer, film):
    tagged = film(name="gbk.mp4", options=["-metadata", "title=XXXXXXXX"])
    tagged.write_bytes(tagged.read_bytes().replace(b"XXXXXXXX", "质量培训".encode("gbk")))
    video = add(tagged, "国标", trainer)
    call_command("transcode_worker", "--once")
    video.refresh_from_db()
    assert video.state == Video.State.READY
