"""Work that nobody waits for: periodic duties, the pulse of the workers, the length of the queue.

An app adds its duty when it starts: `jobs.periodic.append(exams.expire)`. A duty is idempotent and quick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models import Count, Min, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, TaskResultStatus

from .models import WorkerBeat

log = structlog.get_logger(__name__)

WORKER = "worker"  # the process that runs tasks and the periodic duties
MISSED = timedelta(minutes=2)  # a pulse older than this is none

periodic: list[Callable[[], object]] = []


@dataclass(frozen=True)
class Queue:
    waiting: int
    running: int
    failed: int
    oldest_seconds: float


def beat(name: str) -> None:
    """The process of that name is alive now."""
    WorkerBeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def alive(name: str) -> bool:
    return WorkerBeat.objects.filter(name=name, at__gte=timezone.now() - MISSED).exists()


def beat_ages() -> dict[str, float]:
    """Seconds since the last pulse of each process."""
    now = timezone.now()
    return {row.name: (now - row.at).total_seconds() for row in WorkerBeat.objects.all()}


def tick() -> dict[str, object]:
    """Do every periodic duty and return what each one said. One that fails does not keep the others from their turn.

    Raises ExceptionGroup with what failed, after all had their turn.
    """
    results: dict[str, object] = {}
    failures: list[Exception] = []
    for duty in list(periodic):
        name = f"{duty.__module__}.{duty.__qualname__}"
        try:
            results[name] = duty()
        except Exception as error:
            log.exception("duty_failed", duty=name)
            failures.append(error)
    if failures:
        raise ExceptionGroup("periodic duties failed", failures)
    return results


def queue() -> Queue:
    found = DBTaskResult.objects.aggregate(
        waiting=Count("pk", filter=Q(status=TaskResultStatus.READY)),
        running=Count("pk", filter=Q(status=TaskResultStatus.RUNNING)),
        failed=Count("pk", filter=Q(status=TaskResultStatus.FAILED)),
        oldest=Min("enqueued_at", filter=Q(status=TaskResultStatus.READY)),
    )
    oldest = found.pop("oldest")
    return Queue(**found, oldest_seconds=(timezone.now() - oldest).total_seconds() if oldest else 0.0)
