"""The player in a real Chromium, under the policy of the site."""

import os
import shutil
import time
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections

from media import captions, transcoding
from media.models import Video
from tests import factories
from tests.browser import chromium
from tests.media import player_films, player_pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.media.player_pages"),
]
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:30.000\n点出界。\n"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs in the thread of the tests


@pytest.fixture(scope="module")
def browser(django_db_setup):
    connections.close_all()  # within playwright's loop Django opens others, and these would never be closed
    with chromium.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    """Forty seconds in two sizes and as sound alone, made once for all tests."""
    return player_films.make(tmp_path_factory.mktemp("ladder"))


@pytest.fixture
def video(ladder):
    made = factories.video("过程能力与统计过程控制入门", seconds=40, run=uuid4())
    shutil.copytree(ladder, transcoding.run_folder(made.uuid, made.run))
    captions.attach(made, "zh-hans", VTT)
    return made


@pytest.fixture
def open_(browser, live_server, video):
    """open_(position=12) → a page on which the film is ready to play, watched for anything that goes wrong."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    trouble, requested = [], []
    player_pages.asked.clear()

    def open_page(**query):
        page = context.new_page()
        page.trouble, page.requested = trouble, requested
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: message.type == "error" and trouble.append(message.text))
        page.on("request", lambda request: requested.append(request.url))
        search = "&".join(f"{key}={value}" for key, value in query.items())
        page.goto(f"{live_server}/play/{video.pk}/?{search}")
        until(page, "v.readyState >= 3")
        return page

    yield open_page
    for page in context.pages:
        page.wait_for_load_state("networkidle")  # no request may outlive the database of the test
    context.close()


def read(page, what):
    """A value of the <video>, which the expression calls v."""
    return page.evaluate(f"() => {{ const v = document.querySelector('video'); return {what}; }}")


def until(page, condition, seconds=15):
    """Wait inside of the policy, which allows no eval."""
    end = time.monotonic() + seconds
    while not read(page, condition):
        assert time.monotonic() < end, f"{condition} did not come true"
        page.wait_for_timeout(50)


def plays_from(page, moment):
    read(page, f"(v.currentTime = {moment}, v.play())")
    until(page, f"!v.seeking && v.currentTime > {moment} + 0.3")


def problem(page):
    box = page.locator(".player__problem")
    return page.locator("[data-problem]").inner_text() if box.is_visible() else ""


def test_it_plays_and_seeks_under_the_policy_and_asks_nobody_else(open_, live_server):
    page = open_()
    assert read(page, "v.duration") == pytest.approx(40, abs=0.3)
    plays_from(page, 0)
    plays_from(page, 33)
    assert page.trouble == []
    assert [url for url in page.requested if not url.startswith((str(live_server), "blob:", "data:"))] == []


def test_it_goes_on_where_one_left_and_begins_again_after_the_end(open_):
    assert read(open_(position=12.5), "v.currentTime") == pytest.approx(12.5, abs=0.2)
    assert read(open_(position=38), "v.currentTime") == 0


def test_keys_work_anywhere_but_in_a_field(open_):
    page = open_(position=12)
    page.keyboard.press("Space")
    until(page, "v.currentTime > 12.2 && !document.querySelector('media-play-button').hasAttribute('mediapaused')")
    page.keyboard.press("k")
    until(page, "v.paused")
    before = read(page, "v.currentTime")
    page.keyboard.press("ArrowRight")
    until(page, f"v.currentTime > {before} + 4.5")
    page.keyboard.press("c")
    until(page, "v.textTracks[0].mode === 'showing'")
    until(page, "v.textTracks[0].cues?.length")
    assert read(page, "v.textTracks[0].cues[0].text") == "点出界。"
    page.keyboard.press("f")
    until(page, "document.querySelector('media-fullscreen-button').hasAttribute('mediaisfullscreen')")
    assert read(page, "document.fullscreenElement !== null")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement === null")
    page.fill("#note", "")
    page.type("#note", "cf k")
    assert page.input_value("#note") == "cf k"
    assert read(page, "v.paused")


def test_captions_and_speed_are_remembered(open_):
    page = open_()
    page.keyboard.press("c")
    until(page, "v.textTracks[0].mode === 'showing'")
    page.select_option("[data-rate]", "1.25")
    again = open_()
    until(again, "v.textTracks[0].mode === 'showing'")
    assert read(again, "v.playbackRate") == 1.25


def test_no_speed_beyond_the_course(open_):
    page = open_()
    assert page.locator("[data-rate] option").all_inner_texts() == ["0.75×", "1.0×", "1.25×", "1.5×"]
    read(page, "v.playbackRate = 3")
    until(page, "v.playbackRate === 1.5")
    page.locator("[data-rate]").focus()
    page.keyboard.press("Home")
    until(page, "v.playbackRate === 0.75")


def test_an_expired_address_is_renewed_without_anybody_noticing(open_):
    page = open_(seconds=4)
    page.wait_for_timeout(4500)
    plays_from(page, 30)
    assert len(player_pages.asked) == 1
    assert problem(page) == ""


def test_whoever_may_not_renew_is_told(open_, live_server):
    page = open_(seconds=4)
    page.context.add_cookies([{"name": "signed_out", "value": "1", "url": str(live_server)}])
    page.wait_for_timeout(4500)
    read(page, "v.currentTime = 30")
    page.wait_for_selector(".player__problem:not([hidden])")
    assert problem(page) == page.get_attribute("[data-player]", "data-text-refused")
    page.context.clear_cookies()
    page.click("[data-again]")
    plays_from(page, 30)
    assert problem(page) == ""


def test_a_lost_network_heals_by_itself(open_):
    page = open_()
    page.evaluate("""() => { window.heard = []; for (const kind of ["lost", "well"])
        document.addEventListener(`player:${kind}`, () => window.heard.push(kind)); }""")
    page.context.set_offline(True)
    read(page, "v.currentTime = 30")
    page.wait_for_selector(".player__problem:not([hidden])")
    assert problem(page) == page.get_attribute("[data-player]", "data-text-lost")
    page.context.set_offline(False)
    plays_from(page, 30)
    page.wait_for_selector(".player__problem", state="hidden")
    assert page.evaluate("window.heard") == ["lost", "well"]


def test_a_replaced_film_goes_on_at_the_same_moment(open_, video):
    page = open_()
    old = transcoding.run_folder(video.uuid, video.run)
    new = uuid4()
    shutil.copytree(old, transcoding.run_folder(video.uuid, new))
    shutil.rmtree(old)
    Video.objects.filter(pk=video.pk).update(run=new)
    read(page, "v.currentTime = 25")
    until(page, "v.readyState >= 3 && v.currentTime >= 24.9")
    plays_from(page, 25)
    assert len(player_pages.asked) == 1


def test_a_film_that_is_not_ready_says_so(browser, live_server, video):
    Video.objects.filter(pk=video.pk).update(run=None, state=Video.State.TRANSCODING, progress=42)
    page = browser.new_page()
    page.goto(f"{live_server}/play/{video.pk}/")
    assert "42" in page.locator(".player--waiting").inner_text()
    page.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(open_, width):
    page = open_(position=12)
    page.set_viewport_size({"width": width, "height": 800})
    assert [each["id"] for each in Axe().run(page, context=".player").response["violations"]] == []


def damage(video, what, *names):
    """Do something to these pieces in every rendition."""
    folder = transcoding.run_folder(video.uuid, video.run)
    for path in [path for name in names for path in folder.glob(f"*/{name}.m4s")]:
        path.unlink() if what == "missing" else path.write_bytes(b"\0" * path.stat().st_size)


@pytest.mark.parametrize("what", ["missing", "unreadable"])
def test_a_bad_piece_is_left_out_with_a_word_and_the_film_goes_on(open_, video, what):
    damage(video, what, "00006")  # from 12 to 14 seconds
    page = open_(position=4)
    page.select_option("[data-rate]", "1.5")
    read(page, "v.play()")
    until(page, "v.currentTime > 15 && !v.paused && v.readyState >= 3", seconds=40)
    assert problem(page) == ""
    assert "00:12" in page.locator("[data-say]").inner_text()
    plays_from(page, 30)


def test_a_film_that_is_still_being_made_begins_at_its_beginning_and_grows(open_, video, ladder):
    folder = transcoding.run_folder(video.uuid, video.run)
    player_films.unfinished(folder, pieces=6)  # twelve of forty seconds
    Video.objects.filter(pk=video.pk).update(state=Video.State.TRANSCODING)
    page = open_()
    assert read(page, "v.currentTime") == 0
    assert read(page, "v.duration") == pytest.approx(40, abs=0.3)
    plays_from(page, 0)
    assert "00:12" in page.locator("[data-making]").inner_text()
    assert page.get_attribute("media-time-range", "mediaduration").startswith("40")
    page.keyboard.press("9")
    page.wait_for_timeout(500)
    assert read(page, "v.currentTime") < 10
    assert "00:12" in page.locator("[data-say]").inner_text()
    player_films.finished(folder, ladder)
    until(page, "document.querySelector('[data-making]').hidden && v.duration > 39", seconds=30)
    plays_from(page, 30)
    assert page.trouble == []


def test_a_long_outage_costs_nothing_but_time(open_):
    page = open_()
    plays_from(page, 0)
    page.context.set_offline(True)
    page.wait_for_timeout(45_000)
    assert problem(page) == page.get_attribute("[data-player]", "data-text-lost")
    stopped = read(page, "v.currentTime")
    page.context.set_offline(False)
    until(page, f"v.currentTime > {min(stopped + 1, 38)}", seconds=30)
    page.wait_for_selector(".player__problem", state="hidden")


def test_a_height_that_the_network_cannot_carry_is_given_up(open_, video):
    page = open_()
    page.click("[data-settings]")
    page.check("input[name=quality][value='180']")
    page.keyboard.press("Escape")
    page.route("**/180p/*.m4s", lambda route: None)  # never answered
    read(page, "(v.currentTime = 30, v.muted = true, v.play(), true)")
    until(page, "v.currentTime > 31", seconds=40)
    assert read(page, "v.videoHeight") == 90
    page.unroute_all(behavior="ignoreErrors")
