"""What machines ask: alive, ready, how busy."""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from lms import jobs, readiness
from lms.models import WorkerBeat

pytestmark = pytest.mark.django_db


def test_alive_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/healthz")
    assert (page.status_code, page.content) == (200, b"ok\n")
    assert page["X-Request-ID"]


def test_ready_when_everything_answers(client):
    jobs.beat(jobs.WORKER)
    page = client.get("/readyz")
    assert page.status_code == 200
    checks = page.json()["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "database": True,
        "var": True,
        "migrations": True,
        "worker": True,
    }
    assert not WorkerBeat.objects.filter(name="readyz").exists()


def test_not_ready_without_a_pulse(client):
    WorkerBeat.objects.create(name=jobs.WORKER, at=timezone.now() - timedelta(minutes=5))
    page = client.get("/readyz")
    assert page.status_code == 503
    assert page.json()["ready"] is False
    assert "no pulse" in page.json()["checks"]["worker"]["detail"]


def test_not_ready_when_var_cannot_be_written(client, settings, tmp_path):
    jobs.beat(jobs.WORKER)
    settings.VAR_DIR = tmp_path / "missing"
    page = client.get("/readyz")
    assert page.status_code == 503
    assert "FileNotFoundError" in page.json()["checks"]["var"]["detail"]


def test_not_ready_when_a_migration_is_missing(client, monkeypatch):
    jobs.beat(jobs.WORKER)
    monkeypatch.setattr(readiness, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'lms'")
    page = client.get("/readyz")
    assert page.status_code == 503
    assert "not applied" in page.json()["checks"]["migrations"]["detail"]


def test_strangers_learn_only_yes_or_no(client):
    jobs.beat(jobs.WORKER)
    page = client.get("/readyz", REMOTE_ADDR="203.0.113.9")
    assert page.json() == {"ready": True}
    page = client.get("/readyz", HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert page.json() == {"ready": True}


def test_metrics_are_for_this_machine_or_the_token(client, settings):
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404
    wrong = {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}
    assert client.get("/metrics", **wrong).status_code == 404
    right = wrong | {"HTTP_AUTHORIZATION": "Bearer a-long-token"}
    assert client.get("/metrics", **right).status_code == 200


def test_without_a_token_no_token_fits(client, settings):
    settings.METRICS_TOKEN = ""
    page = client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")
    assert page.status_code == 404


def test_metrics_tell_the_queue_and_the_pulse(client):
    jobs.beat(jobs.WORKER)
    DBTaskResult.objects.create(
        task_path="lms.jobs.tick",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        run_after=timezone.now(),
        priority=0,
    )
    page = client.get("/metrics").content.decode()
    assert "cqo_database_up 1.0" in page
    assert "cqo_tasks_waiting 1.0" in page
    assert 'cqo_worker_beat_age_seconds{worker="worker"} 0.' in page
    assert "django_http_requests_total_by_method_total" in page


def test_a_request_number_is_on_every_answer(client):
    first, second = client.get("/healthz"), client.get("/healthz")
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_var_is_left_as_it_was(client, settings):
    before = set(os.listdir(settings.VAR_DIR))
    client.get("/readyz")
    assert set(os.listdir(settings.VAR_DIR)) == before
