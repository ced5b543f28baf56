"""The library in the editors' office: who sees what, what an upload says, what may go."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape
from filer.models import File, Folder, FolderPermission

from media import captions, handouts, library
from media.models import Video
from tests import factories

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n点出界。\n"


def may(account, *codenames):
    account.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    return account


@pytest.fixture
def office(client, trainer):
    client.force_login(may(trainer, "add_video", "change_video", "view_video", "add_file"))
    return client


def modal(response):
    return json.loads(response.content)


def picked(response):
    return modal(response)["result"]


def test_the_list_shows_state_progress_reason_and_length(office):
    factories.video("第一课", seconds=3723)
    factories.video("第二课", state=Video.State.TRANSCODING, progress=42)
    factories.video("第三课", state=Video.State.FAILED, reason=Video.Reason.ENDS_EARLY)
    page = office.get(reverse("videos:index")).content.decode()
    assert "1:02:03" in page
    assert '<progress max="100" value="42"' in page
    assert str(Video.Reason.ENDS_EARLY.label) in page
    assert 'data-unfinished="/cms/videos/results/"' in page


def test_a_list_where_all_is_done_does_not_refresh_itself(office):
    factories.video("第一课")
    assert "data-unfinished" not in office.get(reverse("videos:index")).content.decode()


def test_an_empty_library_says_what_to_do(office):
    page = office.get(reverse("videos:index")).content.decode()
    assert reverse("videos:add") in page


def test_two_chinese_characters_find_a_film(office):
    factories.video("过程能力入门")
    factories.video("质量成本")
    page = office.get(reverse("videos:index"), {"q": "能力"}).content.decode()
    assert "过程能力入门" in page
    assert "质量成本" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(office, count, django_assert_num_queries):
    for n in range(count):
        factories.video(f"第{n}课")
    address = reverse("videos:index_results")
    office.get(address)
    with django_assert_num_queries(8):
        office.get(address)


def test_the_page_for_another_file_has_its_heading(office, trainer, film, upload):
    video = library.add(file=upload(film()), name="一.mp4", owner=trainer)
    page = office.get(reverse("videos:replace", args=[video.pk])).content.decode()
    assert page.count("<h1") == 1


def test_a_film_is_uploaded(office, trainer, film, upload):
    answer = office.post(reverse("videos:add"), {"file": upload(film()), "title": ""})
    assert answer.status_code == 302
    video = Video.objects.get()
    assert (video.title, video.created_by, video.state) == ("film", trainer, Video.State.QUEUED)


def test_a_text_named_mp4_is_refused_beside_the_field(office):
    fake = SimpleUploadedFile("film.mp4", b"this is a shopping list\n" * 50, content_type="video/mp4")
    answer = office.post(reverse("videos:add"), {"file": fake, "title": "绪论"})
    assert answer.status_code == 200
    assert str(Video.Reason.NOT_VIDEO.label) in answer.content.decode()
    assert "绪论" in answer.content.decode()
    assert (Video.objects.count(), File.objects.count()) == (0, 0)


def test_the_page_of_a_film_plays_it_and_shows_its_facts(office, prepared, film):
    video = prepared(film("1280x720", 5, name="hd.mp4"))
    page = office.get(reverse("videos:inspect", args=[video.pk])).content.decode()
    assert "data-player" in page
    assert f"/{video.uuid}/master.m3u8" in page
    assert "360p, 720p" in page
    assert "0:05" in page


def test_a_player_asks_for_a_new_address(office, prepared, film):
    video = prepared(film("160x120", 1))
    answer = office.get(reverse("videos:renew", args=[video.pk])).json()
    assert set(answer) == {"src", "run", "tracks", "audio_src", "poster", "thumbnails", "duration"}
    assert office.get(answer["src"]).status_code == 200


def test_captions_are_written_and_taken_away(office, trainer):
    video = factories.video("第一课", created_by=trainer)
    address = reverse("videos:inspect", args=[video.pk])
    file = SimpleUploadedFile("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nOut of control.\n".encode("utf-16"))
    assert office.post(address, {"zh-hans-body": VTT, "en-file": file}).status_code == 302
    assert [cue.text for cue in captions.cues(video, "zh-hans")] == ["点出界。"]
    assert [cue.text for cue in captions.cues(Video.objects.get(), "en")] == ["Out of control."]
    office.post(address, {"zh-hans-body": VTT, "en-body": " "})
    assert list(video.captions.values_list("language", flat=True)) == ["zh-hans"]


def test_captions_that_cannot_be_read_keep_what_was_typed(office, trainer):
    video = factories.video("第一课", created_by=trainer)
    captions.attach(video, "zh-hans", VTT)
    wrong = "WEBVTT\n\n00:01.000 --> 00:02.000\n<script>\n"
    answer = office.post(reverse("videos:inspect", args=[video.pk]), {"zh-hans-body": wrong})
    page = answer.content.decode()
    assert answer.status_code == 200
    with pytest.raises(captions.Unreadable) as refused:
        captions.parse(wrong)
    assert str(escape(refused.value.message)) in page
    assert "&lt;script&gt;" in page.split("<textarea")[1]
    assert len(captions.cues(video, "zh-hans")) == 1


def test_where_the_file_is_at_fault_another_one_is_asked_for(office, trainer):
    video = factories.video("课", created_by=trainer, state=Video.State.FAILED, reason=Video.Reason.DAMAGED)
    shown = office.get(reverse("videos:inspect", args=[video.pk])).content.decode()
    assert f'class="button" href="{reverse("videos:replace", args=[video.pk])}"' in shown
    assert reverse("videos:retry", args=[video.pk]) not in shown


def test_a_failed_film_is_tried_again(office, trainer):
    slow = {"state": Video.State.FAILED, "reason": Video.Reason.TOO_SLOW}
    video = factories.video("第一课", **slow, attempts=3, created_by=trainer)
    assert office.post(reverse("videos:retry", args=[video.pk])).status_code == 302
    video.refresh_from_db()
    assert (video.state, video.attempts) == (Video.State.QUEUED, 0)


def test_a_trainer_changes_no_film_of_a_colleague(office, editor):
    video = factories.video("同事的课", state=Video.State.FAILED, attempts=3, created_by=editor)
    growing = factories.video("正在做", state=Video.State.QUEUED, created_by=editor)
    office.post(reverse("videos:inspect", args=[video.pk]), {"zh-hans-body": VTT})
    office.post(reverse("videos:retry", args=[video.pk]))
    office.post(reverse("videos:cancel", args=[growing.pk]))
    office.post(reverse("videos:edit", args=[video.pk]), {"title": "改名"})
    video.refresh_from_db()
    growing.refresh_from_db()
    assert (video.title, video.state, growing.state) == ("同事的课", Video.State.FAILED, Video.State.QUEUED)
    assert not video.captions.exists()


def test_who_may_only_look_changes_nothing(client, trainer):
    client.force_login(may(trainer, "view_video"))
    video = factories.video("第一课", state=Video.State.FAILED)
    assert client.get(reverse("videos:inspect", args=[video.pk])).status_code == 200
    for response in (
        client.post(reverse("videos:inspect", args=[video.pk]), {"zh-hans-body": VTT}),
        client.post(reverse("videos:retry", args=[video.pk])),
        client.get(reverse("videos:add")),
        client.post(reverse("videos:delete", args=[video.pk])),
    ):
        assert response.status_code in (302, 403)
    video.refresh_from_db()
    assert (video.state, video.captions.count()) == (Video.State.FAILED, 0)


def test_a_learner_enters_nothing(client, learner):
    video = factories.video("第一课")
    client.force_login(learner)
    for name, args in [
        ("index", []),
        ("add", []),
        ("inspect", [video.pk]),
        ("edit", [video.pk]),
        ("delete", [video.pk]),
    ]:
        assert client.get(reverse(f"videos:{name}", args=args)).status_code in (302, 403)
    assert client.get(reverse("videos:renew", args=[video.pk])).status_code in (302, 403)


def test_a_film_in_a_lesson_stays(client, admin, home):
    client.force_login(admin)
    factories.course(home, lessons=1)
    video = Video.objects.get()
    answer = client.post(reverse("videos:delete", args=[video.pk]), follow=True)
    assert str(escape(library.InUse.message)) in answer.content.decode()
    assert Video.objects.filter(pk=video.pk).exists()


def test_a_film_that_nobody_needs_goes_with_its_original(
    client, admin, film, queued, django_capture_on_commit_callbacks
):
    video = queued(film())
    path = video.source.path
    client.force_login(admin)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("videos:delete", args=[video.pk]))
    assert (Video.objects.count(), File.objects.count()) == (0, 0)
    assert not Path(path).exists()


def test_the_video_chooser_lists_searches_and_uploads(office, film, upload):
    kept = factories.video("过程能力", seconds=65)
    factories.video("质量成本")
    window = modal(office.get(reverse("video_chooser:choose")))["html"]
    assert "1:05" in window
    assert 'enctype="multipart/form-data"' in window
    found = office.get(reverse("video_chooser:choose_results"), {"q": "能力"}).content.decode()
    assert "过程能力" in found
    assert "质量成本" not in found
    assert picked(office.get(reverse("video_chooser:chosen", args=[kept.pk])))["title"] == "过程能力"
    fresh = picked(office.post(reverse("video_chooser:create"), {"file": upload(film()), "title": "新片"}))
    assert (fresh["title"], fresh["id"]) == ("新片", str(Video.objects.get(title="新片").pk))


@pytest.mark.parametrize("kind", ["video", "file"])
def test_the_upload_tab_has_ids_of_its_own(office, kind):
    """The page below the window has an id_title already."""
    window = modal(office.get(reverse(f"{kind}_chooser:choose")))["html"]
    assert re.findall(r'id="(id_(?:title|file|upload|again))"', window) == []
    assert f'for="{kind}-upload-' in window
    refused = modal(office.post(reverse(f"{kind}_chooser:create"), {}))["htmlFragment"]
    assert f'id="{kind}-upload-' in refused


def test_the_video_chooser_refuses_a_text_named_mp4(office):
    fake = SimpleUploadedFile("film.mp4", b"words")
    answer = modal(office.post(reverse("video_chooser:create"), {"file": fake}))
    assert answer["step"] == "reshow_creation_form"
    assert str(Video.Reason.NOT_VIDEO.label) in answer["htmlFragment"]


def test_one_picks_own_files_and_those_of_folders_one_may_read(office, trainer, editor):
    mine = handouts.add(file=SimpleUploadedFile("a.txt", b"mine"), name="我的.txt", owner=trainer)
    theirs = handouts.add(file=SimpleUploadedFile("b.txt", b"theirs"), name="别人的.txt", owner=editor)
    shared = Folder.objects.create(name="共享")
    FolderPermission.objects.create(
        folder=shared, type=FolderPermission.THIS, user=trainer, can_read=FolderPermission.ALLOW
    )
    open_ = File.objects.create(original_filename="共享的.txt", owner=editor, folder=shared)
    window = modal(office.get(reverse("file_chooser:choose")))["html"]
    assert ("我的.txt" in window, "共享的.txt" in window, "别人的.txt" in window) == (True, True, False)
    assert office.get(reverse("file_chooser:chosen", args=[mine.pk])).status_code == 200
    assert office.get(reverse("file_chooser:chosen", args=[open_.pk])).status_code == 200
    assert office.get(reverse("file_chooser:chosen", args=[theirs.pk])).status_code == 404
    several = office.get(reverse("file_chooser:chosen_multiple"), {"id": [mine.pk, theirs.pk]})
    assert [each["id"] for each in picked(several)] == [str(mine.pk)]


def test_editors_read_the_shelf_of_handouts(trainer, editor):
    paper = handouts.add(file=SimpleUploadedFile("a.txt", b"mine"), name="我的.txt", owner=trainer)
    assert list(handouts.readable(editor)) == [paper]


def test_originals_of_films_are_no_handouts(trainer, film, queued):
    queued(film())
    assert list(handouts.readable(trainer)) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.pdf", b"MZ\x90\x00 a program called a paper"),
        ("a.txt", b"%PDF-1.7 a paper called a text"),
        ("a", b"no ending"),
    ],
)
def test_what_is_no_paper_is_refused(office, name, content):
    answer = modal(office.post(reverse("file_chooser:create"), {"upload": SimpleUploadedFile(name, content)}))
    assert answer["step"] == "reshow_creation_form"
    assert File.objects.count() == 0


def test_a_paper_is_uploaded_in_the_window(office, trainer):
    file = SimpleUploadedFile("讲义.pdf", b"%PDF-1.7 words")
    answer = picked(office.post(reverse("file_chooser:create"), {"upload": file}))
    assert answer["title"] == "讲义.pdf"
    kept = File.objects.get()
    assert (kept.owner, kept.mime_type, kept.is_public) == (trainer, "application/pdf", False)


def test_the_menu_leads_to_the_library_and_hides_documents(client, admin):
    client.force_login(admin)
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("videos:index") in page
    assert reverse("admin:filer-directory_listing-root") in page
    assert f'"{reverse("wagtaildocs:index")}"' not in page
