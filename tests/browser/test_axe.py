"""Nothing for axe to complain about, and nothing to scroll sideways, on the pages that everybody meets."""

import json
import time

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.chromium import until

pytestmark = pytest.mark.browser

LESSON = "/cqo/cqo-foundation/cqo-foundation-01/"
UNKNOWN = "/verify/nobody-has-this-token"
PUBLIC = {
    "home": "/",
    "catalogue": "/courses/",
    "catalogue_search": "/courses/?q=质量",
    "catalogue_nothing": "/courses/?q=不存在的课程",
    "course": "/cqo/cqo-foundation/",
    "programme": "/cqo-programme/",
    "standard": "/standards/1/",
    "lesson_signed_out": LESSON,
    "verification": "/verify/",
    "verification_unknown": UNKNOWN,
    "sign_up": "/accounts/signup/",
    "sign_in": "/accounts/login/",
}
SHOWN_TO_ALL = ["verify", "revoked", "superseded", "expired"]
PERSONAL = {
    "learner": [
        "/me/",
        "/me/notes/",
        "/me/records/",
        "record",
        "record_lesson",
        "record_answered",
        "/me/account/",
        "/me/account/close/",
        "/cqo/cqo-foundation/",
        LESSON,
        LESSON + "?words=en#transcript",
        LESSON + "?words=zh-hans#chapters",
        "quiz",
        "evaluation",
        "door",
    ],
    "graduate": ["exam", "attempt"],
    "holder": ["/me/", "certificate", "result"],
    "outsider": ["/me/", "/me/enterprise/"],
    "trainer": ["/teach/films/", "film", "film_failed", "film_waiting"],
    "enterprise_manager": ["firm", "bring", "roster"],
    "provincial_clerk": [
        "/classes/",
        "class",
        "class_meeting",
        "evaluation_results",
        "/bureau/coverage/",
        "/bureau/coverage/lists/",
        "list",
        "export_waiting",
        "export_failed",
        "balance",
    ],
}
# A waiting room shows no film yet, an interrupted one has none before its first piece, a studio none without a camera.
FILMS_ARE_THERE = """[...document.querySelectorAll("video")].every((film) => film.readyState >= 1
    || !film.checkVisibility() || film.closest("[data-studio], [data-room][data-state=interrupted]"))"""
# Who looks at which broadcast; `facts` know the addresses.
BROADCASTS = {
    "": ["/live/", "live_scheduled", "live_cancelled"],
    "learner": ["/live/", "live_scheduled", "live_ready", "live_live", "live_interrupted", "live_ended"],
    "holder": ["live_live"],  # asked to sign in
    "trainer": [
        "/live/mine/",
        "/live/new/",
        "live_live",
        "live_interrupted",
        "live_ready studio/",
        "live_live studio/",
        "live_ended host/",
        "live_ended attendance/",
        "live_review host/",
        "live_replay",
    ],
    "provincial_clerk": ["live_interrupted host/", "live_blocked host/"],
}
# The demo lesson gets the short film: making its own from slides would take a minute.
FILM = """
from courses.models import FilmChapter, LessonPage, Standard
from media import captions
from media.models import Video
from tests.browser import stage
video = Video.objects.get(title="短片")
captions.attach(video, "zh-hans", stage.CUES)
captions.attach(video, "en", stage.CUES)
for lesson in LessonPage.objects.filter(slug="cqo-foundation-01"):
    rest = [(block.block_type, block.value) for block in lesson.body if block.block_type != "video"]
    lesson.body = [("video", video), *rest]
    explained = {"standard": Standard.objects.get(number="GB/T 19001-2016"), "clause": "9.1"}
    two = FilmChapter(start_ms=20_000, title="Two", **explained)
    lesson.film_chapters = [FilmChapter(start_ms=0, title="One"), two]
    lesson.save_revision().publish()
from tests.browser import states
states.bring_about()
"""


@pytest.fixture(scope="module")
def school(new_school):
    """The states that the pictures show."""
    new_school.start("web", "transcode")
    film = new_school.folder / "short.mp4"
    new_school.script(f"from tests.browser import stage; stage.short_programme({str(film)!r}, seconds=40)")
    deadline = time.monotonic() + 120
    while "ready" not in new_school.script("from media.models import Video; print(Video.objects.get().state)"):
        assert time.monotonic() < deadline, new_school.log.read_text()[-3000:]
        time.sleep(1)
    return new_school


@pytest.fixture(scope="module")
def facts(school):
    """The addresses that only the database knows, by name."""
    found = json.loads(school.script(FILM).splitlines()[-1])
    for states in ("broadcasts", "desk_states"):
        made = school.script(f"from tests.browser import {states}; {states}.bring_about()")
        found |= json.loads(made.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def accounts(school, facts):
    return json.loads((school.folder / "demo-accounts.json").read_text()) | facts["accounts"]


def faults(page, path):
    """What is wrong with a page, one line each; empty is good."""
    assert page.goto(path).status == (404 if path.endswith(UNKNOWN) else 200), path
    assert "/login" not in page.url or "/login" in path, (path, page.url)
    until(page, "document.readyState === 'complete'")
    until(page, FILMS_ARE_THERE, seconds=60)
    found = [
        f"{page.viewport_size['width']} {path}: {fault['id']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for fault in Axe().run(page).response["violations"]
        for node in fault["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.viewport_size['width']} {path}: scrolls sideways")
    return found


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["", "/en"])
def test_public_pages_have_no_fault(facts, visitor, language, width):
    page = visitor(width=width)
    paths = [*PUBLIC.values(), *(facts[name] for name in SHOWN_TO_ALL)]
    assert [fault for path in paths for fault in faults(page, language + path)] == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("role", PERSONAL)
def test_a_persons_own_pages_have_no_fault(facts, visitor, sign_in, role, width):
    page = visitor(width=width)
    sign_in(page, role)
    paths = [facts.get(name, name) for name in PERSONAL[role]]
    assert [fault for path in paths for fault in faults(page, path)] == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scale", ["normal", "large"])
@pytest.mark.parametrize("role", BROADCASTS)
def test_broadcasts_have_no_fault(school, facts, visitor, sign_in, role, scale, width):
    page = visitor(width=width)
    if role:
        sign_in(page, role)
    page.context.add_cookies([{"name": "scale", "value": scale, "url": school.url}])
    paths = ["".join(facts.get(part, part) for part in name.split()) for name in BROADCASTS[role]]
    languages = ["", "/en"] if scale == "normal" else [""]
    assert [fault for language in languages for path in paths for fault in faults(page, language + path)] == []


def test_a_page_that_is_broken_is_found(facts, visitor):
    page = visitor(width=360)
    page.goto("/")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/favicon.ico\">')")
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == ["image-alt"]
