"""Every component at three widths, in both languages, in both sizes of type: nothing sticks out or is too small."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

# Targets that stand inside a sentence are exempt (WCAG 2.2, 2.5.8); everything else is a finger wide.
SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }))
  .map((node) => node.closest("label.choice, label.option") ?? node)
  .filter((node) => !node.matches(".skip-link, p > a, li > a:not(:only-child), dd > a, td > a, .course-card a"))
  .filter((node) => !node.closest(".error-summary"))
  .map((node) => ({ node: node.outerHTML.slice(0, 90), height: node.getBoundingClientRect().height }))
  .filter(({ height }) => height < 43.5)"""


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("scale", ["normal", "large"])
@pytest.mark.parametrize("path", ["/styleguide/", "/en/styleguide/"])
def test_components_fit_and_read(visitor, school, path, scale, width):
    page = visitor(width=width)
    page.context.add_cookies([{"name": "scale", "value": scale, "url": school.url}])
    page.goto(path)
    assert page.locator("html").get_attribute("data-scale") == ("large" if scale == "large" else None)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(SMALL_TARGETS) == []
    assert Axe().run(page).response["violations"] == []
