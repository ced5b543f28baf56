"""A film arrives in pieces by tus: whole, cut off, continued, refused, given up."""

import os
import resource
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from filer.models import File

from lms import accounts, jobs
from media import library, parts, transcoding, uploads
from media.models import Upload, Video
from tests import factories
from tests.media.test_office import may
from tests.media.tus import STREAM, Sender, metadata


@pytest.fixture
def sender(client, trainer):
    client.force_login(may(trainer, "add_video", "change_video", "view_video"))
    return Sender(client)


@pytest.fixture
def content(film):
    return film().read_bytes()


@pytest.fixture
def others():
    def other(account):
        client = Client()
        client.force_login(account)
        return Sender(client)

    return other


def test_a_film_arrives_in_three_pieces_and_becomes_a_lesson_film(sender, trainer, content):
    created = sender.create(len(content), filename="第一课 质量是什么.mp4")
    address = created["Location"]
    assert (created.status_code, created["Upload-Offset"], created["Tus-Resumable"]) == (201, "0", "1.0.0")
    third = len(content) // 3
    for start, stop in ((0, third), (third, 2 * third), (2 * third, len(content))):
        assert sender.offset(address)["Upload-Offset"] == str(start)
        assert Video.objects.count() == 0
        answer = sender.send(address, content[start:stop], start)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(stop))
    video = Video.objects.get()
    assert (video.title, video.created_by, video.state) == ("第一课 质量是什么", trainer, Video.State.QUEUED)
    assert Path(video.source.path).read_bytes() == content
    assert (video.source.is_public, video.source.mime_type, video.source.owner) == (False, "video/mp4", trainer)
    assert sender.state(address)["video"]["id"] == video.pk
    assert not parts.path_of(Upload.objects.get().uuid).exists()
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert video.state == Video.State.READY


def test_the_first_bytes_may_come_with_the_announcement(sender, content):
    created = sender.create(len(content), head=content[:1000])
    assert (created.status_code, created["Upload-Offset"]) == (201, "1000")
    assert sender.send(created["Location"], content[1000:], 1000).status_code == 204
    assert Video.objects.count() == 1


def test_the_same_file_chosen_again_goes_on_where_it_stopped(sender, content):
    first = sender.create(len(content), head=content[:500], stamp="1700000000")
    sender.send(first["Location"], content[500:5000], 500)
    again = sender.create(len(content), head=content[:500], stamp="1700000000")
    assert (again["Location"], again["Upload-Offset"]) == (first["Location"], "5000")
    changed = sender.create(len(content), head=content[:500], stamp="1800000000")
    other = sender.create(len(content), head=b"\1" + content[1:500], stamp="1700000000")
    assert len({first["Location"], changed["Location"], other["Location"]}) == 3


def test_what_came_before_the_connection_broke_is_kept(sender, content):
    address = sender.create(len(content))["Location"]
    row = Upload.objects.get()
    pieces = iter([content[:70_000], content[70_000:90_000]])

    def read(size):
        try:
            return next(pieces)
        except StopIteration:
            raise uploads.Interrupted from None

    with pytest.raises(uploads.Interrupted):
        uploads.receive(row, offset=0, announced=len(content), read=read)
    assert sender.offset(address)["Upload-Offset"] == "90000"
    row.refresh_from_db()
    assert row.offset == 90_000


def test_an_upload_that_stops_at_99_per_cent_is_never_half_a_film(sender, content):
    address = sender.create(len(content))["Location"]
    cut = len(content) * 99 // 100
    sender.send(address, content[:cut], 0)
    assert sender.state(address)["state"] == "receiving"
    jobs.tick()
    assert (Video.objects.count(), File.objects.count()) == (0, 0)
    with time_machine.travel(timezone.now() + timedelta(hours=71)):
        uploads.sweep()
        assert sender.offset(address)["Upload-Offset"] == str(cut)
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        assert uploads.sweep() == 1
    assert sender.offset(address).status_code == 404
    assert sender.send(address, content[cut:], cut).status_code == 404
    assert (Video.objects.count(), sender.state(address)["state"]) == (0, "expired")
    assert not parts.path_of(Upload.objects.get().uuid).exists()


