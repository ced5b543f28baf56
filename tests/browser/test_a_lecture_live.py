"""A trainer goes on air from a browser, a learner watches in another; the line is cut and comes back; the replay."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.lecture import Stage, moves, until

pytestmark = [pytest.mark.browser, pytest.mark.films]
STATE = "document.querySelector('[data-room]')?.dataset.state"
VIDEO = "document.querySelector('[data-stage] video')"
PHASE = "document.querySelector('[data-studio]').dataset.phase"

PAUSE = """
before, after = made.runs.order_by("number")[:2]
print((after.opened_at - before.closed_at).total_seconds())
"""


@pytest.fixture
def stage(new_school):
    opened = Stage(new_school, "studio")
    yield opened
    opened.close()


def test_from_the_plan_to_the_replay(stage, playwright):
    hers = chromium.launch(playwright, *chromium.FAKE_DEVICES)
    theirs = chromium.launch(playwright)
    trainer, learner = stage.enter(hers, "trainer"), stage.enter(theirs, "learner")
    learner.goto(f"/live/{stage.uuid}/")
    assert learner.locator("[data-plan]").count() == 1
    came = go_on_air(stage, trainer, learner)
    talk_and_be_muted(stage, hers, learner)
    sign_in(trainer, learner)
    frozen = freeze_the_picture(learner)
    away = load_the_studio_anew(stage, trainer, learner)
    cut, back = lose_the_line(stage, trainer, learner)
    left = leave(learner)
    end(stage, trainer, learner)
    review(stage, trainer, learner, truth=cut - came - frozen - away + left - back)
    count_once(stage, learner)
    hers.close()
    theirs.close()


def go_on_air(stage, trainer, learner):
    """The learner sits on the page of the plan and is led into the room and to the picture. When it began to play."""
    trainer.goto(f"/live/{stage.uuid}/studio/")
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'ready'", 20)
    until(trainer, "document.querySelector('[data-check=sound]').dataset.result === 'met'", 20)
    stage.script("from live import schedule; schedule.open_room(made)")
    until(learner, f"{STATE} === 'ready'", 60)
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'live'", 40)
    until(learner, f"{STATE} === 'live'", 20)
    return picture(learner)


def picture(page, seconds=40):
    """The moment from which it plays."""
    until(page, f"{VIDEO}.readyState >= 2 && !{VIDEO}.paused && {VIDEO}.currentTime > 0", seconds)
    began = time.monotonic()
    assert moves(page, seconds)
    return began


def talk_and_be_muted(stage, hers, learner):
    learner.fill("#say-text", "李老师好，听得清楚")
    learner.press("#say-text", "Enter")
    until(learner, "document.querySelectorAll('[data-chat-list] [data-message]').length === 1")
    room = hers.contexts[0].new_page()
    room.goto(f"/live/{stage.uuid}/")
    room.click("[data-chat-list] [data-message]")
    room.click(".chat__tools [value=mute-10]")
    until(learner, "document.querySelector('[data-composer=say] [type=submit]').disabled")
    learner.fill("#say-text", "还能说吗")
    learner.press("#say-text", "Enter")
    time.sleep(1)
    assert learner.input_value("#say-text") == "还能说吗"
    room.close()


def sign_in(trainer, learner):
    trainer.bring_to_front()
    trainer.click(".launch [data-deed] button")
    until(learner, "document.querySelector('[data-prompt]').open", 40)
    assert learner.evaluate("document.activeElement.hasAttribute('data-prompt-here')")
    time.sleep(1)
    learner.keyboard.press("Enter")
    until(learner, "!document.querySelector('[data-prompt]').open")


def freeze_the_picture(page):
    """Her own line brings no more pieces. She is told; for how long nothing was counted, once ten seconds were over."""
    page.route("**/*.m4s", lambda route: route.abort())
    page.locator("[data-still]").wait_for(timeout=40_000)
    told = time.monotonic()
    time.sleep(6)
    assert page.inner_text("[data-still]").startswith("画面停住了")
    page.unroute("**/*.m4s")
    until(page, "document.querySelector('[data-still]').hidden", 60)
    back = time.monotonic()
    assert moves(page, 10)
    return back - told


def load_the_studio_anew(stage, trainer, learner):
    """As after a crash: nobody sends, the page says so and goes on air again. For how long nothing was recorded."""
    trainer.reload()
    until(trainer, f"{PHASE} === 'broken'", 30)
    expect(trainer.locator("[data-onair-badge]")).to_have_text("直播中断", timeout=10_000)
    assert trainer.inner_text("[data-button-label]") == "打开摄像头和麦克风"
    assert trainer.is_visible("[data-end]")
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'resume'", 20)
    assert trainer.inner_text("[data-button-label]") == "继续直播"
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'live'", 40)
    until(learner, f"{STATE} === 'live'", 20)
    assert not trainer.is_visible("[data-end]")
    assert moves(learner, 40)
    return float(stage.script(PAUSE))


def lose_the_line(stage, trainer, learner):
    stage.line.cut()
    cut = time.monotonic()
    until(trainer, f"{PHASE} === 'reconnecting'", 30)
    until(learner, f"{STATE} === 'interrupted'", 40)
    learner.locator("[data-when=interrupted]").wait_for(timeout=20_000)  # the page asks for the picture first
    stage.line.mend()
    until(trainer, f"{PHASE} === 'live'", 60)
    back = time.monotonic()  # from now on she is excused until her own page has the picture
    until(learner, f"{STATE} === 'live'", 30)
    assert moves(learner, 40)
    return cut, back


def leave(learner):
    """Some seconds before the end, which she misses."""
    time.sleep(6)
    learner.goto("about:blank")
    left = time.monotonic()
    time.sleep(8)
    return left


def end(stage, trainer, learner):
    trainer.click("[data-button]")
    trainer.click("[data-end-form] [value=end]")
    stage.until(lambda record: record["state"] not in ("live", "interrupted"), 20)
    learner.goto(f"/live/{stage.uuid}/")
    until(learner, f"['ended', 'processing', 'replay'].includes({STATE})", 20)
    record = stage.until(lambda record: record["state"] == "replay", 60)
    assert record["answers"] == 1
    assert record["messages"] == [["李老师好，听得清楚", "shown"]]
    assert len(record["runs"]) == 3
    assert record["changes"][:7] == ["scheduled", "ready", *["live", "interrupted"] * 2, "live"]


def review(stage, trainer, learner, *, truth):
    """The replay plays for the learner once it was looked at; her minutes are those of the clock of this test."""
    trainer.goto(f"/live/{stage.uuid}/host/")
    trainer.check("[name=looked]")
    trainer.click("form[action$='/publish'] button")
    learner.goto(f"/live/{stage.uuid}/")
    learner.evaluate("document.querySelector('.room__film video').play()")
    assert moves(learner)
    record = stage.until(lambda record: record["present"] > 0, 90)
    assert record["present"] <= record["recorded"]
    assert record["present"] == pytest.approx(truth, abs=5)


def count_once(stage, learner):
    """Live and replay are one: seeing again what she was there for adds nothing, seeing what she missed does."""
    seen, length = stage.settle()
    longest = max(seen, key=lambda pair: pair[1] - pair[0])
    learner.goto(f"/tqm/live-{stage.slug}/floor/")
    until(learner, "document.querySelector('video').readyState >= 2", 30)
    before, there = stage.studied(), sum(end - start for start, end in seen)
    assert there <= before < there + 10_000  # with the first moments of the replay, which played in the room
    inside = (longest[1] - longest[0]) / 1000 - 3  # a second of room at its beginning, two at its end
    assert inside > 1
    watch(learner, longest[0] / 1000 + 1, min(inside, 5))
    assert heard_of(stage, learner) == before
    watch(learner, seen[-1][1] / 1000 + 1, 4)
    deadline = time.monotonic() + 30
    while (after := stage.studied()) == before:
        assert time.monotonic() < deadline, "what she missed was not credited"
    assert 1_000 <= after - before <= length - seen[-1][1]


def watch(page, second, seconds):
    until(page, "document.querySelector('video').readyState >= 2", 30)
    page.evaluate(f"(v => {{ v.muted = true; v.currentTime = {second}; v.play() }})(document.querySelector('video'))")
    until(page, f"document.querySelector('video').currentTime > {second} + {seconds}", 30)
    page.evaluate("document.querySelector('video').pause()")


def heard_of(stage, page):
    """What is on record once the school has acknowledged what was played."""
    until(page, "document.querySelector('[data-coverage-saved]')?.textContent.includes('已保存')", 30)
    return stage.studied()
