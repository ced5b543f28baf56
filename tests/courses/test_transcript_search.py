"""What is said in a film is found by the search of the site, with the moment at which it is said."""

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale

from courses import catalogue, transcripts
from courses.models import CoursePage, FilmChapter, LessonPage, Standard
from media import captions
from tests import factories
from tests.courses import curriculum

WORDS = """WEBVTT

00:00:05.000 --> 00:00:08.000
先看第一条判异准则

00:01:05.000 --> 00:01:08.000
砂轮修整之后连着九个点都在中心

00:01:08.000 --> 00:01:11.000
线上方 引用 GB/T 19001

00:01:20.000 --> 00:01:22.000
砂轮和判异再说一遍
"""


@pytest.fixture
def lesson(home, django_capture_on_commit_callbacks):
    page = factories.course(home, title="过程控制", lessons=2).lessons().first()
    with django_capture_on_commit_callbacks(execute=True):
        captions.attach(page.video, "zh-hans", WORDS)
    return page


def found(query):
    return [page.pk for page in LessonPage.objects.live().search(query, order_by_relevance=False)]


def said(lesson, query):
    return [(spot.at, spot.text) for spot in transcripts.spots([lesson], query).get(lesson.pk, [])]


def test_a_word_that_is_only_said_is_found(lesson):
    assert found("砂轮修整") == [lesson.pk]
    assert found("中心线") == [lesson.pk]
    assert found("19001") == [lesson.pk]
    assert found("磨床") == []


def test_words_of_the_title_and_of_the_film_are_found_together(lesson):
    assert found("过程控制 砂轮") == [lesson.pk]


def test_the_moment_is_told_also_when_the_word_is_cut_between_captions(lesson):
    assert said(lesson, "第一条") == [(5, "先看第一条判异准则")]
    assert said(lesson, "中心线") == [(65, "砂轮修整之后连着九个点都在中心 线上方 引用 GB/T 19001")]
    assert said(lesson, "gbt19001") == [(68, "线上方 引用 GB/T 19001")]
    assert said(lesson, "磨床") == []


def test_where_most_of_the_words_are_said_comes_first(lesson):
    assert said(lesson, "砂轮 判异")[-1] == (80, "砂轮和判异再说一遍")
    assert [at for at, _ in said(lesson, "砂轮 判异")] == [5, 80]


def test_the_catalogue_leads_to_the_moment(lesson, client):
    html = client.get("/courses/", {"q": "砂轮修整"}).content.decode()
    assert f'href="{lesson.get_url()}?t=65"' in html
    assert "<mark>砂轮修整</mark>之后" in html
    assert "01:05" in html


def test_who_must_sign_in_first_comes_back_to_the_moment(lesson, client):
    html = client.get(lesson.get_url(), {"t": "65"}).content.decode()
    assert f"next={lesson.get_url()}?t=65".replace("?t=", "%3Ft%3D") in html.replace("%2F", "/")