def test_99_per_cent_and_then_the_rest_is_a_whole_film(sender, content):
    address = sender.create(len(content))["Location"]
    cut = len(content) * 99 // 100
    sender.send(address, content[:cut], 0)
    with time_machine.travel(timezone.now() + timedelta(hours=50)):
        assert sender.send(address, content[cut:], cut).status_code == 204
    assert Path(Video.objects.get().source.path).read_bytes() == content


def test_a_process_that_died_at_the_last_byte_leaves_nothing_undone(sender, content):
    sender.create(len(content))
    row = Upload.objects.get()
    path = parts.path_of(row.uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert uploads.finish_left() == 0  # somebody may still be at it
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert uploads.finish_left() == 1
    assert Video.objects.count() == 1
    assert uploads.finish_left() == 0


def test_one_that_cannot_be_finished_does_not_stop_the_others(sender, content):
    for name in ("busy.mp4", "broken.mp4", "whole.mp4"):
        sender.create(len(content), filename=name)
    busy, broken, whole = Upload.objects.order_by("pk")
    for row in (busy, whole):
        parts.path_of(row.uuid).parent.mkdir(parents=True, exist_ok=True)
        parts.path_of(row.uuid).write_bytes(content)
    parts.path_of(broken.uuid).mkdir()  # no part of ours, and nothing to read
    Upload.objects.filter(pk=broken.pk).update(length=1)
    with time_machine.travel(timezone.now() + timedelta(minutes=3)), parts.locked(busy.uuid):
        assert uploads.finish_left() == 1
        assert Upload.objects.get(pk=whole.pk).state == Upload.State.KEPT
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert uploads.finish_left() == 1
    assert Upload.objects.get(pk=broken.pk).state == Upload.State.RECEIVING


def test_many_paused_uploads_do_not_hide_a_whole_one(sender, trainer, content):
    made = {"owner": trainer, "purpose": "film", "length": 10**6, "expires_at": timezone.now() + timedelta(days=1)}
    Upload.objects.bulk_create([Upload(name=f"{n}.mp4", **made) for n in range(60)])
    row = Upload.objects.create(**made | {"name": "whole.mp4", "length": len(content)})
    parts.path_of(row.uuid).parent.mkdir(parents=True, exist_ok=True)
    parts.path_of(row.uuid).write_bytes(content)
    Upload.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=5))
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert uploads.finish_left() == 1


def test_the_question_how_it_stands_finishes_it_as_well(sender, content):
    address = sender.create(len(content))["Location"]
    path = parts.path_of(Upload.objects.get().uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert sender.state(address)["state"] == "kept"
    assert sender.state(address)["state"] == "kept"
    assert Video.objects.count() == 1


def test_a_text_named_mp4_is_refused_with_its_first_bytes(sender):
    answer = sender.create(3 * 1024**3, head=b"this is a shopping list\n" * 2800)
    assert answer.status_code == 422
    assert answer.json()["message"] == str(Video.Reason.NOT_VIDEO.label)
    row = Upload.objects.get()
    assert (row.state, parts.path_of(row.uuid).exists()) == (Upload.State.REFUSED, False)


def test_it_is_refused_in_the_language_of_the_page(sender):
    sender.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = sender.create(10**6, head=b"words " * 20_000)
    assert answer.json()["message"].startswith("This is not a video file")


def test_a_short_text_is_refused_at_its_end(sender):
    address = sender.create(24)["Location"]
    assert sender.send(address, b"this is a shopping list\n", 0).status_code == 422
    assert sender.state(address)["message"] == str(Video.Reason.NOT_VIDEO.label)
    assert Video.objects.count() == 0


def test_a_container_without_a_film_is_refused_at_the_end(sender):
    hollow = b"\0\0\0 ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 100_000
    answer, address = sender.whole(hollow)
    assert answer.status_code == 422
    assert sender.state(address)["message"] == str(Video.Reason.DAMAGED.label)
    assert (Video.objects.count(), File.objects.count()) == (0, 0)


def test_an_empty_file_is_refused(sender):
    assert sender.create(0).status_code == 422
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("质" * 250 + ".mp4", "质" * 250 + ".mp4"),
        ("质" * 300 + ".mp4", "质" * 251 + ".mp4"),
        ("../../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\课程\\第一课.mp4", "第一课.mp4"),
        ("\u202egpj.质量\u200f.mp4", "gpj.质量.mp4"),
        ("行\r\n一\x07\x1b[31m.mp4", "行一[31m.mp4"),
        ("..", ".."),
        ("/", "file"),
        ("", "file"),
    ],
)
def test_whatever_it_is_called_it_lies_under_a_name_of_ours(sender, content, settings, given, kept):
    answer, _address = sender.whole(content, filename=given)
    assert answer.status_code == 204
    source = Video.objects.get().source
    assert source.original_filename == kept
    assert Path(source.path).resolve().is_relative_to(Path(settings.LIBRARY_ROOT).resolve())
    assert Path(source.path).name.isascii()


