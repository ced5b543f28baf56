"""An open page whose film is replaced, and one whose film another device has watched since.

The modules of the page run in a real browser; the player and the answers of the school are given here.
"""

import json
import time

import pytest

OWNER = "11111111-1111-1111-1111-111111111111"
PAGE = """
async ([owner, heard, left]) => {
  const data = `data-run="first" data-duration="100" data-src="/videos/old/film/master.m3u8"`;
  const urls = `data-player-url="/api/v1/lessons/1/player" data-beat-url="/api/v1/beats"
    data-leave-url="/api/v1/leave"`;
  document.body.innerHTML = `
    <div data-watch data-owner="${owner}" data-heard="${heard}" ${urls}>
      <div data-player ${data}><video></video></div></div>
    <section data-coverage><p data-coverage-verdict></p><p data-coverage-note></p>
      <div data-coverage-gaps><p data-coverage-gaps-words></p><ul data-coverage-gap-links></ul></div>
      <p data-coverage-saved hidden><svg><use href="#check"></use></svg><span></span></p></section>`;
  if (left) localStorage.setItem(`watch:${owner}:/api/v1/lessons/1/player:old`, JSON.stringify(left));
  const [player, video] = ["[data-player]", "video"].map((name) => document.querySelector(name));
  const state = { paused: true, currentTime: 0, duration: 100, readyState: 4 };
  for (const name of Object.keys(state))
    Object.defineProperty(video, name, { get: () => state[name], set: (value) => { state[name] = value; } });
  video.pause = () => { state.paused = true; video.dispatchEvent(new Event("pause")); };
  window.play = () => {
    state.paused = false;
    for (const kind of ["play", "playing"]) video.dispatchEvent(new Event(kind));
  };
  window.step = (to) => { state.currentTime = to; video.dispatchEvent(new Event("timeupdate")); };
  window.looks = 0;
  player.addEventListener("player:look", () => { window.looks += 1; });
  window.replaced = () => {
    player.dispatchEvent(new Event("player:replaced"));
    player.dataset.run = "second";
    state.currentTime = 0;
    state.paused = true;
    video.dispatchEvent(new Event("emptied"));
  };
  await import("/static/courses/js/watch.js");
}
"""
VIDEO = "document.querySelector('video')"


class School:
    def __init__(self, page):
        self.run, self.refusal, self.heard = "first", None, []
        page.route("**/api/v1/**", self.answer)

    def answer(self, route):
        name = route.request.url.rsplit("/", 1)[1]
        self.heard.append((name, json.loads(route.request.post_data)))
        if name == "beats" and self.refusal:
            return route.fulfill(status=409, json={"code": self.refusal, "message": "another film"})
        film = 100_000 if self.run == "first" else 60_000
        words = {"verdict": f"of {film}", "note": "", "description": "", "gaps": ""}
        coverage = {"intervals": [], "duration_ms": film, "complete": False, "gaps": [], "bars": [], "words": words}
        player = {"token": f"for {self.run}", "run": self.run, "src": "/videos/new/film/master.m3u8", "socket": ""}
        more = {"words": {"saved": "", "offline": ""}, "next_beat": 10, "recorded_at": "", "complete": False}
        return route.fulfill(json={"coverage": coverage, **player, **more})

    def of(self, token):
        return [body["intervals"] for _, body in self.heard if body.get("token") == token and body["intervals"]]


@pytest.fixture
def page(visitor):
    page = visitor()
    page.goto("/accounts/login/")
    return page


@pytest.fixture
def school_says(page):
    return School(page)


def opened(page, heard=0, left=None):
    page.evaluate(PAGE, [OWNER, heard, left])


def played(page, start, end):
    page.evaluate("play()")
    page.wait_for_timeout(500)
    page.evaluate(f"step({start}); step({end})")


def verdict(page):
    return page.inner_text("[data-coverage-verdict]")


def test_each_film_has_a_player_of_its_own(page, school_says):
    opened(page)
    played(page, 0, 1)
    school_says.run = "second"
    page.evaluate("replaced()")
    played(page, 0, 0.5)
    page.evaluate(f"{VIDEO}.pause()")
    page.wait_for_timeout(500)
    assert school_says.of("for first")[0] == [[0, 1000]]
    assert school_says.of("for second") == [[[0, 500]]]
    assert verdict(page) == "of 60000"


def test_a_page_that_plays_an_old_film_looks_for_the_new_one_and_claims_nothing(page, school_says):
    school_says.run = "second"
    opened(page)
    played(page, 0, 1)
    page.evaluate(f"{VIDEO}.pause()")
    page.wait_for_timeout(500)
    assert page.evaluate("looks") >= 1
    assert school_says.of("for second") == []


def test_a_refusal_stops_the_old_film_says_why_and_looks_for_the_new_one(page, school_says):
    opened(page)
    played(page, 0, 1)
    school_says.refusal = "film_replaced"
    page.evaluate("step(1.5); document.querySelector('video').dispatchEvent(new Event('seeking'))")
    page.wait_for_timeout(500)
    assert page.evaluate(f"[{VIDEO}.paused, looks]") == [True, 1]
    assert page.inner_text("[data-watch] > .notice[role=alert]") == "another film"


@pytest.mark.parametrize(
    ("seconds_later", "run", "duration", "begins"),
    [(1, "first", 100_000, 14), (-60, "first", 100_000, 0), (1, "other", 60_000, 0)],
)
def test_a_page_goes_on_from_its_own_note_unless_the_school_heard_more(
    page, school_says, seconds_later, run, duration, begins
):
    now = round(time.time() * 1000)
    left = {"token": "old", "run": run, "duration": duration, "sequence": 1, "intervals": [[0, 9_000]]}
    opened(page, heard=now, left={**left, "position": 14_000, "at": now + seconds_later * 1000})
    assert page.evaluate(f"{VIDEO}.currentTime") == begins
