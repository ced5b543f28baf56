"""Captions in the editors' office: checked before and after saving, and nothing that was typed is lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from courses import desk
from media import captions, proofreading
from tests import factories

GOOD = "WEBVTT\n\n00:01.000 --> 00:03.000\n点出界。\n"
FAST = "1\n00:00:01,000 --> 00:00:01,500\n一二三四五六七八九十\n"


@pytest.fixture
def office(client, editor):
    desk.prepare()
    client.force_login(editor)
    return client


@pytest.fixture
def video(office):
    return factories.video("第一课", seconds=60)


def page(office, video, fields=None):
    address = reverse("videos:inspect", args=[video.pk])
    answer = office.post(address, fields) if fields else office.get(address)
    return answer, answer.content.decode() if answer.status_code == 200 else ""


def upload(text, name="a.srt"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def words(text):
    [found] = proofreading.review(captions.read(text), duration=60)
    return str(escape(found.words))


def test_a_check_saves_nothing_and_shows_what_it_found(office, video):
    answer, html = page(office, video, {"zh-hans-body": FAST, "check": "1"})
    assert answer.status_code == 200
    assert words(FAST) in html
    assert "一二三四五六七八九十" in html.split("<textarea")[1]
    assert not video.captions.exists()


def test_a_file_that_is_checked_stands_in_the_text_afterwards(office, video):
    _, html = page(office, video, {"zh-hans-file": upload(FAST.encode("gbk")), "check": "1"})
    assert "一二三四五六七八九十" in html.split("<textarea")[1]
    assert words(FAST) in html


def test_findings_do_not_keep_anybody_from_saving_and_stay_to_be_seen(office, video):
    assert page(office, video, {"zh-hans-body": FAST})[0].status_code == 302
    _, html = page(office, video)
    assert "一二三四五六七八九十" in html
    assert words(FAST) in html


def test_good_captions_are_told_to_be_good(office, video):
    page(office, video, {"zh-hans-body": GOOD})
    _, html = page(office, video)
    assert "findings--none" in html
    assert "findings__list" not in html


def test_a_file_with_a_fault_can_be_put_right_where_it_stands(office, video):
    captions.attach(video, "zh-hans", GOOD)
    wrong = "1\n00:00:01,000 -> 00:00:03,000\n点出界。\n"
    answer, html = page(office, video, {"zh-hans-file": upload(wrong), "en-body": "hello"})
    assert answer.status_code == 200
    assert "00:00:01,000 -&gt; 00:00:03,000" in html
    assert "hello" in html
    assert [cue.text for cue in captions.cues(video, "zh-hans")] == ["点出界。"]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", GOOD.encode() * 80_000, b""])
def test_a_file_that_is_no_text_or_too_long_leaves_what_is_kept(office, video, content):
    captions.attach(video, "zh-hans", GOOD)
    body = captions.render(captions.cues(video, "zh-hans"))
    answer, html = page(office, video, {"zh-hans-file": upload(content), "zh-hans-body": body})
    assert answer.status_code == 200
    assert "error-message" in html
    assert "点出界。" in html.split("<textarea")[1]
    assert len(captions.cues(video, "zh-hans")) == 1


def test_one_language_is_replaced_and_removed_without_the_other(office, video):
    captions.attach(video, "zh-hans", GOOD)
    captions.attach(video, "en", "1\n00:00:01,000 --> 00:00:03,000\nOut of control.\n")
    page(office, video, {"zh-hans-body": "", "en-file": upload("1\n00:00:01,000 --> 00:00:03,000\nStop first.\n")})
    assert list(video.captions.values_list("language", flat=True)) == ["en"]
    assert [cue.text for cue in captions.cues(video, "en")] == ["Stop first."]


def test_who_may_only_look_sees_no_form_and_changes_nothing(client, learner, video):
    client.force_login(learner)
    answer = client.post(reverse("videos:inspect", args=[video.pk]), {"zh-hans-body": GOOD})
    assert answer.status_code in (302, 403)
    assert not video.captions.exists()