def test_new_captions_are_found_and_old_ones_no_longer(lesson, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        captions.attach(lesson.video, "zh-hans", WORDS.replace("砂轮", "刀具"))
    assert found("刀具修整") == [lesson.pk]
    assert found("砂轮") == []
    with django_capture_on_commit_callbacks(execute=True):
        captions.detach(lesson.video, "zh-hans")
    assert found("刀具") == []


def test_only_published_lessons_are_found(lesson, client):
    lesson.unpublish()
    html = client.get("/courses/", {"q": "砂轮修整"}).content.decode()
    assert found("砂轮修整") == []
    assert "修整</mark>" not in html
    lesson.refresh_from_db()
    lesson.save_revision().publish()
    assert found("砂轮修整") == [lesson.pk]


def test_a_draft_is_found_when_it_is_published(home, django_capture_on_commit_callbacks):
    course = factories.course(home, lessons=0)
    draft = LessonPage(title="草稿", slug="draft", live=False)
    course.add_child(instance=draft)
    video = factories.video("草稿", seconds=100)
    captions.attach(video, "zh-hans", WORDS)
    draft.body = [("video", video)]
    revision = draft.save_revision()
    assert found("砂轮") == []
    revision.publish()
    assert found("砂轮") == [draft.pk]


def test_each_language_finds_what_its_own_transcript_says(lesson, django_capture_on_commit_callbacks):
    english = Locale.objects.get_or_create(language_code="en")[0]
    for page in (*reversed(lesson.get_ancestors().specific()[1:]), lesson):
        if not page.has_translation(english):
            page.copy_for_translation(english, copy_parents=True).save_revision().publish()
    with django_capture_on_commit_callbacks(execute=True):
        captions.attach(lesson.video, "en", "1\n00:00:07,000 --> 00:00:09,000\nDressing the grinding wheel.\n")
    twin = lesson.get_translation(english)
    assert found("grinding wheel") == [twin.pk]
    with translation.override("en"):
        assert said(twin, "grinding") == [(7, "Dressing the grinding wheel.")]


def test_lessons_about_it_stand_before_lessons_that_mention_it(lesson):
    course = CoursePage.objects.get()
    about = course.lessons().last()
    about.title = "砂轮的修整"
    about.save_revision().publish()
    [entry] = catalogue.find(catalogue.Narrowing(q="砂轮"), language="zh-hans").entries
    assert [hit.pk for hit in entry.hits] == [about.pk, lesson.pk]


def test_where_it_is_said_costs_two_queries_for_any_number_of_lessons(lesson, django_assert_num_queries):
    lessons = list(LessonPage.objects.all())
    with django_assert_num_queries(2):
        transcripts.spots(lessons, "砂轮")


def test_a_lesson_of_two_hours_is_found_to_its_end(lesson, django_capture_on_commit_callbacks):
    """Beyond the 16,383 positions that PostgreSQL can tell apart, too."""
    lines = [
        f"{captions.stamp(n)} --> {captions.stamp(n + 1)}\n第{n}次测量磨床主轴的径向跳动\n" for n in range(0, 7200, 4)
    ]
    end = f"{captions.stamp(7201)} --> {captions.stamp(7203)}\n最后交给计量室复核签字\n"
    with django_capture_on_commit_callbacks(execute=True):
        captions.attach(lesson.video, "zh-hans", "WEBVTT\n\n" + "\n".join([*lines, end]))
    assert found("计量室复核签字") == [lesson.pk]
    assert found("计量室主任") == []
    assert said(lesson, "复核签字") == [(7201, "最后交给计量室复核签字")]


def test_chapters_are_found_by_title_and_standard(lesson, client, admin):
    standard = Standard.objects.create(number="GB/T 66666-2026", title="甲")
    lesson.film_chapters = [FilmChapter(start_ms=0, title="外部提供过程的控制", standard=standard, clause="8.4")]
    lesson.save_revision().publish()
    curriculum.index()  # at once, where a worker would index what was committed
    assert found("外部提供") == [lesson.pk]
    assert found("66666") == [lesson.pk]
    client.force_login(admin)
    fields = {"number": "GB/T 77777-2026", "title": "乙", "status": "current"}
    client.post(reverse("wagtailsnippets_courses_standard:edit", args=[standard.pk]), fields)
    assert found("77777") == [lesson.pk]


def test_a_transcript_is_read_and_folded_once_however_many_words_are_asked_for(lesson):
    transcripts.searchable.cache_clear()
    captions.parsed.cache_clear()
    for query in ("砂轮 " * 33, "判异", " ".join(f"砂轮{n}" for n in range(20))):
        transcripts.spots([lesson], query)
    assert transcripts.searchable.cache_info().misses == 1
    assert captions.parsed.cache_info().misses == 1


def test_words_beyond_the_tenth_are_not_looked_for(lesson):
    others = " ".join(f"词{n}" for n in range(transcripts.WORDS - 1))
    assert said(lesson, f"{others} {others} 中心")
    assert not said(lesson, f"{others} 多余 中心")


def test_new_words_of_a_film_are_found_at_once(lesson):
    assert not said(lesson, "磨床")
    captions.attach(lesson.video, "zh-hans", WORDS.replace("砂轮", "磨床"))
    assert said(lesson, "磨床")
    assert not said(lesson, "砂轮")
