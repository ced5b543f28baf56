"""Five of the cheat suite with a real player: whatever a script does, no more than real time at the fastest speed."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import watchers
from tests.browser.watchers import at, pause, play, record, visit

ALARM = "[data-watch] > .notice[role=alert]"
RATE = 2  # of this course
FASTER = """() => {
    const video = document.querySelector('video');
    const real = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'playbackRate');
    real.set.call(video, 8);
    Object.defineProperty(video, 'playbackRate', { get: () => real.get.call(video), set() {} });
}"""  # the player would set it back


@pytest.fixture(scope="module")
def films(school, accounts, tmp_path_factory):
    watchers.prepare(school, accounts, tmp_path_factory.mktemp("film"))
    return school


@pytest.fixture
def device(films, visitor, sign_in):
    """A browser of its own, signed in; it opens a lesson."""

    def opened(name, course=watchers.SLUG):
        page = visitor()
        sign_in(page, "learner")
        visit(page, name, course)
        return page

    return opened


def test_dragging_to_the_end(films, device):
    page = device("drag")
    play(page, 3)
    for place in (70, 140, 210, 239):
        page.evaluate(f"document.querySelector('video').currentTime = {place}")
        page.wait_for_timeout(1500)
    pause(page)
    page.wait_for_timeout(3_000)
    watched, _position, done, _seen = record(films, "drag")
    assert 2_000 < watched <= 14_000
    assert not done


def test_a_script_that_plays_at_eight_times_the_speed(films, device):
    page = device("speed")
    began = time.monotonic()
    play(page)
    page.evaluate(FASTER)
    page.wait_for_timeout(12_000)
    really = at(page)  # as fast as this machine can
    page.evaluate("document.querySelector('video').pause()")
    page.wait_for_timeout(3_000)
    watched, _position, done, _seen = record(films, "speed")
    assert watched <= (time.monotonic() - began) * 1000 * RATE
    assert watched <= really * 1000 + 1_500
    assert not done


def test_two_tabs_at_once(films, device):
    first = device("tabs")
    began = time.monotonic()
    play(first, 3)
    second = first.context.new_page()
    visit(second, "tabs")
    second.evaluate("document.querySelector('video').currentTime = 120")
    play(second, 2)
    expect(first.locator(ALARM)).to_be_visible(timeout=15_000)
    expect(first.locator(ALARM)).to_contain_text("其他页面或设备")
    assert first.evaluate("document.querySelector('video').paused")
    assert not second.evaluate("document.querySelector('video').paused")
    pause(second)
    second.wait_for_timeout(1500)
    elapsed = time.monotonic() - began  # before asking: that took seconds once, and hid how close this is
    assert record(films, "tabs")[0] <= elapsed * 1000


def test_two_devices_that_fight_for_the_player(films, device):
    """A script on each presses play again whenever it was stopped."""
    script = "setInterval(() => { const v = document.querySelector('video'); if (v.paused) v.play(); }, 500)"
    began = time.monotonic()
    one, other = device("devices"), device("devices")
    other.evaluate("document.querySelector('video').currentTime = 120")
    for page in (one, other):
        play(page)
        page.evaluate(script)
    one.wait_for_timeout(15_000)
    for page in (one, other):
        page.close()
    time.sleep(2)
    assert record(films, "devices")[0] <= (time.monotonic() - began) * 1000 * RATE


def test_a_hidden_tab_that_goes_on_where_it_does_not_count(films, device):
    """A script plays on against the page's own pausing, and the tab says truthfully that it is hidden."""
    page = device("hidden", course="four-hidden")
    play(page, 4)
    hide(page)
    until_paused = page.evaluate("document.querySelector('video').paused")
    assert until_paused  # the courtesy of the page
    page.wait_for_timeout(1500)
    before = record(films, "hidden", "four-hidden")[0]
    assert 0 < before <= 6_000
    play(page, 13)
    pause(page)
    page.wait_for_timeout(1500)
    assert record(films, "hidden", "four-hidden")[0] <= before + 500


def hide(page):
    page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
