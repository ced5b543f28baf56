"""The same lecture from encoder software: killed, back at another size, and ended in the studio."""

import json
import re
import subprocess

import pytest
from playwright.sync_api import expect

from media import ffmpeg
from tests.browser import chromium
from tests.browser.lecture import Stage, moves, until

pytestmark = [pytest.mark.browser, pytest.mark.films]
STATE = "document.querySelector('[data-room]')?.dataset.state"
PHASE = "document.querySelector('[data-studio]').dataset.phase"
ISSUE = "import json; from live import keys; print(json.dumps(keys.stream(made, keys.issue(made))))"


@pytest.fixture
def stage(new_school):
    opened = Stage(new_school, "obs")
    yield opened
    opened.close()


def publish(stage, stream, size):
    """An encoder that sends until it is killed."""
    command = [
        ffmpeg.binary(), "-v", "error", "-re", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25",
        "-f", "lavfi", "-i", "sine=frequency=440", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "flv", f"rtmp://127.0.0.1:{stage.rtmp}/live/{stream}",
    ]  # fmt: skip
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def without_the_school(page):
    """Neither the picture nor the question where it is gets an answer, until the player has given up."""
    away = re.compile(r"/streams/|/live/[^?]*/state")
    page.route(away, lambda route: route.abort())
    until(page, "!document.querySelector('[data-when=trouble]').hidden", 90)
    page.wait_for_timeout(7000)  # longer than one try to ask again
    page.unroute(away)


def refuse_to_take_over(trainer):
    """While the encoder sends, a page of the browser may offer the picture and is refused in words."""
    until(trainer, f"{PHASE} === 'elsewhere'", 20)
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'takeover'", 20)
    trainer.click("[data-button]")
    until(trainer, "document.querySelector('[data-warning-text]').textContent.includes('已有设备正在')", 30)
    until(trainer, f"{PHASE} === 'takeover'", 20)


def test_killed_and_back_at_another_size(stage, playwright):
    stage.script("from live import schedule; schedule.open_room(made)")
    stream = json.loads(stage.script(ISSUE))
    browser = chromium.launch(playwright, *chromium.FAKE_DEVICES)
    trainer, learner = stage.enter(browser, "trainer"), stage.enter(browser, "learner")
    trainer.goto(f"/live/{stage.uuid}/studio/")
    learner.goto(f"/live/{stage.uuid}/")
    encoder = publish(stage, stream, "640x360")
    try:
        until(trainer, f"{PHASE} === 'encoder'", 40)
        assert "摄像头未打开" in trainer.inner_text("[data-say-more]")
        trainer.click("[data-button]")
        until(trainer, f"{PHASE} === 'elsewhere'", 40)
        until(learner, f"{STATE} === 'live'", 20)
        assert moves(learner)
        without_the_school(learner)
        assert moves(learner, 60)
        encoder.kill()
        encoder.wait()
        until(learner, f"{STATE} === 'interrupted'", 40)
        until(trainer, f"{PHASE} === 'broken'", 20)
        expect(trainer.locator("[data-onair-badge]")).to_have_text("直播中断", timeout=10_000)
        encoder = publish(stage, stream, "480x270")
        until(learner, f"{STATE} === 'live'", 40)
        assert moves(learner, 40)
        refuse_to_take_over(trainer)
        trainer.click("[data-end]")
        trainer.click("[data-end-form] [value=end]")
        record = stage.until(lambda record: record["state"] == "replay", 60)
    finally:
        encoder.kill()
        encoder.wait()
    heights = [height for _source, rehearsal, height in record["runs"] if not rehearsal]
    assert heights == [360, 270]
    browser.close()
