"""A trainer's own films on the site: list, page, usage, another file, deletion; nobody else's."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from filer.models import File

from lms import accounts
from media import library, uploads
from media.models import Upload, Video
from tests import factories
from tests.media.test_office import may

PASSWORD = "安静的一号车间 quality"


@pytest.fixture
def mine(client, trainer):
    client.force_login(may(trainer, "add_video", "change_video", "view_video"))
    return client


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_own_films_stand_here_and_others_do_not(mine, trainer, editor):
    factories.video("我的片子", created_by=trainer, state=Video.State.TRANSCODING, progress=42)
    factories.video("别人的片子", created_by=editor)
    shown = page(mine, "my_films")
    assert "我的片子" in shown
    assert "42 %" in shown
    assert "别人的片子" not in shown
    assert 'data-door="/library/uploads/"' in shown


def test_an_empty_list_says_what_will_stand_here(mine):
    assert "empty-state" in page(mine, "my_films")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(mine, trainer, home, count, django_assert_num_queries):
    for n in range(count):
        factories.lesson(factories.course(home), body=[("video", factories.video(f"第{n}课", created_by=trainer))])
    mine.get(reverse("my_films"))
    with django_assert_num_queries(9):
        mine.get(reverse("my_films"))


def test_unfinished_uploads_are_listed_in_any_browser(mine, trainer):
    row = uploads.begin(owner=trainer, name="半截.mp4", length=1000)
    shown = page(mine, "my_films")
    assert "半截.mp4" in shown
    assert reverse("media:upload", args=[row.uuid]) in shown


def test_without_scripts_an_unfinished_upload_can_be_given_up(mine, trainer):
    row = uploads.begin(owner=trainer, name="半截.mp4", length=1000)
    address = reverse("media:upload", args=[row.uuid])
    here = f"http://testserver{reverse('my_films')}"
    answer = mine.post(f"{address}?action=cancel", headers={"Accept": "text/html", "Referer": here})
    assert (answer.status_code, answer["Location"]) == (302, here)
    row.refresh_from_db()
    assert row.state == Upload.State.CANCELLED


def test_a_form_never_leads_to_a_foreign_page(mine, trainer):
    row = uploads.begin(owner=trainer, name="半截.mp4", length=1000)
    address = reverse("media:upload", args=[row.uuid])
    answer = mine.post(f"{address}?action=cancel", headers={"Accept": "text/html", "Referer": "http://evil.example/"})
    assert answer["Location"] == reverse("my_films")


def test_a_film_comes_without_scripts_too(mine, trainer, film, upload):
    answer = mine.post(reverse("my_films"), {"file": upload(film()), "title": "绪论"})
    assert (answer.status_code, Video.objects.get().created_by) == (302, trainer)
    refused = mine.post(reverse("my_films"), {"file": SimpleUploadedFile("a.mp4", b"words"), "title": ""})
    assert str(Video.Reason.NOT_VIDEO.label) in refused.content.decode()
    assert Video.objects.count() == 1


def test_the_page_of_a_film_plays_it_and_says_where_it_is_used(mine, trainer, prepared, film, home):
    video = prepared(film("320x180", 1))
    shown = page(mine, "my_film", video.pk)
    assert f"/{video.uuid}/master.m3u8" in shown
    assert reverse("my_film_delete", args=[video.pk]) in shown
    factories.lesson(factories.course(home), title="过程能力", body=[("video", video)], with_video=False)
    shown = page(mine, "my_film", video.pk)
    assert "过程能力" in shown
    assert reverse("my_film_delete", args=[video.pk]) not in shown


def test_the_player_gets_a_new_address(mine, prepared, film):
    video = prepared(film("320x180", 1))
    assert "src" in mine.get(reverse("my_film_renew", args=[video.pk])).json()


def test_a_title_is_changed(mine, trainer):
    video = factories.video("旧题", created_by=trainer)
    assert mine.post(reverse("my_film", args=[video.pk]), {"title": "新题"}).status_code == 302
    video.refresh_from_db()
    assert video.title == "新题"
    assert mine.post(reverse("my_film", args=[video.pk]), {"title": ""}).status_code == 200


def test_a_film_that_nobody_needs_is_deleted_with_its_file(mine, queued, film, django_capture_on_commit_callbacks):
    video = queued(film())
    path = Path(video.source.path)
    with django_capture_on_commit_callbacks(execute=True):
        assert mine.post(reverse("my_film_delete", args=[video.pk])).status_code == 302
    assert (Video.objects.count(), File.objects.count(), path.exists()) == (0, 0, False)


def test_a_film_in_a_lesson_stays(mine, trainer, home):
    video = factories.video("课", created_by=trainer)
    factories.lesson(factories.course(home), body=[("video", video)], with_video=False)
    answer = mine.post(reverse("my_film_delete", args=[video.pk]), follow=True)
    assert str(library.InUse.message) in answer.content.decode()
    assert Video.objects.filter(pk=video.pk).exists()


TO_LEARNERS = "本节其他内容可在下方阅读"


def failed(trainer, reason):
    return factories.video("课", created_by=trainer, state=Video.State.FAILED, reason=reason)


def test_where_the_file_is_at_fault_another_one_is_asked_for(mine, trainer):
    video = failed(trainer, Video.Reason.NO_PICTURE)
    shown = page(mine, "my_film", video.pk)
    assert 'href="#replace"' in shown
    assert "问题出在文件本身" in shown
    assert reverse("my_film_retry", args=[video.pk]) not in shown
    assert TO_LEARNERS not in shown


def test_where_the_file_is_not_at_fault_another_try_is_offered(mine, trainer):
    video = failed(trainer, Video.Reason.TOO_SLOW)
    shown = page(mine, "my_film", video.pk)
    assert reverse("my_film_retry", args=[video.pk]) in shown
    assert TO_LEARNERS not in shown


def test_while_it_is_prepared_the_page_speaks_to_the_trainer(mine, trainer):
    shown = page(mine, "my_film", factories.video("课", created_by=trainer, state=Video.State.QUEUED).pk)
    assert "可以离开本页" in shown
    assert "请过几分钟再来" not in shown


def test_learners_read_what_they_can_do_meanwhile(client, home, learner, trainer):
    course = factories.course(home, lessons=0)
    lesson = factories.lesson(course, body=[("video", failed(trainer, Video.Reason.NO_PICTURE))], with_video=False)
    factories.enrolment(learner, course)
    client.force_login(learner)
    shown = client.get(lesson.url).content.decode()
    assert TO_LEARNERS in shown
    assert "问题出在文件本身" not in shown


def test_a_failed_film_is_tried_again(mine, trainer):
    video = factories.video("课", created_by=trainer, state=Video.State.FAILED, reason=Video.Reason.TOO_SLOW)
    mine.post(reverse("my_film_retry", args=[video.pk]))
    video.refresh_from_db()
    assert video.state == Video.State.QUEUED


@pytest.mark.parametrize("name", ["my_film", "my_film_renew"])
def test_somebody_elses_film_is_not_there(mine, editor, name):
    other = factories.video("别人的", created_by=editor)
    assert mine.get(reverse(name, args=[other.pk])).status_code == 404


@pytest.mark.parametrize("name", ["my_film", "my_film_replace", "my_film_undo", "my_film_retry", "my_film_delete"])
def test_nothing_is_done_to_somebody_elses_film(mine, editor, name):
    other = factories.video("别人的", created_by=editor, state=Video.State.FAILED)
    assert mine.post(reverse(name, args=[other.pk]), {"title": "我的"}).status_code == 404
    other.refresh_from_db()
    assert (other.title, other.state) == ("别人的", Video.State.FAILED)


def test_learners_have_no_such_page(client, learner):
    assert client.get(reverse("my_films")).status_code == 302
    client.force_login(learner)
    assert client.get(reverse("my_films")).status_code == 403
    assert client.post(reverse("my_film_delete", args=[1])).status_code == 403


@pytest.mark.parametrize("teaches", [True, False])
def test_the_account_menu_leads_those_here_who_teach(client, home, teaches):
    person = accounts.create(name="李蔚然", password=PASSWORD, mobile="13800008009", email="li@example.org")
    may(person, *(["add_video"] if teaches else []))
    client.post(reverse("account_login"), {"login": person.mobile, "password": PASSWORD})
    assert client.session["films"] is teaches
    assert (f'href="{reverse("my_films")}"' in client.get("/").content.decode()) is teaches
