"""The web process dies by SIGKILL in mid-lesson and in mid-exam; what was acknowledged is there, the rest arrives."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import until

pytestmark = pytest.mark.browser

SECONDS = 24
SIT = """
import json
from courses import enrolment, exams
from courses.models import ProgrammePage
from lms.models import User
from tests.browser import states
programme = ProgrammePage.objects.get(slug="short-programme")
user, login = states.person("sitter", "欧阳静怡")
joined = states.finished_courses(user, programme, User.objects.get(email="admin@demo.example"))
attempt = exams.start(user=user, assessment=programme.exam, programme_enrolment=joined)
enrolment.join(User.objects.get(email="learner@demo.example"), programme)
print(json.dumps({"sitter": login, "attempt": str(attempt.uuid)}))
"""
WATCHED = """
from courses.models import LessonProgress
row = LessonProgress.objects.filter(lesson__slug="short-lesson", enrolment__user__email="learner@demo.example").first()
print("watched", row.watched_ms if row else 0, bool(row and row.completed_at))
"""
CHOSEN = """
from courses.models import Attempt
attempt = Attempt.objects.get(enrolment=None, programme_enrolment__user__email="sitter@demo.example")
print("chosen", "/".join("".join(row.chosen) or "-" for row in attempt.answers.all()), bool(attempt.submitted_at))
"""


@pytest.fixture(scope="module")
def school(new_school):
    new_school.start("web", "transcode")
    film = new_school.folder / "short.mp4"
    new_school.script(f"from tests.browser import stage; stage.short_programme({str(film)!r}, seconds={SECONDS})")
    deadline = time.monotonic() + 120
    while "ready" not in new_school.script("from media.models import Video; print(Video.objects.get().state)"):
        assert time.monotonic() < deadline, new_school.log.read_text()[-3000:]
        time.sleep(1)
    return new_school


@pytest.fixture(scope="module")
def facts(school):
    return json.loads(school.script(SIT).splitlines()[-1])


@pytest.fixture(scope="module")
def accounts(school, facts):
    return json.loads((school.folder / "demo-accounts.json").read_text()) | {"sitter": facts["sitter"]}


def told(school, script, word):
    return re.search(rf"{word} (\S+) (\S+)", school.script(script)).groups()


def credited(school, wanted, seconds):
    """Wait until (milliseconds, complete) is as wanted; what it is then."""
    deadline = time.monotonic() + seconds
    while True:
        watched, done = told(school, WATCHED, "watched")
        if wanted(int(watched), done == "True"):
            return int(watched)
        assert time.monotonic() < deadline, (watched, done, school.log.read_text()[-2000:])
        time.sleep(0.5)


def test_in_mid_lesson_what_was_credited_stays_and_the_page_goes_on_by_itself(facts, school, visitor, sign_in):
    page = visitor()
    sign_in(page, "learner")
    page.goto("/tqm/short-course/short-lesson/")
    until(page, "document.querySelector('video')?.readyState >= 2", seconds=30)
    opened = page.evaluate("performance.timeOrigin")
    page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
    # All of the film is in the browser before the server dies: what is at stake is beats and no pictures.
    until(page, f"document.querySelector('video').buffered.end(0) > {SECONDS - 1}", seconds=60)
    acknowledged = credited(school, lambda watched, done: watched > 0, seconds=60)

    school.kill("web")
    assert int(told(school, WATCHED, "watched")[0]) >= acknowledged
    until(page, "document.querySelector('video').ended", seconds=60)
    expect(page.locator("[data-coverage-saved]")).to_contain_text("网络")
    at_death = credited(school, lambda watched, done: watched >= acknowledged and not done, seconds=5)

    school.start("web")
    assert credited(school, lambda watched, done: done, seconds=90) > at_death
    assert page.evaluate("performance.timeOrigin") == opened  # nobody has loaded the page again
    expect(page.locator("[data-coverage-saved]")).to_contain_text("已保存")


def test_in_mid_exam_the_answer_given_meanwhile_arrives_by_itself(facts, school, visitor, sign_in):
    page = visitor()
    sign_in(page, "sitter")
    page.goto(f"/attempt/{facts['attempt']}/")
    page.wait_for_selector("[data-ready]")
    page.locator("#q1 .option input").first.check()
    expect(page.locator("[data-saved][data-state=saved]")).to_contain_text(re.compile(r"已保存 \d\d:\d\d"))
    first = page.locator("#q1 .option input").first.get_attribute("value")
    assert told(school, CHOSEN, "chosen") == (f"{first}/-", "False")

    school.kill("web")
    page.locator("[data-cell='2']").click()
    page.locator("#q2 .option input").last.check()
    second = page.locator("#q2 .option input").last.get_attribute("value")
    expect(page.locator("[data-saved]")).to_contain_text("已存在本机")
    assert told(school, CHOSEN, "chosen") == (f"{first}/-", "False")

    school.start("web")
    expect(page.locator("[data-exam-waiting]")).to_be_hidden(timeout=60_000)
    expect(page.locator("[data-saved][data-state=saved]")).to_contain_text("已保存")
    assert told(school, CHOSEN, "chosen") == (f"{first}/{second}", "False")

    page.reload()
    page.wait_for_selector("[data-ready]")
    expect(page.locator(f"#q1 input[value={first}]")).to_be_checked()
    expect(page.locator(f"#q2 input[value={second}]")).to_be_checked()
    page.locator(".answer-sheet [data-open-submit]").click()
    page.locator("dialog[open] button[type=submit]").first.click()
    page.wait_for_url("**/result")
    assert told(school, CHOSEN, "chosen") == (f"{first}/{second}", "True")
