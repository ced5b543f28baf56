"""The task worker of the embedded set-up, with the periodic work of the school beside it."""

import threading
import time

import structlog
from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import OperationalError, close_old_connections, connection

from lms import jobs

log = structlog.get_logger(__name__)
PAUSE = 1  # second, before a database that refused is asked again


def periodically(seconds: int) -> None:
    while True:
        close_old_connections()
        try:
            jobs.beat(jobs.WORKER)
            call_command("tick", verbosity=0)
        except Exception:
            log.exception("periodic work failed; it is tried again in the next round")
        finally:
            connection.close()
        time.sleep(seconds)


class Command(BaseCommand):
    help = "Run queued tasks, and `tick` every half minute."

    def handle(self, **options):
        threading.Thread(target=periodically, args=[30], daemon=True).start()
        work()


def work() -> None:
    """Run tasks until somebody says stop. A database that refuses to hear of the end of one task does not end the
    worker: the duty of whoever gave the task finds what was left."""
    while True:
        try:
            return call_command("db_worker", interval=0.5, verbosity=0, reload=settings.DEBUG)
        except OperationalError:
            log.exception("the database refused the worker; it goes on")
            connection.close()
            time.sleep(PAUSE)
