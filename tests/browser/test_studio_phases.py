"""Where the trainer stands, case by case: the same broadcast, seen by who sends, who does not, and who comes back."""

import pytest

pytestmark = pytest.mark.browser
OPEN, QUIET, CLOSED = (
    {"open": True, "seconds_since_heard": 1},
    {"open": True, "seconds_since_heard": 9},
    {"open": False},
)
HERE, DOWN, REHEARSAL = {"wanted": True, "open": True}, {"wanted": True}, {"wanted": True, "rehearsal": True}
CASES = [
    ("off", "ready", CLOSED, {}, False),
    ("encoder", "ready", OPEN, {}, False),
    ("ready", "ready", OPEN, {}, True),
    ("ready", "scheduled", CLOSED, {}, True),
    ("rehearsing", "ready", OPEN, REHEARSAL, True),
    ("starting", "ready", OPEN, HERE, True),
    ("live", "live", OPEN, HERE, True),
    ("starting", "interrupted", OPEN, HERE, True),
    ("broken", "interrupted", CLOSED, {}, False),
    ("broken", "live", CLOSED, {}, False),
    ("broken", "live", QUIET, {}, False),
    ("resume", "interrupted", CLOSED, {}, True),
    ("elsewhere", "live", OPEN, {}, False),
    ("takeover", "live", OPEN, {}, True),
    ("ended", "replay", CLOSED, DOWN, True),
]


def test_each_case(visitor):
    page = visitor()
    page.goto("/")
    script = """async (cases) => {
        const { phase } = await import("/static/live/js/studio/phases.js");
        return cases.map(([, state, line, sender, camera]) => phase({ state, line, down: null }, sender, camera));
    }"""
    assert page.evaluate(script, CASES) == [case[0] for case in CASES]
