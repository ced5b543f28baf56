"""Beats of many learners: what one costs as a rule, as a request, and beside the plain way to keep a position.

The plain way reads a row, changes it and saves it; it verifies nothing and keeps no evidence.
"""

import json
import os
import shutil
import statistics
import time
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings, setup_test_environment  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from courses import enrolment, progress  # noqa: E402
from courses.models import LessonProgress, WatchSession  # noqa: E402
from courses.progress import Beat  # noqa: E402
from lms.models import User  # noqa: E402
from tests import databases, factories  # noqa: E402

LEARNERS, BEATS = 20, 40  # each beat ten seconds of film
STEP = 10_000


@csrf_exempt
@login_required
def plain(request):
    """What an ordinary school does with a beat."""
    told = json.loads(request.body)
    row = LessonProgress.objects.get(enrolment__user=request.user, lesson=told["lesson"])
    row.position_ms = told["position"]
    row.save(update_fields=["position_ms", "updated_at"])
    return JsonResponse({"position": row.position_ms})


urlpatterns = [path("plain", plain)]


def row(measure, value, unit, peer="", peer_value=0):
    ratio = value / peer_value if peer_value else 0
    return {"measure": measure, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def players(course, name):
    """Players that have been open for ten minutes, so that what they claim is credited."""
    lesson = course.lessons().get()
    users = User.objects.bulk_create(User(name=f"学员{n:02}", email=f"{name}{n}@example.org") for n in range(LEARNERS))
    opened = []
    for user in users:
        enrolment.enrol(user, course)
        opened.append(progress.open_player(user, lesson))
    before = timezone.now() - timedelta(minutes=10)
    WatchSession.objects.filter(pk__in=[session.pk for session in opened]).update(last_beat_at=before)
    return opened


def beats():
    for n in range(1, BEATS + 1):
        yield n, [[(n - 1) * STEP, n * STEP]]


def timed(calls):
    """(calls per CPU second, median ms, 95th percentile ms)"""
    waits, begun, cpu = [], time.perf_counter(), time.process_time()
    for call in calls:
        started = time.perf_counter()
        call()
        waits.append((time.perf_counter() - started) * 1000)
    cpu = time.process_time() - cpu
    assert time.perf_counter() > begun
    return len(waits) / cpu, statistics.median(waits), statistics.quantiles(waits, n=20)[18]


def through_the_rule(opened):
    def call(session, n, spans):
        beat = Beat(n, spans, position_ms=n * STEP)
        return lambda: progress.watch(user=session.user, session=session.uuid, beat=beat)

    return timed([call(session, n, spans) for n, spans in beats() for session in opened])


def through_the_door(opened):
    def call(client, token, n, spans):
        body = json.dumps({"token": token, "sequence": n, "intervals": spans, "position": n * STEP})
        return lambda: answered(client.post("/api/v1/beats", body, content_type="application/json"))

    doors = [(signed_in(session.user), progress.token(session)) for session in opened]
    return timed([call(client, token, n, spans) for n, spans in beats() for client, token in doors])


def by_the_plain_way(opened):
    def call(client, lesson, n):
        body = json.dumps({"lesson": lesson, "position": n * STEP})
        return lambda: answered(client.post("/plain", body, content_type="application/json"))

    lesson = opened[0].progress.lesson_id
    clients = [signed_in(session.user) for session in opened]
    with override_settings(ROOT_URLCONF=__name__):
        return timed([call(client, lesson, n) for n, _spans in beats() for client in clients])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def answered(response):
    assert response.status_code == 200, response.content
    return response


def queries(session):
    with CaptureQueriesContext(connection) as captured:
        progress.watch(user=session.user, session=session.uuid, beat=Beat(BEATS + 1, [[0, STEP]]))
    return len(captured)


def run():
    setup_test_environment()
    copy = databases.copy()
    copy.make()
    course = factories.course(factories.home(), lessons=1, seconds=3600)
    try:
        opened = players(course, "rule")
        rule, median, slow = through_the_rule(opened)
        credited = LessonProgress.objects.filter(watched_ms=BEATS * STEP).count()
        assert credited == LEARNERS, credited
        per_beat = queries(opened[0])
        door, door_median, _slow = through_the_door(players(course, "door"))
        plain_way, plain_median, _slow = by_the_plain_way(players(course, "plain"))
    finally:
        copy.remove()
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
    where = connection.vendor
    peer = "a view that saves a position, nothing verified"
    return [
        row(f"beats credited through the rule, {where}", rule, "per CPU-s"),
        row("one beat through the rule, median", median, "ms"),
        row("one beat through the rule, 95th percentile", slow, "ms"),
        row("queries of a beat", per_beat, "queries"),
        row(f"beats through the API, {where}", door, "per CPU-s", peer, plain_way),
        row("one beat through the API, median", door_median, "ms", peer, plain_median),
    ]
