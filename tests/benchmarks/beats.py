"""Beats of many learners: what one costs as a rule, as a request, over sockets, and beside the plain way.

The plain way to keep a position reads a row, changes it and saves it; it verifies nothing and keeps no evidence. The
sockets are real ones of a real web process that has a core for itself. After a SIGKILL in the middle nothing that was
acknowledged may be missing. On SQLite the part with the web process is measured on PostgreSQL as well.
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
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from courses import enrolment, progress  # noqa: E402
from courses.models import LessonProgress, WatchBeat, WatchSession  # noqa: E402
from courses.progress import Beat  # noqa: E402
from lms.models import User  # noqa: E402
from tests import databases, factories  # noqa: E402
from tests.benchmarks import _load, _postgres  # noqa: E402

LEARNERS, BEATS = 20, 40  # each beat ten seconds of film
STEP = 10_000
CROWD, SECONDS = 1_000, 6.0  # sockets, and how long they send
PEER = "a view that saves a position, nothing verified"


def row(measure, value, unit, peer="", peer_value=0):
    ratio = value / peer_value if peer_value else 0
    return {"measure": measure, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def players(course, name, count=LEARNERS):
    """Players that have been open for ten minutes, so that what they claim is credited."""
    lesson = course.lessons().get()
    users = User.objects.bulk_create(User(name=f"学员{n:02}", email=f"{name}{n}@example.org") for n in range(count))
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
    with override_settings(ROOT_URLCONF="tests.benchmarks._served_urls"):
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


def crowd(course, name, count):
    opened = players(course, name, count)
    return opened, [signed_in(session.user).cookies["sessionid"].value for session in opened]


def lost(opened, people):
    """Acknowledged beats without their evidence, or without their credit in the record."""
    kept = dict(WatchBeat.objects.values_list("session").annotate(Count("pk")))
    watched = dict(WatchSession.objects.values_list("pk", "progress__watched_ms"))
    return sum(
        max(0, person.acknowledged - kept.get(session.pk, 0), person.acknowledged - watched[session.pk] // _load.STEP)
        for session, person in zip(opened, people, strict=True)
    )


def over_sockets(course):
    """(beats per CPU second of the server, waits in ms, beats lost)"""
    opened, keys = crowd(course, "socket", CROWD)
    with _load.served(databases.address()) as (process, port):
        people = [_load.Viewer(port, key, progress.token(s)) for s, key in zip(opened, keys, strict=True)]
        answers, spent, waits = _load.drive(people, SECONDS, pid=process.pid)
    return answers / spent, waits, lost(opened, people)


def by_ordinary_requests(course):
    opened, keys = crowd(course, "clicker", 20)
    with _load.served(databases.address()) as (process, port):
        people = [_load.Clicker(port, key, opened[0].progress.lesson_id) for key in keys]
        answers, spent, waits = _load.drive(people, SECONDS / 2, pid=process.pid)
    return answers / spent, waits


def killed(course):
    """(beats acknowledged before a SIGKILL, of them lost)"""
    opened, keys = crowd(course, "killed", 200)
    with _load.served(databases.address()) as (process, port):
        people = [_load.Viewer(port, key, progress.token(s)) for s, key in zip(opened, keys, strict=True)]
        answers, _spent, _waits = _load.drive(people, 3, pid=process.pid, kill_after=1.5)
    return answers, lost(opened, people)


def with_a_web_process(course, where):
    plain_way, plain_waits = by_ordinary_requests(course)
    sockets, waits, missing = over_sockets(course)
    answers, gone = killed(course)
    assert missing == gone == 0, (missing, gone)
    return [
        row(f"beats over {CROWD} sockets, {where}", sockets, "per CPU-s", PEER, plain_way),
        row(f"waiting for a receipt, median, {where}", median(waits), "ms", PEER, median(plain_waits)),
        row(f"waiting for a receipt, 95th percentile, {where}", slowest(waits), "ms", PEER, slowest(plain_waits)),
        row(f"acknowledged before a SIGKILL, {where}", answers, "beats"),
        row(f"of them lost, {where}", gone, "beats"),
    ]


def median(waits):
    return statistics.median(waits)


def slowest(waits):
    return statistics.quantiles(waits, n=20)[18]


def run(only_sockets=False):
    setup_test_environment()
    copy = databases.copy()
    copy.make()
    course = factories.course(factories.home(), lessons=1, seconds=3600)
    where = connection.vendor
    try:
        rows = [] if only_sockets else in_this_process(course, where)
        rows += with_a_web_process(course, where)
    finally:
        copy.remove()
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
    return rows + (_postgres.again("beats.run(only_sockets=True)") if where == "sqlite" else [])


def in_this_process(course, where):
    opened = players(course, "rule")
    rule, median_wait, slow = through_the_rule(opened)
    credited = LessonProgress.objects.filter(watched_ms=BEATS * STEP).count()
    assert credited == LEARNERS, credited
    per_beat = queries(opened[0])
    door, door_median, _slow = through_the_door(players(course, "door"))
    plain_way, plain_median, _slow = by_the_plain_way(players(course, "plain"))
    return [
        row(f"beats credited through the rule, {where}", rule, "per CPU-s"),
        row("one beat through the rule, median", median_wait, "ms"),
        row("one beat through the rule, 95th percentile", slow, "ms"),
        row("queries of a beat", per_beat, "queries"),
        row(f"beats through the API, {where}", door, "per CPU-s", PEER, plain_way),
        row("one beat through the API, median", door_median, "ms", PEER, plain_median),
    ]
