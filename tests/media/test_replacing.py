"""Another file for a film: lessons keep it, the old ladder plays on, one may go back, two editors do not collide."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models.signals import post_save, pre_delete
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from filer.models import File
from wagtail.models import ReferenceIndex

from media import arrivals, library, replacing, transcoding, uploads
from media.models import Replacement, Upload, Video
from tests import factories
from tests.media.test_office import may
from tests.media.tus import Sender


@pytest.fixture
def other(film):
    """A second film, of another length."""
    return film("320x180", 2, name="新版.mp4")


@pytest.fixture
def office(client, editor):
    client.force_login(may(editor, "add_video", "change_video", "view_video"))
    return client


@pytest.fixture
def sender(office):
    return Sender(office)


def replace(sender, video, path):
    return sender.whole(path.read_bytes(), purpose="replacement", target=video.pk, filename=path.name)


def prepare():
    transcoding.work(transcoding.claim())


def test_the_old_ladder_plays_until_the_new_one_is_ready_and_lessons_keep_the_film(
    sender, prepared, film, other, home, editor
):
    video = prepared(film("320x180", 1))
    lesson = factories.lesson(factories.course(home, lessons=0), body=[("video", video)], with_video=False)
    run, former = video.run, video.source
    answer, address = replace(sender, video, other)
    assert (answer.status_code, sender.state(address)["video"]["id"]) == (204, video.pk)
    video = Video.objects.get()
    assert (video.run, video.state, video.is_playable) == (run, Video.State.QUEUED, True)
    assert Path(video.source.path).read_bytes() == other.read_bytes()
    assert Path(former.path).exists()
    prepare()
    video = Video.objects.get()
    assert video.state == Video.State.READY
    assert video.run != run
    assert video.duration == pytest.approx(2, abs=0.2)
    assert ReferenceIndex.get_references_to(video).filter(object_id=str(lesson.pk)).exists()
    row = Replacement.objects.get()
    assert (row.by, row.former, row.former_name, row.name) == (editor, former, "film.mp4", "新版.mp4")
    assert row.former_seconds == pytest.approx(1, abs=0.2)


def test_the_former_file_is_not_taken_for_a_new_film(sender, queued, film, other):
    replace(sender, queued(film("320x180", 1)), other)
    assert library.adopt() == []
    assert Video.objects.count() == 1


def test_the_former_file_goes_a_week_after_the_new_film_is_ready(
    sender, prepared, film, other, django_capture_on_commit_callbacks
):
    video = prepared(film("320x180", 1))
    former = Path(video.source.path)
    replace(sender, video, other)
    after = django_capture_on_commit_callbacks(execute=True)
    with time_machine.travel(timezone.now() + timedelta(days=8)), after:
        assert replacing.tidy() == 0  # the new one is not ready
        prepare()
        assert replacing.tidy() == 1
    assert not former.exists()
    assert (File.objects.count(), Replacement.objects.get().former_name) == (1, "film.mp4")
    with pytest.raises(replacing.Refused):
        replacing.undo(Video.objects.get(), by=video.created_by)


def test_one_goes_back_to_the_former_file_at_once_while_its_ladder_is_there(sender, prepared, film, other, office):
    video = prepared(film("320x180", 1))
    run, former = video.run, video.source_id
    replace(sender, video, other)
    assert office.post(reverse("videos:undo", args=[video.pk])).status_code == 302
    video = Video.objects.get()
    assert (video.source_id, video.run, video.state) == (former, run, Video.State.READY)
    assert File.objects.count() == 1
    assert Replacement.objects.get().undone_at


def facts(video):
    return video.duration, video.width, video.height, video.has_audio


def test_one_goes_back_after_the_new_film_was_ready_too(sender, prepared, film, other, editor):
    video = prepared(film("320x180", 1))
    replace(sender, video, other)
    prepare()
    wrong = Video.objects.get()
    replacing.undo(wrong, by=editor)
    back = Video.objects.get()
    assert (back.state, back.run) == (Video.State.QUEUED, video.run)  # the film of before plays at once
    assert facts(back) == (video.duration, None, None, False)
    prepare()
    assert facts(Video.objects.get()) == facts(video)


def test_one_goes_back_when_the_former_ladder_is_gone(sender, prepared, film, other, editor):
    video = prepared(film("320x180", 1))
    replace(sender, video, other)
    prepare()
    shutil.rmtree(transcoding.run_folder(video.uuid, video.run))
    wrong = Video.objects.get()
    replacing.undo(wrong, by=editor)
    assert Video.objects.get().run == wrong.run  # something plays until the former file is prepared again
    prepare()
    assert facts(Video.objects.get()) == facts(video)


def test_the_facts_are_those_of_what_plays(sender, prepared, film, editor):
    """A worker has looked at the wrong file before somebody goes back."""
    video = prepared(film("320x180", 1))
    replace(sender, video, film("720x720", 60, sound=False, name="错.mp4"))
    with pytest.raises(transcoding.Stopped):
        transcoding.work(transcoding.claim(), stopping=lambda: True)
    assert facts(Video.objects.get()) == facts(video)
    replacing.undo(Video.objects.get(), by=editor)
    back = Video.objects.get()
    assert (facts(back), back.run, back.state) == (facts(video), video.run, Video.State.READY)


def test_a_film_that_never_played_takes_nothing_of_its_first_file_along(sender, queued, film, other):
    video = queued(film("320x180", 1))
    Video.objects.filter(pk=video.pk).update(duration=1.0, width=320, height=180, has_audio=True)
    replace(sender, video, other)
    assert facts(Video.objects.get()) == (None, None, None, False)


def test_a_replaced_ladder_stays_for_hours_however_old_it_is(sender, prepared, film, other):
    """People are in the midst of it."""
    video = prepared(film("320x180", 1))
    former = transcoding.run_folder(video.uuid, video.run)
    os.utime(former, (0, 0))
    replace(sender, video, other)
    prepare()
    assert (transcoding.sweep(), former.exists()) == (0, True)
    with time_machine.travel(timezone.now() + transcoding.KEEP + timedelta(minutes=1)):
        assert (transcoding.sweep(), former.exists()) == (1, False)


@pytest.fixture
def depths():
    """How deep in transactions files come onto the shelves and go."""
    found = []

    def look(**_signal):
        found.append(len(connection.savepoint_ids))

    for signal in (post_save, pre_delete):
        signal.connect(look, sender=File)
    yield found
    for signal in (post_save, pre_delete):
        signal.disconnect(look, sender=File)


def test_no_worker_finds_a_file_on_its_way_into_a_film_or_out_of_the_library(
    depths, prepared, film, other, upload, admin
):
    """A file on the shelves that no film has is what workers make a new film of: a transaction must hide the moment."""
    video = prepared(film("320x180", 1))
    outside = len(connection.savepoint_ids)
    depths.clear()
    replacing.with_form(video, upload=upload(other), name="新版.mp4", by=admin, before=video.source_id)
    prepare()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert replacing.tidy() == 1
    assert depths
    assert min(depths) > outside


def test_bytes_go_after_the_commit_and_stay_when_there_is_none(
    sender, prepared, film, other, editor, django_capture_on_commit_callbacks
):
    video = prepared(film("320x180", 1))
    replace(sender, video, other)
    wrong = Path(Video.objects.get().source.path)

    def go_back():
        with transaction.atomic():
            replacing.undo(Video.objects.get(), by=editor)
            assert wrong.exists()
            raise OperationalError("the database went away")

    with pytest.raises(OperationalError), django_capture_on_commit_callbacks(execute=True):
        go_back()
    assert wrong.exists()
    assert Path(Video.objects.get().source.path) == wrong
    with django_capture_on_commit_callbacks(execute=True):
        replacing.undo(Video.objects.get(), by=editor)
        assert wrong.exists()
    assert not wrong.exists()


def test_a_worker_at_the_former_file_does_not_finish_it_as_the_new_one(sender, queued, film, other):
    video = queued(film("320x180", 1))
    claimed = transcoding.claim()
    replace(sender, video, other)
    with pytest.raises(transcoding.Lost):
        transcoding.work(claimed)
    prepare()
    assert Video.objects.get().duration == pytest.approx(2, abs=0.2)


def test_a_file_that_cannot_be_prepared_leaves_the_old_film_playing(sender, prepared, film, tmp_path):
    video = prepared(film("320x180", 1))
    broken = tmp_path / "短.mp4"
    broken.write_bytes(film("16x16", 0.1, sound=False, name="tiny.mp4").read_bytes())
    replace(sender, video, broken)
    prepare()
    video.refresh_from_db()
    assert (video.state, video.is_playable) == (Video.State.FAILED, True)
    assert replacing.last(video)


def test_the_second_editor_is_told_who_is_at_it(sender, prepared, film, other, admin):
    video = prepared(film("320x180", 1))
    first = sender.create(1000, purpose="replacement", target=video.pk)
    assert first.status_code == 201
    second = Client()
    second.force_login(admin)
    answer = Sender(second).create(2000, purpose="replacement", target=video.pk)
    assert answer.status_code == 422
    assert "编辑" in answer.json()["message"]
    sender.cancel(first["Location"])
    assert Sender(second).create(2000, purpose="replacement", target=video.pk).status_code == 201


def test_who_comes_last_is_told_and_nothing_of_the_file_stays(sender, prepared, film, other, admin, upload):
    """The other editor used the plain form meanwhile."""
    video = prepared(film("320x180", 1))
    address = sender.create(other.stat().st_size, purpose="replacement", target=video.pk)["Location"]
    third = film("320x180", 1.5, name="三.mp4")
    replacing.with_form(video, upload=upload(third), name="三.mp4", by=admin, before=video.source_id)
    answer = sender.send(address, other.read_bytes(), 0)
    assert answer.status_code == 422
    assert "管理员" in answer.json()["message"]
    assert Path(Video.objects.get().source.path).read_bytes() == third.read_bytes()
    assert File.objects.count() == 2  # the one in use and the former one
    assert sorted(path.stat().st_size for path in library_files()) == sorted(file.size for file in File.objects.all())


def library_files():
    return [path for path in Path(settings.LIBRARY_ROOT).rglob("*") if path.is_file()]


def test_two_plain_forms_do_not_overwrite_each_other(office, prepared, film, other, upload, admin):
    video = prepared(film("320x180", 1))
    before = video.source_id
    replacing.with_form(video, upload=upload(other), name="新版.mp4", by=admin, before=before)
    late = film("320x180", 1.5, name="三.mp4")
    page = office.post(reverse("videos:replace", args=[video.pk]), {"file": upload(late), "before": before})
    assert (page.status_code, "管理员" in page.content.decode()) == (200, True)
    assert (Replacement.objects.count(), File.objects.count()) == (1, 2)


def test_the_same_file_again_is_no_replacement(sender, prepared, film):
    path = film("320x180", 1)
    video = prepared(path)
    answer, _address = replace(sender, video, path)
    assert answer.status_code == 422
    assert (Replacement.objects.count(), File.objects.count()) == (0, 1)


def test_a_film_deleted_meanwhile_gets_no_file(sender, queued, film, other):
    video = queued(film("320x180", 1))
    address = sender.create(other.stat().st_size, purpose="replacement", target=video.pk)["Location"]
    library.remove(video)
    assert sender.send(address, other.read_bytes(), 0).status_code == 422
    assert (Upload.objects.get().state, File.objects.count()) == (Upload.State.REFUSED, 0)


def test_trainers_replace_their_own_films_only(client, trainer, editor, film, upload):
    client.force_login(may(trainer, "add_video", "change_video", "view_video"))
    theirs = library.add(file=upload(film()), name="a.mp4", owner=editor)
    assert Sender(client).create(1000, purpose="replacement", target=theirs.pk).status_code == 404
    assert Sender(client).create(1000, purpose="replacement", target=10**9).status_code == 404
    assert client.get(reverse("videos:replace", args=[theirs.pk])).status_code in (302, 403)
    assert client.post(reverse("videos:undo", args=[theirs.pk])).status_code in (302, 403)
    with pytest.raises(uploads.NotFound):
        uploads.begin(owner=trainer, name="a.mp4", length=10, purpose="replacement", target=theirs)


def test_the_page_says_what_will_happen_and_where_the_film_is_used(office, prepared, film, home):
    video = prepared(film("320x180", 1))
    factories.lesson(factories.course(home, lessons=0), title="过程能力", body=[("video", video)], with_video=False)
    page = office.get(reverse("videos:replace", args=[video.pk])).content.decode()
    assert "过程能力" in page
    assert f'data-target="{video.pk}"' in page
    shown = office.get(reverse("videos:inspect", args=[video.pk])).content.decode()
    assert "过程能力" in shown
    assert reverse("videos:replace", args=[video.pk]) in shown


def test_a_paper_that_arrives_twice_is_offered_too(sender):
    for name in ("讲义.pdf", "讲义二.pdf"):
        _answer, address = sender.whole(b"%PDF-1.7 words", filename=name, purpose="handout")
    assert sender.state(address)["state"] == "duplicate"
    row = Upload.objects.get(name="讲义二.pdf")
    arrivals.decide(row, reuse=True)
    assert (row.state, File.objects.count()) == (Upload.State.REUSED, 1)


def test_a_deleted_film_takes_its_former_files_along(sender, queued, film, other, django_capture_on_commit_callbacks):
    video = queued(film("320x180", 1))
    replace(sender, video, other)
    with django_capture_on_commit_callbacks(execute=True):
        library.remove(Video.objects.get())
    assert (File.objects.count(), library_files(), library.adopt()) == (0, [], [])
