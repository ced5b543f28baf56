"""What a lecture in browsers needs: a school that can go on air, a broadcast in it, and what is on record of it."""

import json
import time

from playwright.sync_api import Error

from tests.browser import chromium
from tests.browser.line import Line
from tests.browser.server import free_port

PLAN = """
import json
from datetime import timedelta
from django.utils import timezone
from courses import enrolment
from courses.models import CoursePage, LessonPage, TrackPage
from live import schedule
from lms.models import User
track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
course = track.add_child(instance=CoursePage(title="直播课", slug="live-{slug}"))
lesson = course.add_child(instance=LessonPage(title="现场与工具", slug="floor"))
lesson.save_revision().publish()
course.save_revision().publish()
trainer = User.objects.get(email={trainer!r})
learner = User.objects.get(email={learner!r})
User.objects.filter(pk=learner.pk).update(mobile_verified=True)
enrolment.enrol(learner, course)
begin = timezone.now() + timedelta(minutes=40)
made = schedule.create(by=trainer, starts_at=begin, title="现场与工具", minutes=1, lesson=lesson, sign_ins_needed=1)
schedule.announce(made, by=trainer)
print(json.dumps([str(made.uuid), made.name]))
"""
RECORD = """
import json
from live import attendance
from live.models import Broadcast, Message, RollCallAnswer, Run, Segment
from live.timeline import Timeline
from lms.models import User
made = Broadcast.objects.get(uuid={uuid!r})
learner = User.objects.get(email={learner!r})
timeline = Timeline.of(made)
person = attendance.of(made, learner.pk, timeline=timeline)
print(json.dumps({{
    "state": made.state,
    "runs": list(Run.objects.filter(broadcast=made).order_by("number").values_list("source", "rehearsal", "height")),
    "recorded": timeline.length / 1000,
    "present": person.within(attendance.window(made, timeline)) / 1000 if person else 0,
    "answers": RollCallAnswer.objects.filter(roll_call__broadcast=made, user=learner).exclude(answered_at=None).count(),
    "messages": list(Message.objects.filter(broadcast=made).values_list("text", "status")),
    "changes": list(made.transitions.values_list("after", flat=True)),
}}))
"""
SETTLE = """
import json
from courses.models import Attendance
from live import settling
settling.settle(made)
there = Attendance.objects.get(lesson=made.lesson)
print(json.dumps([there.intervals, there.duration_ms]))
"""
STUDIED = """
from courses.models import LessonProgress
print(LessonProgress.objects.get(lesson=made.lesson).watched_ms)
"""


class Stage:
    """A running school with a broadcast; what goes to the ingest process passes a line that can be cut."""

    def __init__(self, school, slug):
        studio, rtmp = free_port(), free_port()
        self.school, self.slug, self.rtmp, self.line = school, slug, rtmp, Line(studio)
        school.more = {
            "STUDIO_PORT": str(studio),
            "RTMP_PORT": str(rtmp),
            "STUDIO_URL": self.line.url.replace("http", "ws"),
        }
        school.start("web", "worker", "ingest")
        self.accounts = json.loads((school.folder / "demo-accounts.json").read_text())
        people = {role: self.accounts[role]["login"] for role in ("trainer", "learner")}
        self.uuid, self.name = json.loads(school.script(PLAN.format(slug=slug, **people)))
        self.learner = people["learner"]

    def script(self, text):
        """With `made`, the broadcast."""
        return self.school.script(
            f"from live.models import Broadcast\nmade = Broadcast.objects.get(uuid={self.uuid!r})\n{text}"
        )

    def record(self):
        return json.loads(self.school.script(RECORD.format(uuid=self.uuid, learner=self.learner)))

    def settle(self):
        """Attendance is written down now: ([from, to] in ms of the film, …), and how long the film is."""
        return json.loads(self.script(SETTLE))

    def studied(self):
        """Milliseconds of the lesson that the learner has, live and replay together."""
        return int(self.script(STUDIED))

    def enter(self, browser, role, **options):
        page = browser.new_context(base_url=self.school.url, **options).new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=login]", self.accounts[role]["login"])
        page.fill("input[name=password]", self.accounts[role]["password"])
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def until(self, wanted, seconds=60):
        """Wait until the record says so; it is returned."""
        deadline = time.monotonic() + seconds
        while not wanted(record := self.record()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{record}\n{self.school.log.read_text()[-3000:]}")
            time.sleep(1)
        return record

    def close(self):
        self.school.stop()
        self.line.close()


def until(page, expression, seconds=15):
    """As in a page that goes to another one meanwhile."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return chromium.until(page, expression, max(0.1, deadline - time.monotonic()))
        except Error:
            if time.monotonic() > deadline:
                raise


def moves(page, seconds=30):
    """The picture goes on: true as soon as two looks differ."""
    script = "document.querySelector('.room__stage video')?.currentTime ?? 0"
    before, deadline = page.evaluate(script), time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.5)
        if page.evaluate(script) > before + 0.3:
            return True
    return False
