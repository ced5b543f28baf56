"""Can this process serve? Each question is asked for real: a row is written, a file is written."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from . import caching, house, jobs
from .models import WorkerBeat

NEEDED = ("database", "var", "migrations", "worker")  # without the shared cache the school goes on: see caching


@dataclass(frozen=True)
class Finding:
    ok: bool
    detail: str
    ms: float


def findings() -> dict[str, Finding]:
    """Database, var/, the cache where it is shared, migrations, worker. A database that is away is asked once."""
    found = {"database": _timed(_database), "var": _timed(_var)}
    if (trouble := caching.trouble()) is not None:
        found["cache"] = _timed(lambda: trouble)
    if found["database"].ok:
        found["migrations"] = _timed(_migrations)
        if found["migrations"].ok:
            found["worker"] = _timed(_worker)
    return found


def report(found: dict[str, Finding], *, detailed: bool) -> dict:
    """{"ready": bool} and, for those who may know, {"checks": {name: {ok, detail, ms}}}."""
    ready = all(name in found and found[name].ok for name in NEEDED)
    return {"ready": ready} | ({"checks": {name: asdict(each) for name, each in found.items()}} if detailed else {})


def _timed(ask: Callable[[], str]) -> Finding:
    """`ask` returns "" when all is well, else what is wrong."""
    began = time.perf_counter()
    try:
        problem = ask()
    except (DatabaseError, OSError) as error:
        problem = f"{type(error).__name__}: {error}"
    return Finding(not problem, problem or "ok", round((time.perf_counter() - began) * 1000, 1))


def _database() -> str:
    with transaction.atomic():
        WorkerBeat.objects.update_or_create(name="readyz", defaults={"at": timezone.now()})
        transaction.set_rollback(True)
    return ""


_migrated = False


def _migrations() -> str:
    """Asked until the answer was yes; a running process does not lose migrations."""
    global _migrated
    if not _migrated:
        missing = house.unapplied_migrations()
        if missing:
            return f"{missing} migrations are not applied"
        _migrated = True
    return ""


def _var() -> str:
    with tempfile.NamedTemporaryFile(dir=settings.VAR_DIR) as file:
        file.write(b"ok")
    return ""


def _worker() -> str:
    if jobs.alive(jobs.WORKER):
        return ""
    return f"no pulse of the worker for {int(jobs.MISSED.total_seconds())} seconds"
