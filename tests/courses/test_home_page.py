"""The home page: what can I learn here, where did I leave off, what has the school done."""

import datetime as dt

import pytest
from django.utils import timezone, translation
from wagtail.models import Locale

from courses import completion
from courses.models import HomePage, LessonProgress, NoticeIndexPage, NoticePage
from courses.templatetags.learning import figure
from lms.models import Participation
from tests import factories


@pytest.fixture
def notices(home):
    index = home.add_child(instance=NoticeIndexPage(title="通知公告", slug="notices"))
    for number in range(1, 6):
        index.add_child(
            instance=NoticePage(
                title=f"第{number}号通知", slug=f"n{number}", date=dt.date(2026, 1, number), body="<p>正文</p>"
            )
        )
    return index


def test_tracks_come_with_what_they_hold(home, client):
    factories.course(home, lessons=3)
    html = client.get("/").content.decode()
    assert 'class="track" data-track="cqo"' in html
    assert "1 门课程，3 " in html


def test_the_newest_notices_lead_to_all_of_them(home, notices, client):
    html = client.get("/").content.decode()
    assert html.index("第5号通知") < html.index("第2号通知")
    assert "第1号通知" not in html
    assert f'href="{notices.url}"' in html
    every = client.get(notices.url).content.decode()
    assert every.index("第5号通知") < every.index("第1号通知")
    assert "正文" in client.get(notices.get_children().first().url).content.decode()


def test_a_notice_of_tomorrow_is_not_on_the_home_page(home, notices, client, time_machine):
    time_machine.move_to(dt.datetime(2026, 1, 3, 4, tzinfo=dt.UTC))
    html = client.get("/").content.decode()
    assert "第3号通知" in html
    assert "第4号通知" not in html


def test_a_learner_goes_on_where_the_last_lesson_was_left(home, client, learner):
    course, other = factories.course(home, title="甲", lessons=2), factories.course(home, title="乙", lessons=1)
    first, second = course.lessons()
    enrolment = factories.enrolment(learner, course)
    factories.enrolment(learner, other)
    LessonProgress.objects.create(enrolment=enrolment, lesson=first, completed_at=timezone.now())
    LessonProgress.objects.create(
        enrolment=enrolment, lesson=second, video=second.video, duration_ms=100_000,
        coverage=[[0, 40_000]], watched_ms=40_000, position_ms=40_000,
    )  # fmt: skip
    client.force_login(learner)
    html = client.get("/").content.decode()
    assert f'<a class="button button--primary button--block" href="{second.url}"' in html
    assert "甲，第 2 节，共 2 节" in html
    assert "00:40" in html


def test_a_learner_who_has_only_joined_is_led_to_the_first_lesson(home, client, learner):
    course = factories.course(home, lessons=2)
    factories.enrolment(learner, course)
    client.force_login(learner)
    assert f'href="{course.lessons().first().url}"' in client.get("/").content.decode()


def test_somebody_who_has_joined_nothing_sees_no_empty_frame(home, client, learner):
    client.force_login(learner)
    assert 'class="resume"' not in client.get("/").content.decode()


def test_a_visitor_is_told_how_to_begin(home, client):
    html = client.get("/").content.decode()
    assert "/accounts/signup/" in html
    assert not client.get("/").cookies


def test_the_figures_come_from_the_ledger(home, client, learner):
    course = factories.course(home, lessons=1)
    enrolment = factories.enrolment(learner, course)
    completion.override(author=learner, reason="线下学过", enrolment=enrolment, lesson=course.lessons().first())
    assert Participation.objects.count() == 1
    html = client.get("/").content.decode()
    assert '<dd>1.0<span class="stat__unit">学时</span></dd>' in html
    assert '<dd>1<span class="stat__unit">人次</span></dd>' in html


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        (14_832, "zh-hans", ("1.5", "万", "14,832")),
        (14_832, "en", ("14,832", "", "")),
        (9_999, "zh-hans", ("9,999", "", "")),
        (0, "zh-hans", ("0", "", "")),
    ],
)
def test_large_figures_are_counted_in_myriads_in_chinese(value, language, shown):
    with translation.override(language):
        assert tuple(figure(value).values()) == shown


def test_an_empty_school_already_looks_like_one(home, client):
    page = client.get("/")
    assert page.status_code == 200
    assert "首席质量官网校" in page.content.decode()


def test_english_has_its_own_home(home, client):
    english = Locale.objects.get_or_create(language_code="en")[0]
    copy = home.copy_for_translation(english)
    copy.title, copy.lead, copy.slug = "CQO Academy", "The free school", "school-en"
    copy.save_revision().publish()
    assert HomePage.objects.count() == 2
    assert "The free school" in client.get("/en/").content.decode()
    assert "The free school" not in client.get("/").content.decode()
