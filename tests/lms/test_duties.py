"""Periodic duties: each gets its turn, a failing one is told and does not stop the others."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from lms import jobs, messages
from lms.management.commands import worker
from lms.models import Outgoing, WorkerBeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def duties(monkeypatch):
    found = []
    monkeypatch.setattr(jobs, "periodic", found)
    return found


def test_every_duty_gets_its_turn(duties):
    done = []
    duties += [lambda: done.append("a"), lambda: done.append("b")]
    call_command("tick", verbosity=0)
    assert done == ["a", "b"]


def test_a_failing_duty_does_not_stop_the_others(duties):
    done = []

    def broken():
        raise RuntimeError("no disk")

    duties += [broken, lambda: done.append("b")]
    with pytest.raises(ExceptionGroup) as failed:
        jobs.tick()
    assert done == ["b"]
    assert [str(error) for error in failed.value.exceptions] == ["no disk"]


def test_the_school_has_duties_of_its_own():
    assert messages.prune in jobs.periodic


def test_a_pulse_is_one_row(db):
    jobs.beat("worker")
    jobs.beat("worker")
    assert WorkerBeat.objects.count() == 1
    assert jobs.alive("worker")
    WorkerBeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    assert not jobs.alive("worker")
    assert not jobs.alive("another")


def test_a_worker_goes_on_when_the_database_refused_it(monkeypatch, caplog):
    runs = []

    def run(name, **options):
        runs.append(name)
        if len(runs) < 3:
            raise OperationalError("database is locked")

    monkeypatch.setattr(worker, "call_command", run)
    monkeypatch.setattr(worker, "PAUSE", 0)
    monkeypatch.setattr(worker.connection, "close", lambda: None)  # the test needs it
    worker.work()
    assert runs == ["db_worker"] * 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_the_outbox_keeps_only_the_newest(monkeypatch):
    monkeypatch.setattr(messages, "KEPT", 3)
    for number in range(5):
        Outgoing.objects.create(channel="sms", to="13800008000", body=str(number))
    assert messages.prune() == 2
    assert [row.body for row in messages.shown()] == ["4", "3", "2"]
    assert messages.prune() == 0
