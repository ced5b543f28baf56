"""The frame of every page under the hands of a reader: large type, menus, keyboard, and a player under the policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

PLAYER = """<media-controller lang="zh-CN"><audio slot="media"></audio><media-control-bar>
  <media-play-button></media-play-button><media-time-range></media-time-range><media-volume-range></media-volume-range>
</media-control-bar></media-controller>"""


def large(page):
    return page.locator("html").get_attribute("data-scale") == "large"


def test_large_type_changes_at_once_and_stays(visitor):
    page = visitor()
    page.goto("/styleguide/")
    with page.expect_response("**/preferences/") as answer:
        page.click("[data-scale-form] button")
        assert large(page)
    assert answer.value.status == 204
    page.reload()
    assert large(page)
    assert page.locator("[data-scale-form] button").get_attribute("aria-pressed") == "true"
    with page.expect_response("**/preferences/"):
        page.click("[data-scale-form] button")
    page.reload()
    assert not large(page)


def test_large_type_and_language_work_without_script(visitor):
    page = visitor(java_script_enabled=False)
    page.goto("/styleguide/?q=1")
    page.click("[data-scale-form] button")
    assert page.url.endswith("/styleguide/?q=1")
    assert large(page)
    page.click("a[hreflang=en]")
    assert page.url.endswith("/en/styleguide/?q=1")
    assert page.locator("html").get_attribute("lang") == "en"
    assert large(page)


def test_a_phone_reaches_everything_through_the_menu(visitor):
    page = visitor(width=360, height=780)
    page.goto("/styleguide/")
    page.click(".site-menu summary")
    panel = page.locator(".site-menu__panel")
    assert panel.get_by_role("link", name="首页").is_visible()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    assert panel.is_hidden()
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_the_keyboard_alone_skips_the_header_and_moves_through_tabs(visitor):
    page = visitor()
    page.goto("/styleguide/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    first, second = page.locator("[data-tabs] .tabs__tab").nth(0), page.locator("[data-tabs] .tabs__tab").nth(1)
    first.focus()
    page.keyboard.press("ArrowRight")
    assert second.get_attribute("aria-selected") == "true"
    assert page.locator(f"#{second.get_attribute('aria-controls')}").is_visible()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert first.get_attribute("aria-selected") == "true"


def test_a_dialog_opens_closes_and_gives_the_focus_back(visitor):
    page = visitor(width=360, height=780)
    page.goto("/styleguide/")
    page.click("[data-open-dialog]")
    dialog = page.locator("#sample-dialog")
    assert dialog.is_visible()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert page.evaluate("document.activeElement.dataset.openDialog") == "sample-dialog"


def test_a_page_reads_without_script(visitor):
    page = visitor(java_script_enabled=False)
    page.goto("/styleguide/")
    assert page.locator(".tabs__panel").count() == 3
    assert all(panel.is_visible() for panel in page.locator(".tabs__panel").all())


@pytest.mark.parametrize("path", ["/there/is/nothing/", "/en/there/is/nothing/", "/site-map/"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_small_pages_fit_and_read(visitor, path, width):
    page = visitor(width=width)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []


def test_player_elements_keep_their_style_under_the_policy(visitor):
    """The visitor fails on any violation of the policy that the browser reports."""
    page = visitor()
    page.goto("/styleguide/")
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", PLAYER)
    page.add_script_tag(url="/static/js/player-elements.js", type="module")
    page.wait_for_function("Boolean(customElements.get('media-play-button'))")
    button = page.locator("media-play-button")
    assert button.evaluate("node => getComputedStyle(node).display") in ("flex", "inline-flex")
    assert button.evaluate("node => getComputedStyle(node).cursor") == "pointer"
    # A rule that the library writes later, through the sheet that it believes to be in its <style>.
    assert (
        page.locator("media-volume-range")
        .evaluate("node => getComputedStyle(node.shadowRoot.querySelector('#progress')).width")
        .endswith("px")
    )
    assert button.get_attribute("aria-label") == "播放"
