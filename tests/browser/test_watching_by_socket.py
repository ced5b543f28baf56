"""Beats go over a socket where they can, over HTTP where they must, and nothing that was played is lost on the way."""

import json
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
with stage.film({film!r}, 200, size="160x90").open("rb") as file:
    video = library.add(file=File(file), name="long.mp4", title="三分多", owner=None)
course = track.add_child(instance=CoursePage(title="socket", slug="socket", max_rate=2))
for name in ("line", "refused", "cut", "offline", "two", "killed"):
    lesson = course.add_child(instance=LessonPage(title=name, slug=name, body=[("video", video)]))
    lesson.save_revision().publish()
course.save_revision().publish()
enrolment.enrol(User.objects.get(email={login!r}), course)
"""
WATCHED = (
    "from courses.models import LessonProgress as P;"
    "print('watched', sum(P.objects.filter(lesson__slug={name!r}).values_list('watched_ms', flat=True)), 'ms')"
)


@pytest.fixture(scope="module")
def school(new_school, tmp_path_factory):
    new_school.start("web", "transcode")
    login = json.loads((new_school.folder / "demo-accounts.json").read_text())["learner"]["login"]
    film = tmp_path_factory.mktemp("film") / "four.mp4"
    new_school.script(PREPARE.format(film=str(film), login=login))
    deadline = time.monotonic() + 180
    ready = "from media.models import Video; print(Video.objects.get(title='三分多').state)"
    while "ready" not in new_school.script(ready):
        assert time.monotonic() < deadline, new_school.log.read_text()[-3000:]
        time.sleep(1)
    return new_school


@pytest.fixture
def accounts(school):
    return json.loads((school.folder / "demo-accounts.json").read_text())


@pytest.fixture
def watch(school, visitor, sign_in):
    """Open a lesson and play it; what went over which way is noted on the page."""

    def play(name, *, refuse=None):
        page = visitor()
        page.frames_sent, page.posts = [], []
        page.on("websocket", lambda line: line.on("framesent", lambda text: page.frames_sent.append(str(text))))
        page.on("request", lambda request: page.posts.append(request.url) if "/beats" in request.url else None)
        if refuse:
            page.route_web_socket(re.compile("/ws/watch/"), refuse)
        sign_in(page, "learner")
        page.goto(f"/tqm/socket/{name}/")
        until(page, "document.querySelector('video').readyState >= 2", seconds=30)
        page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
        until(page, "!document.querySelector('video').paused")
        return page

    return play


def pause(page):
    page.evaluate("document.querySelector('video').pause()")


def played_ms(page):
    return page.evaluate(
        "Array.from({length: document.querySelector('video').played.length},"
        " (_, n) => document.querySelector('video').played.end(n) - document.querySelector('video').played.start(n))"
        ".reduce((sum, each) => sum + each, 0) * 1000"
    )


def credited(school, name, at_least, seconds=40):
    deadline = time.monotonic() + seconds
    while True:
        watched = int(re.search(r"watched (\d+) ms", school.script(WATCHED.format(name=name))).group(1))
        if watched >= at_least:
            return watched
        assert time.monotonic() < deadline, (watched, at_least, school.log.read_text()[-2000:])
        time.sleep(0.5)


def beats(page):
    """Those that went over the socket."""
    return len([text for text in page.frames_sent if '"sequence"' in text])


def wait_for(page, true, seconds):
    """The page is asked to wait, so that it can tell meanwhile what it sends."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, (page.posts, page.frames_sent)
        page.wait_for_timeout(100)


def saved(page):
    return page.locator("[data-coverage-saved]")


def test_beats_go_over_the_socket_and_not_over_http(school, watch):
    page = watch("line")
    wait_for(page, lambda: beats(page) >= 2, seconds=30)
    pause(page)
    really = played_ms(page)
    assert credited(school, "line", really * 0.98) <= really * 1.02
    expect(saved(page)).to_contain_text("已保存")
    assert len([text for text in page.frames_sent if '"token"' in text]) == 1
    assert page.posts == []


def test_where_the_socket_is_refused_beats_go_over_http(school, watch):
    page = watch("refused", refuse=lambda line: line.close(code=1011))
    page.wait_for_timeout(11_500)
    pause(page)
    really = played_ms(page)
    assert credited(school, "refused", really * 0.98) <= really * 1.02
    expect(saved(page)).to_contain_text("已保存")
    assert page.posts


def test_a_socket_that_says_nothing_does_not_hold_beats_up(school, watch):
    """A proxy that swallows what it does not know: nobody answers, and HTTP takes over."""
    page = watch("cut", refuse=lambda line: None)
    wait_for(page, lambda: len(page.posts) >= 2, seconds=40)
    pause(page)
    assert credited(school, "cut", played_ms(page) * 0.98)


AHEAD = (
    "(v => v.buffered.length && v.buffered.end(v.buffered.length - 1) - v.currentTime > 24)"
    "(document.querySelector('video'))"
)


def test_a_lost_network_costs_nothing_of_what_was_loaded_before(school, watch):
    page = watch("offline")
    credited(school, "offline", 1)
    until(page, AHEAD, seconds=60)
    page.context.set_offline(True)
    page.wait_for_timeout(20_000)
    expect(saved(page)).to_contain_text("网络")
    before = credited(school, "offline", 0)
    page.context.set_offline(False)
    page.wait_for_timeout(3_000)
    pause(page)
    really = played_ms(page)
    assert really > before + 15_000
    assert credited(school, "offline", really * 0.98) <= really * 1.02


def test_the_older_page_is_told_at_once(school, watch):
    first = watch("two")
    credited(school, "two", 1)
    second = watch("two")
    expect(first.locator("[data-watch] > .notice[role=alert]")).to_be_visible(timeout=4_000)
    assert first.evaluate("document.querySelector('video').paused")
    assert not second.evaluate("document.querySelector('video').paused")


def test_a_killed_server_comes_back_and_the_socket_with_it(school, watch):
    page = watch("killed")
    acknowledged = credited(school, "killed", 1)
    until(page, AHEAD, seconds=60)
    school.kill("web")
    assert credited(school, "killed", 0) >= acknowledged
    page.wait_for_timeout(12_000)
    school.start("web")
    before = beats(page)
    wait_for(page, lambda: beats(page) > before, seconds=60)
    posts, back = len(page.posts), beats(page)
    wait_for(page, lambda: beats(page) >= back + 2, seconds=40)
    pause(page)
    assert credited(school, "killed", played_ms(page) * 0.98)
    assert len(page.posts) - posts <= 2
