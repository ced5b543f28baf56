"""Finding a course in a browser: narrowing without a reload, an address to share, and no script at all."""

import re

from playwright.sync_api import expect


def titles(page):
    return page.locator(".result__title").all_inner_texts()


def test_a_choice_narrows_the_list_without_a_reload_and_changes_the_address(visitor):
    page = visitor()
    page.goto("/courses/")
    page.evaluate("window.stayed = true")
    everything = len(titles(page))  # other stories of this school may have brought courses of their own
    page.get_by_label(re.compile("^全面质量管理")).check()
    expect(page).to_have_url(re.compile(r"track=tqm"))
    expect(page.locator("#count")).not_to_have_text(f"{everything} 门课程")
    narrowed = len(titles(page))
    expect(page.locator("#count")).to_have_text(f"{narrowed} 门课程")
    assert 2 <= narrowed < everything
    page.get_by_label(re.compile("^标准云课堂")).check()
    expect(page.locator("#count")).to_have_text(f"{narrowed + 2} 门课程")
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator("#count")).to_have_text(f"{narrowed} 门课程")


def test_the_address_of_a_narrowed_list_shows_the_same_to_somebody_else(visitor):
    page = visitor()
    page.goto("/courses/")
    page.fill("#q", "质量")
    page.locator("#search button").click()
    expect(page).to_have_url(re.compile("q="))
    page.get_by_label(re.compile("^首席质量官任职")).check()
    expect(page.locator(".chosen__item")).to_have_count(1)
    other = visitor(width=360, height=780)
    other.goto(page.url)
    expect(other.locator("#count")).to_have_text(page.locator("#count").inner_text())
    assert titles(other) == titles(page)
    other.locator(".chosen__item").click()
    expect(other.locator(".chosen__item")).to_have_count(0)


def test_a_choice_made_by_keyboard_keeps_the_focus(visitor):
    page = visitor()
    page.goto("/courses/?q=19001")
    page.get_by_label(re.compile("^标准云课堂")).focus()
    page.keyboard.press("Space")
    expect(page.locator("#count")).to_have_text("1 门课程，6 节讲到“19001”")
    assert page.evaluate("document.activeElement.value") == "std"


def test_everything_works_without_script(visitor):
    page = visitor(java_script_enabled=False)
    page.goto("/courses/")
    page.fill("#q", "GBT19001")
    page.locator("#search button").click()
    everything = len(titles(page))
    assert everything >= 2
    assert page.locator("#count").inner_text().startswith(f"{everything} 门课程")
    assert page.locator("mark").first.inner_text() == "GB/T 19001"
    page.locator("input[name=track][value=std]").check()
    page.locator(".facets button[type=submit]").click()
    assert page.locator("#count").inner_text().startswith("1 门课程")
    page.locator(".result__title a").first.click()
    assert page.locator("h1").inner_text() == "标准云课堂：质量管理体系标准解读"


def test_seven_lessons_on_19001_are_found_from_the_home_page(visitor):
    page = visitor(width=360, height=780)
    page.goto("/")
    page.fill("#home-q", "19001")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("19001")
    page.locator(".result__hits a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert page.locator(".player--closed").is_visible()
