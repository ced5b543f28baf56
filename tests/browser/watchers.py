"""Pages that watch a lesson of four minutes, and what the school has on record of it."""

import json
import time

from tests.browser.chromium import until

SLUG = "four-minutes"
PREPARE = """
from django.core.files import File
from courses import enrolment
from courses.models import CoursePage, LessonPage, TrackPage
from lms.models import User
from media import library
from tests.browser import stage
track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
with stage.film({film!r}, 240, size="320x180").open("rb") as file:
    video = library.add(file=File(file), name="four.mp4", title="四分钟", owner=None)
with stage.film({short!r}, 16, size="320x180").open("rb") as file:
    brief = library.add(file=File(file), name="brief.mp4", title="十六秒", owner=None)
rules = {{"four-minutes": {{}}, "four-hidden": {{"pause_when_hidden": True}}, "four-asked": {{"attention": True}}}}
for slug, rule in rules.items():
    course = track.add_child(instance=CoursePage(title=slug, slug=slug, max_rate=2, **rule))
    for name in {names!r}:
        lesson = LessonPage(title=name, slug=name, body=[("video", brief if name == "last-frame" else video)])
        course.add_child(instance=lesson)
        lesson.save_revision().publish()
    course.save_revision().publish()
    enrolment.enrol(User.objects.get(email={login!r}), course)
"""
NAMES = (
    "drag", "speed", "tabs", "devices", "hidden", "replay", "lost-network", "reload", "clock", "captions", "last-frame",
    "asked", "asked-full", "asked-late",
)  # fmt: skip
RECORD = """
import json
from courses.models import CoursePage, LessonProgress
course = CoursePage.objects.get(slug={slug!r}, locale__language_code="zh-hans")
row = LessonProgress.objects.filter(lesson__slug={name!r}, lesson__path__startswith=course.path).first()
print(json.dumps([row.watched_ms, row.position_ms, bool(row.completed_at), row.coverage] if row else [0, 0, False, []]))
"""


KNOWN = "from courses.models import CoursePage as C; print(C.objects.filter(slug='four-asked').count())"
READY = """
from media.models import Video
print(Video.objects.filter(title__in=["四分钟", "十六秒"], state="ready").count())
"""


def prepare(school, accounts, folder):
    """Once a school: both suites and the questions share it."""
    if int(school.script(KNOWN)):
        return
    film, short = str(folder / "four.mp4"), str(folder / "brief.mp4")
    school.script(PREPARE.format(film=film, short=short, login=accounts["learner"]["login"], names=NAMES))
    deadline = time.monotonic() + 240
    while int(school.script(READY)) < 2:
        assert time.monotonic() < deadline, school.log.read_text()[-3000:]
        time.sleep(1)


def visit(page, name, course=SLUG):
    page.goto(f"/tqm/{course}/{name}/")
    until(page, "document.querySelector('video').readyState >= 2", seconds=40)


def play(page, seconds=0):
    page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
    until(page, "!document.querySelector('video').paused")
    page.wait_for_timeout(seconds * 1000)


def pause(page):
    page.evaluate("document.querySelector('video').pause()")
    page.wait_for_timeout(500)


def at(page):
    return page.evaluate("document.querySelector('video').currentTime")


def played_ms(page):
    """What the browser itself says that it played."""
    return page.evaluate(
        "Array.from({length: document.querySelector('video').played.length},"
        " (_, n) => document.querySelector('video').played.end(n) - document.querySelector('video').played.start(n))"
        ".reduce((sum, each) => sum + each, 0) * 1000"
    )


def record(school, name, course=SLUG):
    """(credited ms, position ms, finished, stretches)"""
    return json.loads(school.script(RECORD.format(slug=course, name=name)))


def credited(school, name, at_least, course=SLUG, seconds=30):
    """Wait until that much is on record, and return what is."""
    deadline = time.monotonic() + seconds
    while record(school, name, course)[0] < at_least:
        assert time.monotonic() < deadline, (record(school, name, course), at_least)
        time.sleep(0.5)
    return record(school, name, course)[0]
