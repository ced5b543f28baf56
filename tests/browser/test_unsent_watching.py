"""What a player could not send stays in the browser, for its own account alone, until the school has taken it.

The modules of the page run in a real browser; the answers of the school are given here.
"""

import json

import pytest

COURIER = """
async ([owner, played]) => {
  const { Courier } = await import("/static/courses/js/courier.js");
  const spans = [...played];
  const recorder = { take: () => spans.splice(0), playing: false };
  const urls = { owner, player: "/api/v1/lessons/1/player", beat: "/api/v1/beats", leave: "/api/v1/beats/leave" };
  const courier = new Courier(urls, recorder, () => ({ position: 5000, rate: 1, visible: true }));
  window.told = [];
  for (const kind of ["opened", "receipt", "offline", "refused"])
    courier.addEventListener(kind, () => window.told.push(kind));
  window.courier = courier;
  window.play = (from, to) => spans.push([from, to]);
}
"""
ATTENTION = """
async ([owner]) => {
  document.body.insertAdjacentHTML("beforeend", `
    <dialog data-attention data-attention-url="/api/v1/attention" data-attention-title="?">
    <p data-attention-timer></p><p data-attention-late hidden></p>
    <p data-attention-said data-first="{seconds}" data-last="{seconds}"></p>
    <button type="button">here</button></dialog>`);
  const { attend } = await import("/static/courses/js/attention.js");
  window.courier = Object.assign(new EventTarget(), { player: null });
  attend(window.courier, owner);
  const question = { uuid: "q1", seconds: 80, stopped: false };
  window.ask = () => window.courier.dispatchEvent(new CustomEvent("receipt", { detail: { question } }));
}
"""
ANN, BEN = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
LEFT = "Object.entries(localStorage).filter(([key]) => key.startsWith('watch:')).map(([, text]) => JSON.parse(text))"


class Answers:
    """The school as this test wants it: a status for beats, and for opening a player."""

    def __init__(self, page):
        self.beats, self.opening, self.attention = 200, 200, 204
        self.covered, self.code, self.players, self.heard = [], "refused", 0, []
        self.run, self.film = "first", 100_000
        page.route("**/api/v1/**", self.answer)

    def answer(self, route):
        name, body = route.request.url.rsplit("/", 1)[1], json.loads(route.request.post_data or "{}")
        self.heard.append((name, body))
        status = {"player": self.opening, "attention": self.attention}.get(name, self.beats)
        if status == 0:
            route.abort()
        elif status >= 400:
            route.fulfill(status=status, json={"code": self.code, "message": "no"})
        elif name == "player":
            self.players += 1
            token = f"{body['owner'][:1]}{self.players}"
            route.fulfill(json={"token": token, "run": self.run, "socket": "", "coverage": self.coverage})
        elif name == "attention":
            route.fulfill(status=204)
        else:
            route.fulfill(json={"coverage": self.coverage})

    @property
    def coverage(self):
        return {"intervals": self.covered, "duration_ms": self.film}

    def claims(self):
        return [(body["token"], body["intervals"]) for name, body in self.heard if name == "beats"]


@pytest.fixture
def page(visitor):
    page = visitor()
    page.goto("/accounts/login/")
    return page


@pytest.fixture
def answers(page):
    return Answers(page)


def open_page(page, owner=ANN, played=()):
    """As a visit to the lesson: a reload forgets everything but what the browser keeps."""
    page.reload()
    page.evaluate(COURIER, [owner, [list(span) for span in played]])


def send(page):
    page.evaluate("courier.send()")


def watched_without_an_answer(page, answers, owner=ANN):
    """A player that opened, and a page that closed before its first beat arrived."""
    open_page(page, owner)
    send(page)
    page.evaluate("play(0, 60000); courier.keep()")
    answers.heard.clear()


@pytest.mark.parametrize("status", [0, 401, 403, 408, 425, 429, 500, 503])
def test_what_is_not_refused_for_good_is_kept(page, answers, status):
    watched_without_an_answer(page, answers)
    answers.beats = answers.opening = status
    open_page(page)
    send(page)
    assert answers.claims() == [("11", [[0, 60_000]])]
    assert [left["intervals"] for left in page.evaluate(LEFT)] == [[[0, 60_000]]]
    answers.beats = answers.opening = 200
    answers.covered = [[0, 60_000]]
    send(page)
    assert answers.claims()[1:] == [("11", [[0, 60_000]])]
    assert page.evaluate(LEFT) == []


@pytest.mark.parametrize("status", [404, 409, 410, 422])
def test_a_refusal_for_good_is_an_end(page, answers, status):
    watched_without_an_answer(page, answers)
    answers.beats = status
    open_page(page)
    send(page)
    assert page.evaluate(LEFT) == []


def test_what_a_superseded_player_could_not_credit_is_claimed_by_the_next(page, answers):
    watched_without_an_answer(page, answers)
    answers.beats, answers.code, answers.covered = 409, "superseded", [[0, 20_000]]
    open_page(page)
    send(page)
    assert [left["intervals"] for left in page.evaluate(LEFT)] == [[[20_000, 60_000]]]
    answers.beats = 200
    send(page)
    assert answers.claims()[-1] == ("12", [[20_000, 60_000]])


