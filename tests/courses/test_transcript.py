"""The words beside the film: in the reader's language or another, under the chapters' titles, for who may study."""

import pytest

from courses import chapters, transcripts
from courses.models import FilmChapter, LessonPage
from media import captions
from tests import factories

CHINESE = """WEBVTT

00:00:00.800 --> 00:00:02.000
<v 陈立群>第一课。

00:00:19.900 --> 00:00:22.000
先看 <b>判异</b> 准则 &lt;1.33

00:01:05.500 --> 00:01:08.000
小结
"""
ENGLISH = "1\n00:00:01,000 --> 00:00:03,000\nOut of control.\n"


@pytest.fixture
def lesson(course):
    page = course.lessons().first()
    type(page.video).objects.filter(pk=page.video.pk).update(run=page.video.uuid)
    captions.attach(page.video, "zh-hans", CHINESE)
    page.film_chapters = [FilmChapter(start_ms=20_000, title="判异"), FilmChapter(start_ms=60_000, title="结尾")]
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


@pytest.fixture
def enrolled(client, learner, course):
    client.force_login(learner)
    return factories.enrolment(learner, course)


def lines(html):
    return html.split("data-lines", 1)[1].split("</section>", 1)[0]


def test_each_line_is_a_link_into_the_film_with_its_exact_time(lesson, client, enrolled):
    html = lines(client.get(lesson.url).content.decode())
    assert 'href="#t=0.8"' in html
    assert 'href="#t=65.5"' in html
    assert "先看 判异 准则 &lt;1.33" in html
    assert "陈立群" not in html
    assert (
        html.index("第一课")
        < html.index("判异</h3>")
        < html.index("准则")
        < html.index("结尾</h3>")
        < html.index("小结")
    )


def test_a_sentence_that_begins_a_little_early_stands_under_its_chapter(lesson):
    transcript = transcripts.of(lesson, language="zh-hans", chapters=chapters.of(lesson))
    assert [(part.title, len(part.lines)) for part in transcript.parts] == [("", 1), ("判异", 1), ("结尾", 1)]


def test_without_chapters_it_is_one_part(lesson):
    transcript = transcripts.of(lesson, language="zh-hans")
    assert [(part.title, len(part.lines)) for part in transcript.parts] == [("", 3)]


def test_the_language_is_the_readers_choice(lesson, client, enrolled):
    assert "transcript__languages" not in client.get(lesson.url).content.decode()
    captions.attach(lesson.video, "en", ENGLISH)
    html = client.get(lesson.url).content.decode()
    assert 'href="?words=en#transcript"' in html
    assert "第一课。" in lines(html)
    html = client.get(lesson.url, {"words": "en"}).content.decode()
    assert "Out of control." in lines(html)
    assert "第一课。" not in lines(html)
    assert lines(html).split(">", 1)[0].strip() == 'lang="en"'


@pytest.mark.parametrize("asked", ["bo", "../en", "", "x" * 500])
def test_a_language_that_is_not_there_shows_what_is(lesson, client, enrolled, asked):
    answer = client.get(lesson.url, {"words": asked})
    assert answer.status_code == 200
    assert "第一课。" in lines(answer.content.decode())


def test_who_may_not_study_reads_no_word_of_it(lesson, client, outsider):
    assert "第一课。" not in client.get(lesson.url, {"words": "zh-hans"}).content.decode()
    client.force_login(outsider)
    assert "第一课。" not in client.get(lesson.url).content.decode()


def test_a_film_without_words_has_no_transcript(lesson, client, enrolled):
    captions.detach(lesson.video, "zh-hans")
    assert "data-transcript" not in client.get(lesson.url).content.decode()
