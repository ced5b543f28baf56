"""An editor uploads a film, previews, hands in; a moderator approves; a learner plays the new lesson."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser import stage
from tests.browser.chromium import until

pytestmark = pytest.mark.browser

TITLE = "现场的质量改进"
# Everything that a look at a lesson could leave behind, the editor's own and everybody's.
TRACES = """
from django.apps import apps
names = ["Enrolment", "ProgrammeEnrolment", "LessonProgress", "WatchSession", "WatchBeat", "Attendance", "Attempt"]
print("traces", [apps.get_model("courses", name).objects.count() for name in names])
"""
RECORD = f"""
from courses.models import LessonProgress
row = LessonProgress.objects.filter(lesson__title={TITLE!r}, enrolment__user__email="learner@demo.example").first()
print("record", row.watched_ms if row else 0, bool(row and row.completed_at))
"""


def told(school, script, word):
    return re.search(rf"{word} (.+)", school.script(script))[1]


def state_of_the_page(school):
    return told(
        school,
        "from courses.models import LessonPage as L;"
        f"p = L.objects.get(title={TITLE!r}); print('page', p.live, p.current_workflow_state is not None)",
        "page",
    )


def wait_for_the_film(school, seconds=90):
    deadline = time.monotonic() + seconds
    while "ready" not in school.script("from media.models import Video; print(Video.objects.get(title='改进').state)"):
        assert time.monotonic() < deadline, school.log.read_text()[-3000:]
        time.sleep(1)


def add_a_lesson(page, school, film):
    """From the course in the tree to a saved draft; the address of its editor."""
    course = told(
        school,
        "from courses.models import CoursePage as C;"
        "print('course', C.objects.get(slug='tqm-basics', locale__language_code='zh-hans').pk)",
        "course",
    )
    page.goto(f"/cms/pages/{course}/")
    page.locator("main a[href$='/add_subpage/'], header a[href$='/add_subpage/']").first.click()
    page.locator("a[href*='/add/courses/lessonpage/']").first.click()
    page.fill("#id_title", TITLE)
    page.fill("#id_summary", "六秒讲清一个改进。")
    page.locator(".c-sf-add-button").first.click()
    page.locator(".w-combobox__option").get_by_text("视频", exact=True).click()
    upload(page, film)
    page.locator("footer button.action-save").click()
    page.wait_for_url("**/edit/")
    return page.url


def upload(page, film):
    """A text under the name of a film is refused in the window; the film is taken."""
    page.locator(".chooser [data-chooser-action-choose]:visible").click()
    window = page.locator(".modal-content")
    window.get_by_role("tab").last.click()
    window.locator("input[type=file]").set_input_files(
        {"name": "notes.mp4", "mimeType": "video/mp4", "buffer": "并不是影片".encode()}
    )
    window.locator("form[enctype] button[type=submit]").click()
    expect(window.locator(".error-message")).to_be_visible()
    window.locator("input[type=file]").set_input_files(film)
    window.locator("form[enctype] button[type=submit]").click()
    expect(page.locator("[data-chooser-title]")).to_have_text("改进")


def preview(page):
    """Beside the form, and in a tab of its own, where the film is played to the end."""
    page.locator("[data-side-panel-toggle=preview]").click()
    beside = page.frame_locator("#w-preview-iframe")
    expect(beside.locator("main h1")).to_have_text(TITLE)
    expect(beside.locator("main")).to_contain_text("预览中")
    with page.expect_popup() as opened:
        page.locator("[data-w-preview-target=newTab]").click()
    tab = opened.value
    play(tab)
    until(tab, "document.querySelector('video').ended", seconds=60)
    tab.close()


def play(page):
    until(page, "document.querySelector('video')?.readyState >= 2", seconds=60)
    page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
    until(page, "document.querySelector('video').currentTime > 0.5", seconds=30)


def test_an_uploaded_film_becomes_a_lesson_that_a_learner_plays(school, visitor, sign_in, tmp_path):
    film = stage.film(tmp_path / "改进.mp4", 6)
    office = visitor()
    sign_in(office, "editor")
    address = add_a_lesson(office, school, film)
    assert state_of_the_page(school) == "False False"

    wait_for_the_film(school)
    before = told(school, TRACES, "traces")
    preview(office)
    assert told(school, TRACES, "traces") == before

    office.locator("footer button.w-dropdown__toggle").click()
    expect(office.locator("button[name=action-publish]")).to_have_count(0)
    office.locator("button[name=action-submit]").click()
    expect(office.locator(".messages")).to_contain_text("提交")
    assert state_of_the_page(school) == "False True"

    learner = visitor()
    sign_in(learner, "learner")
    outline = "/tqm/tqm-basics/"
    learner.goto(outline)
    expect(learner.locator("main")).not_to_contain_text(TITLE)

    moderator = visitor()
    sign_in(moderator, "admin")
    moderator.goto("/cms/")
    moderator.locator("main").get_by_role("link", name=TITLE, exact=True).first.click()
    assert moderator.url == address
    moderator.locator("footer button.w-dropdown__toggle").click()
    moderator.locator("[data-workflow-action-name=approve]:not([data-workflow-action-modal-url])").click()
    expect(moderator.locator(".messages")).to_contain_text(TITLE)
    assert state_of_the_page(school) == "True False"

    learner.goto(outline)
    learner.locator("main form[action$='/join'] button:visible").first.click()
    learner.goto(outline)
    learner.locator("main").get_by_role("link", name=TITLE).first.click()
    play(learner)
    until(learner, "document.querySelector('video').ended", seconds=60)
    deadline = time.monotonic() + 30
    while not told(school, RECORD, "record").endswith("True"):
        assert time.monotonic() < deadline, told(school, RECORD, "record")
        time.sleep(1)
    assert int(told(school, RECORD, "record").split()[0]) >= 5_400
