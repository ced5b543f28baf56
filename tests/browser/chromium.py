"""The Chromium of this machine, started the same way everywhere."""

import os
import shutil
import time
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


def executable():
    """A Chromium of the system, or None for the test tool's own."""
    found = [shutil.which(name) for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser") if name]
    return next((path for path in found if path), None)


# A camera and a microphone that are not there, for who goes on air.
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def launch(playwright, *more):
    return playwright.chromium.launch(executable_path=executable(), args=[*ARGUMENTS, *more])


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def until(page, expression, seconds=15):
    """Wait until an expression is true in the page. The tool's own waiting needs eval, which our policy refuses."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not true after {seconds} s: {expression}")
        time.sleep(0.1)
