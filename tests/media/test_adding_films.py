import struct
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from filer.models import File, Folder

from media import library, shelves, transcoding
from media.models import Video

PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/passwd\n#EXT-X-ENDLIST\n"
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 200


def test_a_film_waits_in_the_library(trainer, film, upload):
    video = library.add(file=upload(film()), name="第一课 质量是什么.MP4", owner=trainer)
    assert (video.title, video.state, video.created_by) == ("第一课 质量是什么", Video.State.QUEUED, trainer)
    kept = video.source
    assert kept.original_filename == "第一课 质量是什么.MP4"
    assert (kept.folder.name, kept.owner, kept.is_public, kept.mime_type) == ("videos", trainer, False, "video/mp4")
    assert Path(kept.path).read_bytes() == film().read_bytes()


def test_its_name_on_disk_is_random_and_outside_of_the_public_uploads(trainer, film, upload, settings):
    video = library.add(file=upload(film()), name="质量.MP4", owner=trainer)
    assert video.source.path.startswith(str(settings.LIBRARY_ROOT))
    assert not video.source.path.startswith(str(settings.MEDIA_ROOT))
    assert video.source.file.name.endswith(".mp4")
    assert "质量" not in video.source.file.name


def test_a_title_may_be_given(trainer, film, upload):
    assert library.add(file=upload(film()), name="a.mp4", owner=trainer, title="绪论").title == "绪论"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mov", ()),
        ("a.mkv", ()),
        ("a.avi", ()),
        ("a.flv", ("-ar", "44100")),
        ("a.ts", ()),
        ("a.mpg", ("-c:v", "mpeg2video", "-c:a", "mp2")),
    ],
)
def test_common_containers_are_taken(trainer, film, upload, name, options):
    path = film("320x180", 1, name=name, options=options)
    assert library.add(file=upload(path), name=name, owner=trainer).pk


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"this is a shopping list\n" * 100, Video.Reason.NOT_VIDEO),
        (b"", Video.Reason.NOT_VIDEO),
        (PLAYLIST, Video.Reason.NOT_VIDEO),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", Video.Reason.NOT_VIDEO),
        (PICTURE, Video.Reason.NOT_VIDEO),
        (b"\0\0\0 ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 500, Video.Reason.DAMAGED),
    ],
    ids=["text", "empty", "playlist", "script", "picture", "header only"],
)
def test_anything_else_named_mp4_is_refused_and_nothing_is_kept(trainer, content, reason):
    with pytest.raises(library.NotAVideo) as refused:
        library.add(file=ContentFile(content, name="film.mp4"), name="film.mp4", owner=trainer)
    assert refused.value.reason == reason
    assert refused.value.message == str(reason.label)
    assert (Video.objects.count(), File.objects.count()) == (0, 0)


def test_a_container_without_anything_in_it_is_refused_with_its_own_words(trainer):
    head = struct.pack(">I4s4sI8s", 24, b"ftyp", b"isom", 0, b"isommp42")
    movie = struct.pack(">I4s12x2I80xI", 108, b"mvhd", 1000, 1000, 1)
    content = head + struct.pack(">I4s", 8 + len(movie), b"moov") + movie
    with pytest.raises(library.NotAVideo) as refused:
        library.add(file=ContentFile(content, name="film.mp4"), name="film.mp4", owner=trainer)
    assert refused.value.reason == Video.Reason.NOTHING


def test_sound_without_picture_is_refused(trainer, film, upload):
    path = film("16x16", 1, name="sound.mp4", options=("-vn",))
    with pytest.raises(library.NotAVideo) as refused:
        library.add(file=upload(path), name="sound.mp4", owner=trainer)
    assert refused.value.reason == Video.Reason.NO_PICTURE


def test_a_truncated_film_is_refused(trainer, film):
    content = film().read_bytes()[:20_000]
    with pytest.raises(library.NotAVideo) as refused:
        library.add(file=ContentFile(content, name="a.mp4"), name="a.mp4", owner=trainer)
    assert refused.value.reason == Video.Reason.DAMAGED


def test_a_film_over_the_limit_is_refused(trainer, film, upload, settings):
    settings.VIDEO_MAX_BYTES = 1000
    with pytest.raises(library.NotAVideo) as refused:
        library.add(file=upload(film()), name="a.mp4", owner=trainer)
    assert refused.value.reason == Video.Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\Users\\lin\\课程.mp4", "课程.mp4"),
        ("", "file"),
        ("长" * 250 + ".mp4", "长" * 250 + ".mp4"),
        ("长" * 300 + ".mp4", "长" * 251 + ".mp4"),
    ],
)
def test_names_lose_their_folders_and_their_excess(given, kept):
    assert shelves.clean_name(given) == kept


def test_a_very_long_name_can_be_added(trainer, film, upload):
    video = library.add(file=upload(film()), name="长" * 300 + ".mp4", owner=trainer)
    assert video.title == "长" * 251


def test_films_of_other_doors_are_adopted_once(trainer, film, upload):
    file = File.objects.create(file=upload(film()), original_filename="讲座.mp4", owner=trainer)
    File.objects.create(file=ContentFile(b"%PDF-1.7", name="a.pdf"), original_filename="a.pdf")
    adopted = library.adopt()
    assert [(v.source_id, v.title, v.created_by, v.state) for v in adopted] == [
        (file.pk, "讲座", trainer, Video.State.QUEUED)
    ]
    assert library.adopt() == []


def test_looking_for_films_to_adopt_costs_one_query(trainer, film, upload, django_assert_num_queries):
    library.add(file=upload(film()), name="a.mp4", owner=trainer)
    with django_assert_num_queries(1):
        library.adopt()


def test_a_film_uploaded_in_filers_own_pages_is_private_and_taken_over(client, admin, film, upload):
    client.force_login(admin)
    folder = Folder.objects.create(name="讲座")
    address = reverse("admin:filer-ajax_upload", kwargs={"folder_id": folder.pk})
    answer = client.post(address, {"file": upload(film(name="会议 录像.mp4"))})
    assert (answer.status_code, "error" in answer.json()) == (200, False)
    file = File.objects.get()
    assert (file.is_public, file.original_filename) == (False, "会议 录像.mp4")
    assert Path(file.path).name.isascii()
    (video,) = library.adopt()
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert (video.state, video.title) == (Video.State.READY, "会议 录像")


def test_a_page_uploaded_in_filers_own_pages_is_refused(client, admin, upload, tmp_path):
    page = tmp_path / "a.html"
    page.write_text("<script>alert(1)</script>")
    client.force_login(admin)
    address = reverse("admin:filer-ajax_upload", kwargs={"folder_id": Folder.objects.create(name="讲座").pk})
    client.post(address, {"file": upload(page)})
    assert File.objects.count() == 0