def test_what_waits_for_an_answer_is_claimed_by_the_player_after_a_reload(page, answers):
    """The school credits a part and holds the rest until somebody says that they are there."""
    watched_without_an_answer(page, answers)
    answers.covered = [[0, 20_000]]
    open_page(page)
    send(page)
    answers.covered = [[0, 60_000]]
    send(page)
    assert answers.claims() == [("11", [[0, 60_000]]), ("12", [[20_000, 60_000]])]
    assert page.evaluate(LEFT) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_that_is_signed_out_keeps_what_it_plays(page, answers, status):
    open_page(page)
    send(page)
    page.evaluate("play(0, 10000)")
    answers.beats = status
    send(page)
    assert page.evaluate("told") == ["opened", "refused"]
    assert [left["intervals"] for left in page.evaluate(LEFT)] == [[[0, 10_000]]]


@pytest.mark.parametrize("status", [408, 429])
def test_a_school_that_is_busy_is_asked_again_later(page, answers, status):
    open_page(page)
    send(page)
    page.evaluate("play(0, 10000)")
    answers.beats = status
    send(page)
    assert page.evaluate("told") == ["opened", "offline"]
    answers.beats = 200
    send(page)
    assert [body["intervals"] for name, body in answers.heard if body.get("sequence") == 1][:2] == [[[0, 10_000]]] * 2


def test_another_account_neither_sends_nor_sees_it(page, answers):
    watched_without_an_answer(page, answers)
    open_page(page, BEN)
    assert page.evaluate("courier.leftOver") == []
    send(page)
    page.evaluate("play(0, 5000)")
    send(page)
    assert answers.claims() == [("22", [[0, 5_000]])]
    open_page(page, ANN)
    assert [left["position"] for left in page.evaluate("courier.leftOver")] == [5_000]
    send(page)
    assert ("11", [[0, 60_000]]) in answers.claims()


def test_frames_beyond_the_end_of_the_film_are_not_kept(page, answers):
    """The stream is a little longer than the film on record; nobody takes what lies there."""
    open_page(page)
    send(page)
    page.evaluate("play(90000, 100021)")
    answers.covered = [[90_000, 100_000]]
    send(page)
    assert answers.claims() == [("11", [[90_000, 100_021]])]
    assert page.evaluate(LEFT) == []
    page.evaluate("play(99990, 100021); courier.keep()")
    assert page.evaluate(LEFT) == []


def test_frames_beyond_the_end_that_an_earlier_visit_kept_are_forgotten(page, answers):
    watched_without_an_answer(page, answers)
    answers.film, answers.covered = 59_979, [[0, 59_979]]
    open_page(page)
    send(page)
    assert page.evaluate(LEFT) == []


def test_what_was_played_of_a_film_that_was_replaced_is_claimed_of_that_film_alone(page, answers):
    open_page(page)
    send(page)
    page.evaluate("play(0, 30000); courier.replace()")
    page.wait_for_timeout(300)
    assert [(name, body["intervals"]) for name, body in answers.heard[1:]] == [("leave", [[0, 30_000]])]
    answers.run, answers.film = "second", 60_000
    answers.beats, answers.code = 409, "film_replaced"
    send(page)
    answers.beats = 200
    page.evaluate("play(0, 5000)")
    send(page)
    assert answers.claims() == [("11", [[0, 30_000]]), ("12", [[0, 5_000]])]


def test_what_waits_of_a_film_that_was_replaced_is_not_claimed_of_the_new_one(page, answers):
    """Even while the school cannot say so."""
    watched_without_an_answer(page, answers)
    answers.run, answers.film, answers.beats = "second", 150_000, 503
    open_page(page)
    send(page)
    answers.beats = 200
    page.evaluate("play(100000, 105000)")
    send(page)
    assert answers.claims() == [("11", [[0, 60_000]]), ("12", [[100_000, 105_000]])]


def test_what_waits_of_a_film_that_was_exported_again_is_claimed(page, answers):
    watched_without_an_answer(page, answers)
    answers.run, answers.film, answers.covered = "second", 100_400, [[0, 20_000]]
    open_page(page)
    send(page)
    send(page)
    assert answers.claims()[-1] == ("12", [[20_000, 60_000]])


def test_an_answer_to_a_player_that_was_dropped_says_nothing(page, answers):
    open_page(page)
    send(page)
    page.evaluate("play(0, 5000); const sent = courier.send(); setTimeout(() => courier.replace()); sent")
    assert page.evaluate("told") == ["opened"]


# --- answers to the question whether somebody is there ---


def answer(page):
    page.evaluate("ask(); document.querySelector('[data-attention] button').click()")
    page.wait_for_timeout(300)
    page.evaluate("ask()")


def is_asked(page):
    return page.evaluate("document.querySelector('[data-attention]').open")


@pytest.mark.parametrize("status", [401, 403])
def test_an_answer_that_was_not_let_in_is_asked_for_again(page, answers, status):
    page.evaluate(ATTENTION, [ANN])
    answers.attention = status
    answer(page)
    assert is_asked(page)
    answers.attention = 204
    answer(page)
    assert not is_asked(page)


@pytest.mark.parametrize("status", [0, 429, 503])
def test_an_answer_that_did_not_arrive_is_sent_again_by_its_own_account(page, answers, status):
    page.evaluate(ATTENTION, [ANN])
    answers.attention = status
    answer(page)
    assert not is_asked(page)
    answers.heard.clear()
    answers.attention = 204
    page.reload()
    page.evaluate(ATTENTION, [BEN])
    page.wait_for_timeout(300)
    assert answers.heard == []
    page.reload()
    page.evaluate(ATTENTION, [ANN])
    page.wait_for_timeout(300)
    assert answers.heard == [("attention", {"prompt": "q1"})]
