"""The page of a lesson, for who is signed in and for who is not, beside a view that always says the same.

All pass the same middleware in one process, without a network; the unit is requests in a second of processor time.
"""

import os
import shutil
import time
from http.cookies import SimpleCookie
from io import BytesIO

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks._served"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402

from courses.models import LessonPage  # noqa: E402
from lms.models import User  # noqa: E402
from media import captions  # noqa: E402
from media.models import Video  # noqa: E402
from tests import databases, factories  # noqa: E402

LESSONS, LOOKS, WARM = 7, 300, 10
CONSTANT = "a view that always says the same"


def stage():
    """A course as the demo school has them: seven lessons, the first with captions and a ladder."""
    course = factories.course(factories.home(), lessons=LESSONS)
    lesson = course.lessons().first()
    Video.objects.filter(pk=lesson.video.pk).update(run=lesson.video.uuid)
    cues = [f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\n第{n}句。\n" for n in range(90)]
    captions.attach(lesson.video, "zh-hans", "WEBVTT\n\n" + "\n".join(cues))
    learner = factories.user(name="学员", agreement=User.Agreement.GIVEN)
    factories.enrolment(learner, course)
    return LessonPage.objects.get(pk=lesson.pk).url, learner


def cookie_of(account):
    browser = Client()
    browser.force_login(account)
    return SimpleCookie({name: morsel.value for name, morsel in browser.cookies.items()}).output(header="", sep=";")


def environ(path, cookie=""):
    return {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "testserver",
        "HTTP_ACCEPT": "text/html", "HTTP_COOKIE": cookie.strip(), "wsgi.input": BytesIO(), "wsgi.errors": BytesIO(),
        "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }  # fmt: skip


def ask(handler, *address):
    said = []
    body = b"".join(handler(environ(*address), lambda status, headers: said.append(status)))
    assert said == ["200 OK"], said
    return body


def pace(handler, *address):
    """Requests in a second of this process's time."""
    for _warm in range(WARM):
        ask(handler, *address)
    started = time.process_time()
    for _look in range(LOOKS):
        ask(handler, *address)
    return LOOKS / (time.process_time() - started)


def queries(handler, *address):
    with CaptureQueriesContext(connection) as asked:
        ask(handler, *address)
    return len(asked)


def rows(handler, url, learner):
    known = url, cookie_of(learner)
    constant = pace(handler, "/constant")
    found = []
    for name, address in (("signed in", known), ("anonymous", (url,))):
        value = pace(handler, *address)
        found.append({
            "measure": f"lesson page, {name}", "value": value, "unit": "requests/CPU-s", "peer": CONSTANT,
            "peer_value": constant, "ratio": value / constant,
        })  # fmt: skip
        found.append({"measure": f"lesson page, {name}: queries", "value": queries(handler, *address), "unit": ""})
    return [{"peer": "", "peer_value": 0, "ratio": 0, **each} for each in found]


def run():
    copy = databases.copy()
    copy.make()
    try:
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            return rows(WSGIHandler(), *stage())
    finally:
        copy.remove()
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