@pytest.mark.parametrize("offset", [0, 999, 1001, 10**9])
def test_a_wrong_offset_writes_nothing(sender, content, offset):
    address = sender.create(len(content), head=content[:1000])["Location"]
    refused = sender.send(address, content[1000:2000], offset)
    assert refused.status_code == 409
    assert "请先查询续传位置" in refused.json()["message"]
    assert sender.offset(address)["Upload-Offset"] == "1000"


def test_more_bytes_than_announced_are_refused_and_not_kept(sender, content):
    address = sender.create(len(content), head=content[:1000])["Location"]
    assert sender.send(address, content[1000:] + b"!", 1000).status_code == 413
    assert sender.offset(address)["Upload-Offset"] == "1000"
    row = Upload.objects.get()
    endless = iter([content[1000:], b"!"])
    with pytest.raises(uploads.TooLarge):
        uploads.receive(row, offset=1000, announced=None, read=lambda size: next(endless))
    assert sender.offset(address)["Upload-Offset"] == "1000"
    assert Video.objects.count() == 0


def test_two_requests_at_once_do_not_mix(sender, content):
    address = sender.create(len(content))["Location"]
    with parts.locked(Upload.objects.get().uuid):
        assert sender.send(address, content, 0).status_code == 423
    assert sender.send(address, content, 0).status_code == 204


def test_giving_up_does_not_wait_for_the_request_that_still_sends(sender, content, monkeypatch):
    monkeypatch.setattr(parts, "SYNC_SECONDS", 0)
    address = sender.create(len(content))["Location"]
    row = Upload.objects.get()
    pieces = iter([content[:70_000], None, content[70_000:80_000]])

    def read(size):
        piece = next(pieces)
        if piece is None:
            assert sender.cancel(address).status_code == 204
            piece = next(pieces)
        return piece

    with pytest.raises(uploads.NotFound):
        uploads.receive(row, offset=0, announced=len(content), read=read)
    row.refresh_from_db()
    assert (row.state, parts.path_of(row.uuid).exists(), Video.objects.count()) == (Upload.State.CANCELLED, False, 0)


def test_somebody_elses_upload_is_not_there(sender, others, editor, content):
    address = sender.create(len(content), head=content[:1000])["Location"]
    stranger = others(may(editor, "add_video", "change_video"))
    for answer in (
        stranger.send(address, content[1000:], 1000),
        stranger.offset(address),
        stranger.cancel(address),
        stranger.client.get(address),
        stranger.decide(address, "keep"),
    ):
        assert answer.status_code == 404
    assert sender.offset(address)["Upload-Offset"] == "1000"
    assert stranger.client.get(reverse("media:uploads")).json()["uploads"] == []
    assert len(sender.client.get(reverse("media:uploads")).json()["uploads"]) == 1


def test_who_may_not_upload_does_not(client, learner):
    assert Sender(client).create(100).status_code == 401
    client.force_login(learner)
    assert Sender(client).create(100).status_code == 403
    assert Upload.objects.count() == 0


def test_a_foreign_page_cannot_send_in_ones_name(trainer, content):
    client = Client(enforce_csrf_checks=True)
    client.force_login(may(trainer, "add_video"))
    sender = Sender(client)
    assert sender.create(len(content)).status_code == 403
    row = uploads.begin(owner=trainer, name="a.mp4", length=len(content))
    address = reverse("media:upload", args=[row.uuid])
    assert sender.send(address, content, 0).status_code == 403
    assert sender.cancel(address).status_code == 403
    row.refresh_from_db()
    assert (row.state, parts.size(row.uuid)) == (Upload.State.RECEIVING, 0)


