"""The question whether somebody is there, in a real player: by keyboard, above the full screen, and late."""

import pytest
from playwright.sync_api import expect

from tests.browser import watchers
from tests.browser.chromium import until
from tests.browser.watchers import play, record, visit

COURSE = "four-asked"
SOON = (
    "from courses.models import WatchSession as S; print(S.objects.filter(closed_at=None).update(attention_left_ms=0))"
)
OVERDUE = """
from datetime import timedelta
from django.utils import timezone
from courses.models import AttentionPrompt as P
print(P.objects.filter(answered_at=None).update(due_at=timezone.now() - timedelta(seconds=1)))
"""
ANSWERED = "from courses.models import AttentionPrompt as P; print(P.objects.exclude(answered_at=None).count())"
HERE = "我在看"


@pytest.fixture(scope="module")
def films(school, accounts, tmp_path_factory):
    watchers.prepare(school, accounts, tmp_path_factory.mktemp("film"))
    return school


@pytest.fixture
def asked(films, visitor, sign_in):
    """A page that plays, with the question on its way."""

    def opened(name, **options):
        page = visitor(**options)
        sign_in(page, "learner")
        visit(page, name, COURSE)
        play(page, 2)
        page.locator("a").first.focus()
        films.script(SOON)
        return page

    return opened


def dialog(page):
    return page.get_by_role("alertdialog")


def test_it_takes_the_focus_is_answered_by_keyboard_and_gives_the_focus_back(films, asked):
    page = asked("asked")
    expect(dialog(page)).to_be_visible(timeout=20_000)
    button = dialog(page).locator("button")
    expect(button).to_be_focused()
    expect(dialog(page)).to_have_accessible_name("您还在看吗？")
    expect(dialog(page)).to_have_accessible_description("视频继续播放。请确认在场，观看会继续计入。")
    assert "确认在场" in page.title()
    assert "90" in page.locator("[data-attention-said]").inner_text()
    assert not page.evaluate("document.querySelector('video').paused")
    answers = int(films.script(ANSWERED))
    for key in ("Tab", "Tab", "Shift+Tab"):
        page.keyboard.press(key)
        expect(button).to_be_focused()
    page.mouse.click(2, 2)
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(page.locator("a").first).to_be_focused()
    assert "确认在场" not in page.title()
    page.wait_for_timeout(1_000)
    assert int(films.script(ANSWERED)) == answers + 1


def test_it_lies_above_the_full_screen_and_escape_answers(films, asked):
    page = asked("asked-full")
    page.evaluate("document.querySelector('[data-player]').requestFullscreen()")
    until(page, "document.fullscreenElement !== null")
    expect(dialog(page)).to_be_visible(timeout=20_000)
    on_top = "(b => document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2).closest('dialog') !== null)"
    assert page.evaluate(f"{on_top}(document.querySelector('[data-attention] button').getBoundingClientRect())")
    page.wait_for_timeout(1_500)
    page.screenshot(path=films.folder / "attention-full-screen.png")
    answers = int(films.script(ANSWERED))
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    page.wait_for_timeout(1_000)
    assert int(films.script(ANSWERED)) == answers + 1


def test_late_it_says_so_and_credit_goes_on_from_the_answer(films, asked):
    page = asked("asked-late", width=360, height=780)
    expect(dialog(page)).to_be_visible(timeout=20_000)
    films.script(OVERDUE)
    expect(page.locator("[data-attention-late]")).to_be_visible(timeout=20_000)
    stopped = record(films, "asked-late", COURSE)[0]
    page.screenshot(path=films.folder / "attention-late.png")
    page.wait_for_timeout(11_000)
    assert record(films, "asked-late", COURSE)[0] == stopped
    dialog(page).get_by_role("button", name=HERE).click()
    expect(dialog(page)).to_be_hidden()
    page.wait_for_timeout(12_000)
    assert record(films, "asked-late", COURSE)[0] > stopped + 5_000
