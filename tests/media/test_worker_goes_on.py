"""A film that breaks the worker in a way nobody thought of fails alone; the film behind it is prepared."""

from django.core.files import File
from django.core.management import call_command

from media import library, transcoding
from media.models import Video


def add(path, title, trainer):
    with path.open("rb") as file:
        return library.add(file=File(file), name=f"{title}.mp4", title=title, owner=trainer)


def test_the_next_film_is_prepared(trainer, film, monkeypatch):
    broken, sound = add(film(), "一", trainer), add(film(), "二", trainer)
    honest = transcoding.work

    def work(video, **options):
        if video.pk == broken.pk:
            raise UnicodeDecodeError("gbk", b"\xff", 0, 1, "a fault of the machine's own")
        honest(video, **options)

    monkeypatch.setattr(transcoding, "work", work)
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
