"""Chapters of a film: typed by an editor, checked, listed beside the film with the clauses they explain."""

import re

import pytest

from courses import chapters, moments
from courses.coverage import Coverage
from courses.models import FilmChapter, LessonPage, LessonProgress, Standard
from tests import factories


@pytest.fixture
def lesson(course):
    """A film of 100 seconds in three chapters; the second explains a clause."""
    page = course.lessons().first()
    video = page.video
    type(video).objects.filter(pk=video.pk).update(run=video.uuid)
    standard = Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求")
    page.film_chapters = [
        FilmChapter(start_ms=60_500, title="小结"),
        FilmChapter(start_ms=0, title="这一课解决什么问题"),
        FilmChapter(start_ms=20_000, title="设计和开发", standard=standard, clause="8.3"),
    ]
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


@pytest.fixture
def enrolled(client, learner, course):
    client.force_login(learner)
    return factories.enrolment(learner, course)


def test_chapters_come_in_the_order_of_the_film(lesson):
    rows = chapters.of(lesson)
    assert [(row.start_ms, row.end_ms, row.title) for row in rows] == [
        (0, 20_000, "这一课解决什么问题"),
        (20_000, 60_500, "设计和开发"),
        (60_500, 100_000, "小结"),
    ]


def test_the_page_lists_them_with_links_into_the_film_and_the_clause(lesson, client, enrolled):
    html = client.get(lesson.url).content.decode()
    assert 'href="#t=20"' in html
    assert 'href="#t=60.5"' in html
    assert (
        html.index("data-chapters") < html.index("GB/T 19001-2016") < html.index("8.3", html.index("GB/T 19001-2016"))
    )


def test_who_may_not_study_sees_no_chapters(lesson, client):
    assert "data-chapter=" not in client.get(lesson.url).content.decode()


def test_a_chapter_says_how_much_of_it_was_seen(lesson, client, enrolled):
    LessonProgress.objects.create(
        enrolment=enrolled, lesson=lesson, video=lesson.video, duration_ms=100_000,
        coverage=[[0, 30_000], [45_000, 70_000]], watched_ms=55_000, position_ms=70_000,
    )  # fmt: skip
    rows = chapters.of(lesson, coverage=Coverage(duration_ms=100_000, seen=[[0, 30_000], [45_000, 70_000]]))
    assert [row.seen for row in rows] == ["all", "gap", "part"]
    assert "00:30" in rows[1].words
    assert "00:45" in rows[1].words
    assert "01:10" in rows[2].words
    html = client.get(lesson.url).content.decode()
    assert rows[1].words in html
    assert 'data-start="20000" data-end="60500"' in html
    assert rows[1].words == _told(html, "gap", **{"from": "00:30", "to": "00:45"})  # chapters.js says the same
    assert rows[2].words == _told(html, "part", time="01:10")
    assert rows[0].words == _told(html, "all")


def _told(html, name, **times):
    return re.search(f'data-chapters .*?data-text-{name}="([^"]+)"', html, re.DOTALL)[1].format(**times)


def test_the_page_of_a_lesson_without_a_film_lists_none(course, client, enrolled):
    page = factories.lesson(course, with_video=False)
    page.film_chapters = [FilmChapter(start_ms=0, title="没有片子")]
    page.save_revision().publish()
    assert chapters.of(page) == []


def test_what_begins_after_a_shorter_film_is_left_out(lesson):
    type(lesson.video).objects.filter(pk=lesson.video.pk).update(duration=40)
    rows = chapters.of(LessonPage.objects.get(pk=lesson.pk))
    assert [(row.start_ms, row.end_ms) for row in rows] == [(0, 20_000), (20_000, 40_000)]


@pytest.mark.parametrize(
    ("text", "ms"),
    [("12:40", 760_000), ("0:07.5", 7_500), ("1:02:05", 3_725_000), ("68：20", 4_100_000), (" 00:00 ", 0)],
)
def test_moments_are_read_as_people_write_them(text, ms):
    assert moments.parse(text) == ms
    assert moments.parse(moments.typed(ms)) == ms


@pytest.mark.parametrize("text", ["", "12", "12:60", "-1:00", "1:61:00", "abc", "12:4x", "1e3:00"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(moments.Unreadable):
        moments.parse(text)
