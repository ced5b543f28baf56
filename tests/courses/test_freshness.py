"""A lesson's page is kept for everybody alike: never what belongs to a person, and never beyond a change."""

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction

from courses import freshness
from courses.models import FilmChapter, LessonPage, LessonProgress, Standard
from media import captions
from tests import factories


@pytest.fixture
def course(home):
    return factories.course(home, title="过程改进", lessons=2)


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def visitor():
    """visitor(url) → the page as somebody nobody knows finds it, in a browser without a cookie."""
    return lambda url, **more: Client(**more).get(url)


def words(response):
    return response.content.decode()


def publish(page, **changes):
    page = type(page).objects.get(pk=page.pk)
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_visitors_share_one_page_without_a_query(visitor, lesson, django_assert_num_queries):
    visitor(lesson.url)  # the first of all opens the settings of the school, which renews the pages
    first = visitor(lesson.url)
    with django_assert_num_queries(0):
        second = visitor(lesson.url)
    assert second.content == first.content
    for header in ("Content-Type", "Content-Language", "Content-Security-Policy", "X-Frame-Options"):
        assert second[header] == first[header]
    assert set(second["Vary"].split(", ")) == set(first["Vary"].split(", ")) == {"Accept-Language", "Cookie"}
    assert not second.cookies
    assert "csrf" not in words(second)


def test_what_is_published_shows_at_once(visitor, course, lesson):
    visitor(lesson.url)
    publish(lesson, title="新题目")
    assert "新题目" in words(visitor(lesson.url))
    publish(course, title="新课名")
    assert "新课名" in words(visitor(lesson.url))


def test_what_was_made_of_the_old_state_is_not_kept():
    place = freshness.key("whole:a-page")
    freshness.renew()
    freshness.keep(place, "made before the change")
    assert freshness.recall(freshness.key("whole:a-page")) is None


def test_what_is_taken_down_or_moved_is_gone_at_once(visitor, course, lesson):
    other = course.lessons().last()
    assert other.title in words(visitor(lesson.url))
    other.unpublish()
    assert other.title not in words(visitor(lesson.url))
    lesson.unpublish()
    assert visitor(lesson.url).status_code == 404


def test_a_page_that_becomes_private_is_closed_at_once(visitor, course, lesson):
    visitor(lesson.url)
    PageViewRestriction.objects.create(page=course.page_ptr, restriction_type=PageViewRestriction.LOGIN)
    assert visitor(lesson.url).status_code == 302


def test_a_standard_that_is_withdrawn_says_so_at_once(visitor, lesson):
    standard = Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求")
    page = LessonPage.objects.get(pk=lesson.pk)
    page.standards.add(standard)
    page.save_revision().publish()
    before = words(visitor(lesson.url))
    assert "GB/T 19001-2016" in before
    standard.status = Standard.Status.WITHDRAWN
    standard.save()
    assert words(visitor(lesson.url)) != before


def test_nobody_who_is_known_gets_the_page_of_visitors_nor_leaves_theirs(visitor, lesson, learner, outsider):
    plain = words(visitor(lesson.url))
    factories.enrolment(learner, lesson.course)
    for account, joined in ((learner, True), (outsider, False), (learner, True)):
        browser = Client()
        browser.force_login(account)
        shown = words(browser.get(lesson.url))
        assert shown != plain
        assert ("data-watch" in shown) is joined
    assert words(visitor(lesson.url)) == plain


def test_each_person_finds_their_own_record(lesson, learner, outsider):
    watched = {learner: 40_000, outsider: 0}
    browsers = {}
    for account, ms in watched.items():
        LessonProgress.objects.create(
            enrolment=factories.enrolment(account, lesson.course), lesson=lesson, video=lesson.video,
            duration_ms=100_000, coverage=[[0, ms]] if ms else [], watched_ms=ms, position_ms=ms,
        )  # fmt: skip
        browsers[account] = Client()
        browsers[account].force_login(account)
    for _again in range(2):
        shown = {account: browsers[account].get(lesson.url).context["state"] for account in watched}
        assert {account: state["coverage"].watched_ms for account, state in shown.items()} == watched


def test_a_reader_s_choices_are_kept_apart(visitor, lesson):
    plain = visitor(lesson.url)
    large = Client()
    large.cookies["scale"] = "large"
    assert 'data-scale="large"' in words(large.get(lesson.url))
    assert 'data-scale="large"' not in words(visitor(lesson.url))
    assert visitor(f"{lesson.url}?words=en").context is not None  # rendered by itself
    assert visitor(lesson.url).content == plain.content


def test_a_person_with_a_message_gets_a_page_of_their_own(lesson, visitor):
    visitor(lesson.url)
    browser = Client()
    browser.cookies["messages"] = "anything"
    assert browser.get(lesson.url).context is not None  # it was rendered


def test_chapters_and_words_of_the_film_show_at_once(client, learner, lesson):
    factories.enrolment(learner, lesson.course)
    client.force_login(learner)
    client.get(lesson.url)
    FilmChapter.objects.create(lesson=lesson, start_ms=10_000, title="第二部分")
    captions.attach(lesson.video, "zh-hans", "WEBVTT\n\n00:01.000 --> 00:02.000\n质量第一\n")
    shown = words(client.get(lesson.url))
    assert "第二部分" in shown
    assert "质量第一" in shown
    captions.attach(lesson.video, "zh-hans", "WEBVTT\n\n00:01.000 --> 00:02.000\n客户第一\n")
    assert "客户第一" in words(client.get(lesson.url))
    assert "质量第一" not in words(client.get(lesson.url))
    captions.attach(lesson.video, "en", "WEBVTT\n\n00:01.000 --> 00:02.000\nquality first\n")
    assert "quality first" in words(client.get(f"{lesson.url}?words=en"))
    assert "quality first" not in words(client.get(lesson.url))
    captions.detach(lesson.video, "en")
    captions.detach(lesson.video, "zh-hans")
    assert "客户第一" not in words(client.get(lesson.url))


def test_a_draft_in_its_preview_is_never_taken_from_what_is_kept(visitor, lesson):
    visitor(lesson.url)
    draft = LessonPage.objects.get(pk=lesson.pk)
    draft.title = "草稿里的题目"
    assert "草稿里的题目" in words(draft.make_preview_request())
    assert "草稿里的题目" not in words(visitor(lesson.url))
