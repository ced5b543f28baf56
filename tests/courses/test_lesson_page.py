"""A lesson's page: the film first, a record of what was watched, and a gate before what is not open yet."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from filer.models import File

from courses.models import ChapterPage, LessonPage, LessonProgress
from media import captions
from tests import factories


@pytest.fixture
def playable(course):
    """The first lesson's film has a ladder, captions and a handout; the lesson has a text."""
    lesson = course.lessons().first()
    video = lesson.video
    type(video).objects.filter(pk=video.pk).update(run=video.uuid)
    captions.attach(video, "zh-hans", "WEBVTT\n\n00:01:05.000 --> 00:01:09.000\n先看第一条判异准则。\n")
    file = File.objects.create(original_filename="计算表.xlsx", file=ContentFile(b"table", name="table.xlsx"))
    lesson.body.append(("text", "<p>受控与有能力是两件事。</p>"))
    lesson.body.append(("handout", {"title": "过程能力计算表", "file": file}))
    lesson.save_revision().publish()
    return LessonPage.objects.get(pk=lesson.pk)


@pytest.fixture
def enrolled(client, learner, course):
    client.force_login(learner)
    return factories.enrolment(learner, course)


def test_a_learner_finds_film_record_text_transcript_and_handout(playable, client, enrolled):
    html = client.get(playable.url).content.decode()
    assert "data-player" in html
    assert f'data-player-url="{reverse("api:open_player", args=[playable.pk])}"' in html
    assert "data-coverage-verdict" in html
    assert "受控与有能力是两件事。" in html
    assert 'href="#t=65"' in html
    assert "先看第一条判异准则。" in html
    assert "过程能力计算表" in html


def test_the_handout_is_handed_out_by_a_signed_address_of_this_reader(playable, client, enrolled, outsider):
    html = client.get(playable.url).content.decode()
    address = html.split('class="file__link" href="')[1].split('"')[0]
    assert client.get(address).status_code == 200
    stranger = Client()
    stranger.force_login(outsider)
    assert stranger.get(address).status_code in (403, 404)


def test_what_was_watched_and_left_out_is_shown_with_links(playable, client, enrolled):
    LessonProgress.objects.create(
        enrolment=enrolled, lesson=playable, video=playable.video, duration_ms=100_000,
        coverage=[[0, 20_000], [45_000, 60_000]], watched_ms=35_000, position_ms=60_000,
    )  # fmt: skip
    html = client.get(playable.url).content.decode()
    assert '<a class="button" href="#t=20" data-from="20000" data-to="45000">' in html
    assert 'class="coverage-bar__gap" x="200.0" y="0" width="250.0"' in html
    assert 'data-position="60.0"' in html


def test_a_visitor_reads_the_summary_and_is_asked_to_sign_in(playable, client):
    LessonPage.objects.filter(pk=playable.pk).update(summary="受控与有能力是两件事，先判断受控。")
    html = client.get(playable.url).content.decode()
    assert "先判断受控。" in html
    assert f"?next={playable.url}" in html.replace("%2F", "/")
    for secret in ("data-player", "file__link", "先看第一条判异准则"):
        assert secret not in html


def test_somebody_not_enrolled_is_asked_to_join(playable, client, outsider):
    client.force_login(outsider)
    html = client.get(playable.url).content.decode()
    assert f'action="{reverse("enrol", args=[playable.course.pk])}"' in html
    assert "data-player" not in html


def test_a_lesson_that_is_not_open_yet_is_403_and_names_what_comes_first(home, client, learner):
    course = factories.course(home, title="按顺序", lessons=3, sequential=True)
    client.force_login(learner)
    enrolment = factories.enrolment(learner, course)
    first, second, third = course.lessons()
    assert client.get(first.url).status_code == 200
    refusal = client.get(third.url)
    assert refusal.status_code == 403
    assert first.title in refusal.content.decode()
    assert f'href="{first.url}"' in refusal.content.decode()
    LessonProgress.objects.create(enrolment=enrolment, lesson=first, completed_at=timezone.now())
    assert client.get(second.url).status_code == 200
    assert client.get(third.url).status_code == 403


def test_a_finished_lesson_stays_open_when_an_earlier_one_is_added(home, client, learner):
    course = factories.course(home, lessons=2, sequential=True)
    client.force_login(learner)
    enrolment = factories.enrolment(learner, course)
    second = list(course.lessons())[1]
    LessonProgress.objects.create(enrolment=enrolment, lesson=second, completed_at=timezone.now())
    assert client.get(second.url).status_code == 200


def test_lessons_in_any_order_are_all_open(course, client, enrolled):
    assert [client.get(lesson.url).status_code for lesson in course.lessons()] == [200, 200, 200]


def test_a_lesson_below_a_chapter_knows_its_course(course, client, enrolled):
    chapter = course.add_child(instance=ChapterPage(title="第一章", slug="chapter"))
    lesson = factories.lesson(chapter, title="章内一节")
    page = client.get(lesson.url)
    assert page.status_code == 200
    assert course.title in page.content.decode()
    assert client.get(chapter.url).status_code == 200


def test_the_next_lesson_is_offered_and_the_last_has_none(course, client, enrolled):
    lessons = list(course.lessons())
    assert f'class="button button--block" href="{lessons[1].url}"' in client.get(lessons[0].url).content.decode()
    assert "lesson__next" not in client.get(lessons[2].url).content.decode()


def test_a_reading_lesson_is_marked_as_read_by_its_reader(course, client, enrolled):
    lesson = factories.lesson(course, title="读一读", with_video=False, kind="reading", body=[("text", "<p>正文</p>")])
    html = client.get(lesson.url).content.decode()
    address = reverse("finish_reading", args=[lesson.pk])
    assert f'action="{address}"' in html
    client.post(address)
    assert enrolled.lessons.get(lesson=lesson).completed_at
    assert f'action="{address}"' not in client.get(lesson.url).content.decode()


def test_a_lesson_whose_film_is_not_there_says_so(course, client, enrolled):
    lesson = factories.lesson(course, title="还没有视频", with_video=False)
    html = client.get(lesson.url).content.decode()
    assert "data-coverage-verdict" in html
    assert "data-player" not in html


def test_an_external_video_is_a_link_and_never_a_frame(course, client, enrolled):
    address = "https://video.example.org/1"
    lesson = factories.lesson(course, with_video=False, must_watch=False, body=[("embed", address)])
    html = client.get(lesson.url).content.decode()
    assert f'href="{address}" rel="external noopener noreferrer"' in html
    assert "<iframe" not in html


def test_a_fresh_address_of_the_film_is_for_who_may_study_it(playable, client, outsider, learner, course):
    address = reverse("lesson_film", args=[playable.pk])
    assert client.get(address).status_code == 404
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    client.force_login(learner)
    assert client.get(address).status_code == 404
    factories.enrolment(learner, course)
    answer = client.get(address)
    assert answer.json()["src"].endswith(".m3u8")
    assert "no-store" in answer["Cache-Control"]


def test_looking_at_a_lesson_writes_nothing(playable, client, enrolled):
    client.get(playable.url)
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("lessons", [1, 3])
def test_the_queries_do_not_grow_with_the_course(home, client, learner, django_assert_num_queries, lessons):
    course = factories.course(home, lessons=lessons)
    factories.enrolment(learner, course)
    client.force_login(learner)
    lesson = course.lessons().first()
    anonymous = Client()
    for each in (client, anonymous):
        each.get(lesson.url)
    with django_assert_num_queries(6):
        client.get(lesson.url)
    with django_assert_num_queries(0):
        anonymous.get(lesson.url)
