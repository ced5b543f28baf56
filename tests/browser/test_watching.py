"""A real player in a real browser: what it really plays is credited, through lost networks, reloads and crashes."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import until

PREPARE = """
from django.core.files import File
from courses import enrolment
from courses.models import CoursePage, LessonPage, TrackPage
from lms.models import User
from media import library
from tests.browser import stage
track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
with stage.film({film!r}, 60).open("rb") as file:
    video = library.add(file=File(file), name="minute.mp4", title="一分钟", owner=None)
for slug, no_skip in [("minute", False), ("no-skip", True)]:
    course = track.add_child(instance=CoursePage(title=slug, slug=slug, max_rate=2, no_skip=no_skip))
    for name in ("one", "two", "three", "four", "five", "six", "seven"):
        lesson = course.add_child(instance=LessonPage(title=name, slug=name, body=[("video", video)]))
        lesson.save_revision().publish()
    course.save_revision().publish()
    enrolment.enrol(User.objects.get(email={login!r}), course)
"""
FINISH = """
from courses import completion
from courses.models import LessonProgress
from lms.models import User
row = LessonProgress.objects.get(lesson__slug={slug!r}, enrolment__course__slug="minute")
author = User.objects.exclude(pk=row.enrolment.user_id).first()
completion.override(author=author, reason="同场线下签到", enrolment=row.enrolment, lesson=row.lesson)
"""


@pytest.fixture(scope="module")
def minute(school, accounts, tmp_path_factory):
    film = tmp_path_factory.mktemp("film") / "minute.mp4"
    school.script(PREPARE.format(film=str(film), login=accounts["learner"]["login"]))
    deadline = time.monotonic() + 120
    while "ready" not in school.script(
        "from media.models import Video; print(Video.objects.get(title='一分钟').state)"
    ):
        assert time.monotonic() < deadline, school.log.read_text()[-3000:]
        time.sleep(1)
    return school


@pytest.fixture
def learner(minute, visitor, sign_in):
    """Opens a lesson on a device of its own."""

    def open_lesson(name, course="minute"):
        page = visitor()
        sign_in(page, "learner")
        visit(page, name, course)
        return page

    return open_lesson


def visit(page, name, course="minute"):
    page.goto(f"/tqm/{course}/{name}/")
    until(page, "document.querySelector('video').readyState >= 2", seconds=30)


def play(page, seconds=0):
    page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
    until(page, "!document.querySelector('video').paused")
    page.wait_for_timeout(seconds * 1000)


def pause(page):
    page.evaluate("document.querySelector('video').pause()")
    page.wait_for_timeout(500)


def played_ms(page):
    """What the browser itself says that it played."""
    return page.evaluate(
        "Array.from({length: document.querySelector('video').played.length},"
        " (_, n) => document.querySelector('video').played.end(n) - document.querySelector('video').played.start(n))"
        ".reduce((sum, each) => sum + each, 0) * 1000"
    )


def record(school, name, course="minute"):
    out = school.script(
        "from courses.models import LessonProgress as P;"
        f"p = P.objects.filter(lesson__slug={name!r}, lesson__path__startswith="
        f"__import__('courses.models').models.CoursePage.objects.get(slug={course!r}).path).first();"
        "print(p.watched_ms if p else 0, p.position_ms if p else 0, bool(p and p.completed_at))"
    )
    watched, position, done = out.split()
    return int(watched), int(position), done == "True"


def credited(school, name, at_least, course="minute", seconds=20):
    """Wait until that much is on record, and return what is."""
    deadline = time.monotonic() + seconds
    while record(school, name, course)[0] < at_least:
        assert time.monotonic() < deadline, (record(school, name, course), at_least)
        time.sleep(0.5)
    return record(school, name, course)[0]


def test_what_is_really_played_is_credited_within_two_per_cent(minute, learner):
    page = learner("one")
    play(page, 9)
    pause(page)
    page.evaluate("document.querySelector('video').currentTime = 30")
    play(page, 14)
    pause(page)
    really = played_ms(page)
    assert credited(minute, "one", really * 0.98) <= really * 1.02
    expect(page.locator("[data-coverage-saved]")).to_contain_text("已保存")
    expect(page.locator("[data-coverage-gaps]")).to_be_visible()
    assert page.locator("[data-coverage-chart] rect").count() == 3


def test_dragging_to_the_end_credits_only_what_was_played(minute, learner):
    page = learner("two")
    play(page, 2)
    page.evaluate("document.querySelector('video').currentTime = document.querySelector('video').duration - 1")
    page.wait_for_timeout(3000)
    assert record(minute, "two")[0] <= 4_500
    assert not record(minute, "two")[2]


def test_a_lost_network_is_told_quietly_and_costs_nothing(minute, learner):
    page = learner("three")
    play(page, 6)
    page.context.set_offline(True)
    page.wait_for_timeout(14_000)
    expect(page.locator("[data-coverage-saved]")).to_contain_text("网络")
    page.context.set_offline(False)
    page.wait_for_timeout(2000)
    pause(page)
    assert credited(minute, "three", played_ms(page) * 0.98)


def test_a_reload_goes_on_where_it_was_and_keeps_all(minute, learner):
    page = learner("four")
    play(page, 8)
    really = played_ms(page)
    page.reload()
    until(page, "document.querySelector('video').readyState >= 2", seconds=30)
    assert credited(minute, "four", really * 0.98)
    assert abs(page.evaluate("document.querySelector('video').currentTime") - really / 1000) < 2


def test_a_crash_without_network_loses_only_seconds(minute, learner):
    page = learner("five")
    play(page, 4)
    page.context.set_offline(True)
    page.wait_for_timeout(12_000)
    really = played_ms(page)
    with pytest.raises(Exception, match=r"crash|closed"):
        page.goto("chrome://crash")
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    visit(again, "five")
    play(again, 1)
    assert credited(minute, "five", really - 6_500)


def test_a_second_device_takes_over(minute, learner):
    first = learner("six")
    play(first, 3)
    second = learner("six")
    play(second, 1)
    expect(first.locator("[data-watch] > .notice[role=alert]")).to_be_visible(timeout=15_000)
    assert first.evaluate("document.querySelector('video').paused")
    play(first, 1)  # and back again
    expect(second.locator("[data-watch] > .notice[role=alert]")).to_be_visible(timeout=15_000)
    expect(first.locator("[data-watch] > .notice[role=alert]")).to_be_hidden()


def test_the_list_of_a_page_that_lost_the_film_is_renewed_when_it_is_seen_again(minute, learner):
    """Another device goes on and finishes the lesson meanwhile."""
    first = learner("seven")
    outline = first.locator(".lesson__side")
    before = outline.inner_text()
    play(first, 2)
    second = learner("seven")
    play(second, 1)
    expect(first.locator("[data-watch] > .notice[role=alert]")).to_be_visible(timeout=15_000)
    pause(second)
    minute.script(FINISH.format(slug="seven"))
    assert outline.inner_text() == before
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(outline.get_by_text(re.compile(r"1 / 7|2 / 7"))).to_be_visible()


def test_where_the_course_asks_for_it_the_player_does_not_skip(minute, learner):
    page = learner("one", course="no-skip")
    play(page, 3)
    page.evaluate("document.querySelector('video').currentTime = 50")
    page.wait_for_timeout(1000)
    assert page.evaluate("document.querySelector('video').currentTime") < 10
    page.evaluate("document.querySelector('video').currentTime = 1")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('video').currentTime") < 3
