"""One demo school for all browser tests, without the demo films: a test makes the films that it plays.

A file whose story would disturb the others takes a school of its own from `new_school`.
"""

import json
import os
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.server import School

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(scope="session")
def prepared():
    """A demo school that nobody opens: preparing takes long, copying does not."""
    school = School(Path(tempfile.mkdtemp(prefix="cqo-browser-")) / "prepared")
    school.prepare()
    yield school
    school.remove()


@pytest.fixture(scope="session")
def school(prepared):
    opened = prepared.copy(prepared.folder.parent / "school")
    opened.start("web", "worker", "transcode")
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def new_school(prepared, request):
    """A school of this file alone, with nothing running yet."""
    own = prepared.copy(prepared.folder.parent / request.module.__name__)
    yield own
    own.remove()


@pytest.fixture(scope="session")
def accounts(school):
    return json.loads((school.folder / "demo-accounts.json").read_text())


@pytest.fixture(scope="session")
def playwright():
    """Started once: a second one within the same process is refused."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright):
    opened = chromium.launch(playwright)
    yield opened
    opened.close()


@pytest.fixture
def visitor(browser, school):
    """Open a page of a person's own browser: `visitor()` or `visitor(width=360)`. Console errors fail the test."""
    contexts, complaints = [], []

    def open_page(width=1440, height=900, **options):
        context = browser.new_context(
            base_url=school.url, viewport={"width": width, "height": height}, locale="zh-CN", **options
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )
        return page

    yield open_page
    for number, context in enumerate(contexts):
        for page in context.pages:
            page.screenshot(path=school.folder / f"last-{number}.png")
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(accounts):
    def enter(page, role):
        page.goto("/accounts/login/")
        page.fill("input[name=login]", accounts[role]["login"])
        page.fill("input[name=password]", accounts[role]["password"])
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/login" not in url)

    return enter