@pytest.mark.parametrize("version", ["0.2.2", "2.0.0", ""])
def test_an_unknown_version_is_told_ours(sender, content, version):
    answer = sender.create(len(content), version=version)
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    address = sender.create(len(content))["Location"]
    assert sender.send(address, content, 0, version=version).status_code == 412
    assert sender.offset(address)["Upload-Offset"] == "0"


def test_what_the_door_can_do_is_told(sender):
    answer = sender.client.options(reverse("media:uploads"))
    assert (answer.status_code, answer["Tus-Version"]) == (204, "1.0.0")
    assert answer["Tus-Extension"] == "creation,creation-with-upload,termination,expiration"
    assert int(answer["Tus-Max-Size"]) > 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Length": "-1"},
        {"Upload-Length": "1e9"},
        {"Upload-Length": "９"},
        {"Upload-Length": "9" * 400},
        {},
        {"Upload-Length": "100", "Upload-Metadata": "filename not-base64!"},
        {"Upload-Length": "100", "Upload-Metadata": "filename /w=="},
        {"Upload-Length": "100", "Upload-Metadata": metadata(filename="a\0b.mp4")},
        {"Upload-Length": "100", "Upload-Metadata": metadata(filename="a") + "," + metadata(filename="b")},
        {"Upload-Length": "100", "Upload-Metadata": "x" * 10_000},
        {"Upload-Length": "100", "Upload-Metadata": metadata(purpose="everything")},
    ],
)
def test_forged_headers_open_nothing(sender, headers):
    answer = sender.client.post(reverse("media:uploads"), headers={"Tus-Resumable": "1.0.0", **headers})
    assert answer.status_code == 400
    assert Upload.objects.count() == 0


def test_metadata_cannot_name_another_owner_or_state(sender, trainer, outsider):
    sender.create(100, owner=outsider.pk, state="kept", video="1", uuid="x")
    row = Upload.objects.get()
    assert (row.owner, row.state, row.video) == (trainer, Upload.State.RECEIVING, None)


def test_only_a_stream_of_bytes_is_taken(sender, content):
    address = sender.create(len(content))["Location"]
    assert sender.send(address, content, 0, content_type="text/plain").status_code == 415
    without_offset = {"Tus-Resumable": "1.0.0"}
    assert sender.client.patch(address, content, content_type=STREAM, headers=without_offset).status_code == 400


def test_giving_up_takes_the_bytes_away(sender, content):
    address = sender.create(len(content), head=content[:1000])["Location"]
    assert sender.cancel(address).status_code == 204
    row = Upload.objects.get()
    assert (row.state, parts.path_of(row.uuid).exists()) == (Upload.State.CANCELLED, False)
    assert sender.send(address, content[1000:], 1000).status_code == 404
    assert sender.cancel(address).status_code == 404
    assert not parts.path_of(row.uuid).exists()


# What a person may send, and what the disk takes.


def test_each_role_has_its_own_limit(sender, others, editor, settings):
    settings.UPLOAD_TRAINER_BYTES, settings.UPLOAD_EDITOR_BYTES = 1000, 2000
    assert sender.create(1001).status_code == 413
    keeper = others(may(editor, "add_video"))
    assert keeper.create(1001).status_code == 201
    assert keeper.create(2001).status_code == 413


