"""Five of the honest suite with a real player: what was really played is credited within two per cent."""

import pytest

from tests.browser import watchers
from tests.browser.chromium import until
from tests.browser.watchers import at, credited, pause, play, played_ms, record, visit

TOMORROW = """
const shift = 86400000, Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { super(...(given.length ? given : [Real.now() + shift])); }
  static now() { return Real.now() + shift; }
};
"""


@pytest.fixture(scope="module")
def films(school, accounts, tmp_path_factory):
    watchers.prepare(school, accounts, tmp_path_factory.mktemp("film"))
    return school


@pytest.fixture
def device(films, visitor, sign_in):
    """A browser of its own, signed in; it opens a lesson."""

    def opened(name, course=watchers.SLUG, before=None):
        page = visitor()
        if before:
            before(page)
        sign_in(page, "learner")
        visit(page, name, course)
        return page

    return opened


def assert_fair(school, name, really):
    """Waits for what is on its way, and looks that no more comes."""
    assert credited(school, name, really * 0.98) <= really * 1.02 + 250


def test_three_minutes_without_a_word_to_the_school(films, device):
    """Three real minutes: no beat arrives, over a socket or without; the film goes on, as out of a large buffer."""
    gone = []
    page = device("lost-network", before=lambda page: page.route_web_socket("**/ws/**", line(gone)))
    play(page, 5)
    page.route("**/api/v1/**", lambda route: route.abort())
    gone.append(True)
    page.wait_for_timeout(180_000)
    assert at(page) > 120
    assert record(films, "lost-network")[0] <= 16_000
    gone.clear()
    page.unroute("**/api/v1/**")
    credited(films, "lost-network", played_ms(page) * 0.98, seconds=60)  # by itself, while it plays
    pause(page)
    assert_fair(films, "lost-network", played_ms(page))


def line(gone):
    """A socket whose words are lost while `gone` holds anything."""

    def carry(page_side):
        school_side = page_side.connect_to_server()
        page_side.on_message(lambda message: gone or school_side.send(message))
        school_side.on_message(lambda message: gone or page_side.send(message))

    return carry


def test_reloading_in_the_middle(films, device):
    page = device("reload")
    really = 0
    for _ in range(3):
        play(page, 6)
        really += played_ms(page)
        page.reload()
        until(page, "document.querySelector('video').readyState >= 2", seconds=30)
        page.wait_for_timeout(800)
    assert_fair(films, "reload", really)


def test_a_device_whose_clock_is_a_day_ahead(films, device):
    page = device("clock", before=lambda page: page.add_init_script(TOMORROW))
    assert page.evaluate("Date.now()") > page.evaluate("performance.timeOrigin") + 80_000_000
    play(page, 14)
    pause(page)
    assert_fair(films, "clock", played_ms(page))


def test_changing_captions_and_size_while_it_plays(films, device):
    """The player loads other pieces and other words; the stretches played are told as they were."""
    page = device("captions")
    play(page, 3)
    for step in range(6):
        mode, rate = ("hidden", 1) if step % 2 else ("showing", 1.5)
        page.evaluate(f"for (const track of document.querySelector('video').textTracks) track.mode = '{mode}'")
        page.evaluate(f"document.querySelector('video').playbackRate = {rate}")
        page.wait_for_timeout(2_000)
    pause(page)
    assert_fair(films, "captions", played_ms(page))
    assert len(record(films, "captions")[3]) <= 2


def test_the_last_frame_of_a_film(films, device):
    page = device("last-frame")
    play(page)
    until(page, "document.querySelector('video').ended", seconds=40)
    assert credited(films, "last-frame", 15_000) <= 16_300
    assert record(films, "last-frame")[2]
