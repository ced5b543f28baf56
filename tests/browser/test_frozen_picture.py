"""What a page of a room says of its picture, by its own scripts and on a clock that the test moves."""

from pathlib import Path

import pytest

from tests.browser.chromium import until

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {
    "/live/js/room/beats.js": ROOT / "live/static/live/js/room/beats.js",
    "/live/js/room/motion.js": ROOT / "live/static/live/js/room/motion.js",
    "/js/csrf.js": ROOT / "lms/static/js/csrf.js",
}
BEGIN = """
import { beats } from "/live/js/room/beats.js";
const video = new EventTarget();
Object.assign(video, { currentTime: 0, paused: false, seeking: false, readyState: 4, muted: false });
Object.assign(window, { moving: true, state: "live", told: [], still: false });
setInterval(() => {
  if (!window.moving) return;
  video.currentTime += 0.25;
  video.dispatchEvent(new Event("timeupdate"));
}, 250);
window.say = (kind, facts) => { Object.assign(video, facts); video.dispatchEvent(new Event(kind)); };
window.leap = () => {
  say("seeking", { currentTime: video.currentTime + 9, seeking: true });
  say("timeupdate", {});
};
window.line = beats({ tell: (what) => window.told.push({ ...what, at: performance.now() }) }, video, {
  url: "/",
  isCounting: () => ["live", "interrupted"].includes(window.state),
  isExcused: () => window.state === "interrupted",
  onStill: (is) => { window.still = is; },
});
window.begun = true;
"""


def serve(route):
    path = route.request.url.removeprefix("http://localhost")
    if path in SCRIPTS:
        route.fulfill(path=SCRIPTS[path], content_type="text/javascript")
    elif path == "/begin.js":
        route.fulfill(body=BEGIN, content_type="text/javascript")
    else:
        route.fulfill(body='<script type="module" src="/begin.js"></script>', content_type="text/html")


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    opened.clock.install(time=0)
    opened.route("**/*", serve)
    opened.goto("http://localhost/")
    until(opened, "window.begun")
    opened.clock.pause_at(60)  # seconds; from now on no time passes but what the test lets pass
    opened.evaluate("say('playing', {})")
    opened.clock.run_for(40_000)
    assert told(opened) == (True, False)
    yield opened
    opened.close()


def told(page):
    """Whether the page last said that it plays, and whether it tells the viewer that the picture stands still."""
    return tuple(page.evaluate("[window.told.at(-1).playing, window.still]"))


def freeze(page):
    page.evaluate("window.moving = false; say('waiting', { readyState: 2 })")


def go_on(page):
    page.evaluate("window.moving = true; say('playing', { readyState: 4, seeking: false })")


def test_it_stops_counting_after_ten_seconds_and_goes_on_when_it_moves(page):
    freeze(page)
    page.clock.run_for(60_000)
    assert told(page) == (False, True)
    frozen = page.evaluate("window.told.findLast((each) => each.playing).at")
    stopped = page.evaluate("window.told.find((each) => !each.playing && each.at > 40000).at")
    assert 9_500 <= stopped - frozen <= 12_500
    go_on(page)
    assert told(page) == (True, False)
    page.clock.run_for(31_000)
    since, until = page.evaluate("window.told.at(-1).played")[-1]
    assert 0 <= since <= 31_000  # only since it moves again
    assert until == 0


def test_a_short_wait_costs_nothing(page):
    said = page.evaluate("window.told.length")
    freeze(page)
    page.clock.run_for(9_000)
    go_on(page)
    page.clock.run_for(20_000)
    assert page.evaluate(f"window.told.slice({said}).every((each) => each.playing)")
    ((since, until),) = page.evaluate("window.told.at(-1).played")
    assert (since > 50_000, until) == (True, 0)  # without a break
    assert not page.evaluate("window.still")


def test_it_remembers_what_it_played_before_its_picture_stood_still(page):
    """As when the process that sends the pieces was killed before it wrote down who watched."""
    freeze(page)
    page.clock.run_for(20_000)
    (before,) = page.evaluate("window.told.at(-1).played")
    go_on(page)
    page.clock.run_for(10_000)
    page.evaluate("window.line.beat()")
    (since, until), now = page.evaluate("window.told.at(-1).played")
    assert 8_000 <= until - now[0] <= 11_000  # the picture stood still for twenty seconds, of which ten are allowed
    assert since - until == before[0] - before[1] > 48_000
    assert 9_500 <= now[0] <= 10_500
    assert now[1] == 0


def test_a_page_that_slept_did_not_play_meanwhile(page):
    page.evaluate("window.moving = false")
    page.clock.fast_forward(3_600_000)
    page.evaluate("window.moving = true; say('timeupdate', { currentTime: 9999 })")
    page.evaluate("window.line.beat()")
    assert page.evaluate("window.told.at(-1).played.every(([since]) => since < 5000)")


def test_a_picture_that_freezes_without_a_word_of_its_player(page):
    page.evaluate("window.moving = false")
    page.clock.run_for(13_000)
    assert told(page) == (False, True)
    page.evaluate("window.moving = true")
    page.clock.run_for(3_000)
    assert told(page) == (True, False)


def test_leaps_of_a_player_that_has_nothing_to_show_are_no_movement(page):
    freeze(page)
    for _turn in range(6):
        page.evaluate("leap()")
        page.clock.run_for(5_000)
    assert told(page) == (False, True)


def test_a_player_that_is_opened_anew_and_gets_nothing(page):
    freeze(page)
    page.clock.run_for(15_000)
    page.evaluate("say('emptied', { currentTime: 0, paused: true, readyState: 0 })")
    page.evaluate("say('play', { paused: false })")
    page.clock.run_for(3_000)
    assert told(page) == (False, True)


def test_who_pauses_is_absent_at_once_and_is_not_told_that_the_picture_stands(page):
    page.evaluate("window.moving = false; say('pause', { paused: true })")
    assert not page.evaluate("window.told.at(-1).playing")
    page.clock.run_for(60_000)
    assert told(page) == (False, False)
    page.evaluate("say('play', { paused: false })")
    page.clock.run_for(4_000)
    assert told(page) == (False, False)  # its pieces are on their way
    go_on(page)
    assert told(page) == (True, False)


def test_an_interrupted_broadcast_is_nobodys_absence(page):
    """The timeline stands still meanwhile; when it goes on the picture has ten seconds to follow."""
    freeze(page)
    page.clock.run_for(8_000)
    page.evaluate("window.state = 'interrupted'")
    page.clock.run_for(120_000)
    assert told(page) == (True, False)
    page.evaluate("window.state = 'live'")
    page.clock.run_for(8_000)
    assert told(page) == (True, False)
    page.clock.run_for(6_000)
    assert told(page) == (False, True)