def test_a_person_has_so_many_unfinished_uploads(sender, settings):
    settings.UPLOAD_UNFINISHED = 2
    answers = [sender.create(1000 + n) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert "2" in answers[2].json()["message"]
    sender.cancel(answers[0]["Location"])
    assert sender.create(5000).status_code == 201


def test_a_person_has_so_many_bytes_a_day(sender, settings, content):
    settings.UPLOAD_DAY_BYTES = len(content) + 1000
    _answer, _address = sender.whole(content)
    assert sender.create(1001).status_code == 413
    assert sender.create(1000).status_code == 201
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert sender.create(1001).status_code == 201


def test_what_was_given_up_counts_with_what_had_arrived(sender, settings, content):
    settings.UPLOAD_DAY_BYTES = len(content)
    address = sender.create(len(content), head=content[:1000])["Location"]
    sender.cancel(address)
    assert sender.create(len(content)).status_code == 413
    assert sender.create(len(content) - 1000).status_code == 201


def test_a_file_for_which_the_disk_has_no_room_is_refused_before_its_first_byte(sender, settings):
    settings.UPLOAD_EDITOR_BYTES = settings.UPLOAD_TRAINER_BYTES = settings.UPLOAD_DAY_BYTES = 10**15
    free = os.statvfs("/tmp").f_bavail * os.statvfs("/tmp").f_frsize
    assert sender.create(free // 2).status_code == 507  # the film and its ladder
    settings.UPLOAD_RESERVE_BYTES = 2 * free
    assert sender.create(1000).status_code == 507
    assert Upload.objects.count() == 0


def test_what_others_were_promised_is_not_given_twice(sender, settings):
    settings.UPLOAD_EDITOR_BYTES = settings.UPLOAD_TRAINER_BYTES = settings.UPLOAD_DAY_BYTES = 10**15
    free = os.statvfs("/tmp").f_bavail * os.statvfs("/tmp").f_frsize
    assert [sender.create(free // 4 + n).status_code for n in range(2)] == [201, 507]


@pytest.fixture
def small_disk():
    """No file grows beyond this: the system refuses the write as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_keeps_what_came_and_the_upload_goes_on(sender, content, small_disk):
    address = sender.create(len(content))["Location"]
    small_disk(len(content) // 2)
    answer = sender.send(address, content, 0)
    assert answer.status_code == 507
    assert answer.json()["message"]
    kept = int(sender.offset(address)["Upload-Offset"])
    assert 0 < kept <= len(content) // 2
    small_disk(resource.RLIM_INFINITY)
    assert sender.send(address, content[kept:], kept).status_code == 204
    assert Path(Video.objects.get().source.path).read_bytes() == content


def test_the_last_of_the_disk_is_left_to_the_database(sender, content, settings):
    address = sender.create(len(content), head=content[:1000])["Location"]
    settings.UPLOAD_RESERVE_BYTES = 10**15
    assert sender.send(address, content[1000:], 1000).status_code == 507
    assert sender.offset(address)["Upload-Offset"] == "1000"


# The library has it already.


def test_a_second_copy_is_offered_for_reuse(sender, trainer, content, film, upload):
    had = library.add(file=upload(film()), name="旧名.mp4", owner=trainer)
    _answer, address = sender.whole(content, filename="新名.mp4")
    state = sender.state(address)
    assert (state["state"], state["video"]["id"], Video.objects.count()) == ("duplicate", had.pk, 1)
    assert sender.decide(address, "reuse").json()["state"] == "reused"
    assert (Video.objects.count(), File.objects.count()) == (1, 1)
    assert not parts.path_of(Upload.objects.get().uuid).exists()
    assert sender.decide(address, "keep").status_code == 404


def test_a_failed_film_is_not_offered_for_reuse(sender, trainer, content, film, upload):
    had = library.add(file=upload(film()), name="第一课.mp4", owner=trainer)
    Video.objects.filter(pk=had.pk).update(state=Video.State.FAILED, reason=Video.Reason.GAVE_UP)
    ask = {"name": "第一课.mp4", "length": len(content)}
    assert sender.client.get(reverse("media:uploads"), ask).json()["similar"] is None
    _answer, address = sender.whole(content, filename="新名.mp4")
    assert sender.state(address)["state"] == "kept"
    assert library.twin_of(upload(film())) == Video.objects.get(title="新名")


def test_both_are_kept_when_the_person_says_so(sender, trainer, content, film, upload):
    library.add(file=upload(film()), name="旧名.mp4", owner=trainer)
    _answer, address = sender.whole(content, filename="新名.mp4")
    assert sender.decide(address, "both").status_code == 400
    assert sender.decide(address, "keep").json()["state"] == "kept"
    assert set(Video.objects.values_list("title", flat=True)) == {"旧名", "新名"}


def test_name_and_size_give_a_hint_before_anything_is_sent(sender, trainer, content, film, upload):
    had = library.add(file=upload(film()), name="第一课.mp4", owner=trainer)
    ask = {"name": "第一课.mp4", "length": len(content)}
    found = sender.client.get(reverse("media:uploads"), ask).json()["similar"]
    assert found == {"id": had.pk, "title": "第一课", "by": str(trainer)}
    assert sender.client.get(reverse("media:uploads"), ask | {"length": 1}).json()["similar"] is None


@pytest.fixture
def blind(others, learner):
    """May send films and see none but the own ones."""
    return others(may(learner, "add_video"))


def test_who_may_not_see_the_film_reads_no_title_of_it(blind, editor, content, film, upload):
    editor.name = "方静宜"
    editor.save()
    library.add(file=upload(film()), name="机密课.mp4", title="机密", owner=editor)
    ask = {"name": "机密课.mp4", "length": len(content)}
    hint = blind.client.get(reverse("media:uploads"), ask).json()["similar"]
    assert hint == {"id": None, "title": "", "by": ""}
    _answer, address = blind.whole(content, filename="新名.mp4")
    state = blind.state(address)
    assert (state["state"], state["video"], state["file"]) == ("duplicate", hint, "")
    pages = [
        blind.client.get(reverse("media:uploads")).content.decode(),
        blind.client.get(reverse("my_films")).content.decode(),
        blind.client.post(reverse("my_films"), {"file": upload(film())}).content.decode(),
        blind.client.post(reverse("videos:add"), {"file": upload(film())}).content.decode(),
    ]
    assert [(page.count("机密"), page.count("方静宜")) for page in pages] == [(0, 0)] * 4
    assert "素材库中已有这个文件。用已有的，还是两个都保留？" in pages[1]
    for page in pages[2:]:
        assert "素材库中已有这个文件。请用已有的，或勾选“两个都保留”。" in page
    assert blind.decide(address, "reuse").json()["video"] == hint
    assert Video.objects.count() == 1


def test_the_own_film_is_told_by_its_title_without_seeing_the_others(blind, learner, content, film, upload):
    had = library.add(file=upload(film()), name="我的课.mp4", title="我的", owner=learner)
    _answer, address = blind.whole(content, filename="新名.mp4")
    assert blind.state(address)["video"] == {"id": had.pk, "title": "我的", "by": str(learner)}
    assert "素材库中已有这个文件：“我的”。" in blind.client.get(reverse("my_films")).content.decode()


def test_a_colleagues_film_is_told_to_who_sees_the_library(sender, editor, content, film, upload):
    had = library.add(file=upload(film()), name="同事的课.mp4", title="同事的", owner=editor)
    _answer, address = sender.whole(content, filename="新名.mp4")
    assert sender.state(address)["video"] == {"id": had.pk, "title": "同事的", "by": str(editor)}
    assert "“同事的”" in sender.client.get(reverse("my_films")).content.decode()


def test_a_plain_form_asks_as_well(sender, trainer, film, upload):
    had = library.add(file=upload(film()), name="旧名.mp4", owner=trainer)
    page = sender.client.post(reverse("videos:add"), {"file": upload(film()), "title": "新名"}).content.decode()
    assert had.title in page
    assert 'type="checkbox" name="again"' in page
    assert Video.objects.count() == 1
    answer = sender.client.post(reverse("videos:add"), {"file": upload(film()), "title": "新名", "again": "on"})
    assert (answer.status_code, Video.objects.count()) == (302, 2)


def test_ones_uploads_are_in_the_download_of_ones_data(sender, trainer, content):
    sender.whole(content, filename="讲座.mp4")
    (row,) = accounts.data(trainer)["uploads"]
    assert (row["name"], row["state"], row["length"]) == ("讲座.mp4", "kept", len(content))


# Papers.


def test_a_paper_comes_the_same_way(sender):
    answer, address = sender.whole(b"%PDF-1.7 words", filename="讲义.pdf", purpose="handout")
    assert answer.status_code == 204
    kept = File.objects.get()
    assert (kept.original_filename, kept.folder.name, kept.mime_type) == ("讲义.pdf", "handouts", "application/pdf")
    assert sender.state(address)["file"] == "讲义.pdf"


def test_a_program_named_pdf_is_refused(sender):
    answer, _address = sender.whole(b"MZ\x90\x00 a program called a paper", filename="讲义.pdf", purpose="handout")
    assert answer.status_code == 422
    assert File.objects.count() == 0


def test_parts_that_belong_to_nobody_go(sender, content, settings):
    address = sender.create(len(content), head=content[:1000])["Location"]
    stray = parts.path_of(factories.video().uuid)
    stray.write_bytes(b"left")
    assert uploads.sweep() == 0
    os.utime(stray, (0, 0))
    assert uploads.sweep() == 1
    assert sender.offset(address)["Upload-Offset"] == "1000"
