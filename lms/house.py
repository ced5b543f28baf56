"""Bringing the school up: what must be done before it can serve, and the processes that serve it."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

log = structlog.get_logger(__name__)
PATIENCE = 10  # seconds that a process gets to stop by itself
STEADY = 30  # a process that ran this long is restarted at once, a shorter-lived one after a pause
HEAD_START = 20  # seconds that the first service has for itself


def unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_fingerprint() -> str:
    """Names, sizes and times of all static sources: equal as long as nothing has to be collected again."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def fingerprint(folder: Path) -> str:
    """Of all that the files of a folder say."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def done_before(name: str, fingerprint: str) -> bool:
    """Whether this step was last done for the same input. `remember` writes it down afterwards."""
    mark = Path(settings.VAR_DIR) / "done" / name
    return mark.exists() and mark.read_text() == fingerprint


def remember(name: str, fingerprint: str) -> None:
    mark = Path(settings.VAR_DIR) / "done" / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(fingerprint)


@dataclass
class Service:
    """One process of the school. `once` ends by itself; any other is started again when it dies."""

    name: str
    command: list[str]
    once: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None
    started: float = 0
    restart_at: float | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, env={**os.environ, **self.environment}, start_new_session=True, stdin=subprocess.DEVNULL
        )
        self.started, self.restart_at = time.monotonic(), None

    def look_after(self, now: float) -> None:
        if self.restart_at is not None:
            if now >= self.restart_at:
                self.start()
        elif self.process and self.process.poll() is not None:
            if self.once and self.process.returncode == 0:
                self.process = None
                return
            pause = 0 if now - self.started > STEADY else 3
            log.error("service ended", service=self.name, code=self.process.returncode, restart_in=pause)
            self.restart_at = now + pause

    def signal_group(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Stopped(Exception):
    """Somebody asked the school to stop."""


def _stop(number, frame):
    raise Stopped


def run(services: Iterable[Service], *, opened: Callable[[], bool]) -> None:
    """Keep the services running until SIGINT or SIGTERM; then stop every one of them, politely at first.

    The first is what people wait for: the others leave it the machine until it is `opened`, or for HEAD_START seconds.
    """
    services = list(services)
    first, *others = services
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        first.start()
        deadline = first.started + HEAD_START
        while not opened() and time.monotonic() < deadline:
            time.sleep(0.1)
            first.look_after(time.monotonic())
        for service in others:
            service.start()
        while True:
            time.sleep(1)
            now = time.monotonic()
            for service in services:
                service.look_after(now)
            opened()
    except Stopped:
        log.info("stopping")
    finally:
        stop(services)


def stop(services: list[Service]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for service in services:
        service.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for service in services:
        if service.process:
            try:
                service.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("killing", service=service.name)
    for service in services:
        service.signal_group(signal.SIGKILL)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
