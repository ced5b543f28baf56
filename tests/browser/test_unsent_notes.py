"""Notes that the school does not have yet stay in the browser, whichever page of the lesson wrote them."""

import pytest

SHELF = """
async () => {
  const { Shelf } = await import("/static/courses/js/note-shelf.js");
  window.shelf = new Shelf("notes:ann:/api/v1/lessons/1/notes");
}
"""
WAITING = "shelf.waiting.map(({ uuid }) => uuid).sort()"


@pytest.fixture
def pages(visitor):
    """Two pages of one browser."""
    first = visitor()
    second = first.context.new_page()
    for page in (first, second):
        page.goto("/accounts/login/")
        page.evaluate(SHELF)
    return first, second


def reopened(page):
    page.reload()
    page.evaluate(SHELF)
    return page


def test_notes_of_two_pages_are_all_kept(pages):
    first, second = pages
    first.evaluate("shelf.put({ uuid: 'one', text: 'first' })")
    second.evaluate("shelf.put({ uuid: 'two', text: 'second' })")
    first.evaluate("shelf.put({ uuid: 'three', text: 'third' })")
    assert second.evaluate(WAITING) == ["two"]  # each sends its own
    second.evaluate("shelf.drop('two')")
    assert reopened(second).evaluate(WAITING) == ["one", "three"]


def test_each_page_has_a_draft_of_its_own(pages):
    first, second = pages
    first.evaluate("shelf.draft = { text: 'half a thought', position: 1000 }")
    second.evaluate("shelf.draft = { text: 'another', position: 2000 }")
    second.evaluate("shelf.draft = null")
    assert first.evaluate("shelf.draft.text") == "half a thought"
    assert reopened(second).evaluate("shelf.draft.text") == "half a thought"
