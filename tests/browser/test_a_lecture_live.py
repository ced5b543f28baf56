"""A trainer goes on air from a browser, a learner watches in another; the line is cut and comes back; the replay."""

import time

import pytest

from tests.browser import chromium
from tests.browser.lecture import Stage, moves, until

pytestmark = [pytest.mark.browser, pytest.mark.films]
STATE = "document.querySelector('[data-room]')?.dataset.state"
PHASE = "document.querySelector('[data-studio]').dataset.phase"


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
    go_on_air(stage, trainer, learner)
    talk_and_be_muted(stage, hers, learner)
    sign_in(trainer, learner)
    lose_the_line(stage, trainer, learner)
    end(stage, trainer, learner)
    review(stage, trainer, learner)
    hers.close()
    theirs.close()


def go_on_air(stage, trainer, learner):
    """The learner sits on the page of the plan and is led into the room and to the picture."""
    trainer.goto(f"/live/{stage.uuid}/studio/")
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'ready'", 20)
    until(trainer, "document.querySelector('[data-check=sound]').dataset.result === 'met'", 20)
    stage.script("from live import schedule; schedule.open_room(made)")
    until(learner, f"{STATE} === 'ready'", 60)
    trainer.click("[data-button]")
    until(trainer, f"{PHASE} === 'live'", 40)
    until(learner, f"{STATE} === 'live'", 20)
    assert moves(learner)


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


def lose_the_line(stage, trainer, learner):
    stage.line.cut()
    until(trainer, f"{PHASE} === 'reconnecting'", 30)
    until(learner, f"{STATE} === 'interrupted'", 40)
    assert learner.locator("[data-when=interrupted]").is_visible()
    stage.line.mend()
    until(trainer, f"{PHASE} === 'live'", 60)
    until(learner, f"{STATE} === 'live'", 30)
    assert moves(learner, 40)


def end(stage, trainer, learner):
    trainer.click("[data-button]")
    trainer.click("[data-end-form] [value=end]")
    until(learner, f"['ended', 'processing', 'replay'].includes({STATE})", 20)
    record = stage.until(lambda record: record["state"] == "replay", 60)
    assert record["answers"] == 1
    assert record["messages"] == [["李老师好，听得清楚", "shown"]]
    assert len(record["runs"]) == 2
    assert record["changes"][:5] == ["scheduled", "ready", "live", "interrupted", "live"]


def review(stage, trainer, learner):
    """The replay plays for the learner once it was looked at; the minutes are those of the picture."""
    trainer.goto(f"/live/{stage.uuid}/host/")
    trainer.check("[name=looked]")
    trainer.click("form[action$='/publish'] button")
    learner.goto(f"/live/{stage.uuid}/")
    learner.evaluate("document.querySelector('.room__film video').play()")
    assert moves(learner)
    record = stage.until(lambda record: record["present"] > 0, 90)
    assert 0 < record["present"] <= record["recorded"]
