"""One ingest process an installation: a second one would take the runs of the first for left behind, and close them.

The system lets go of the lock when the process ends, however it ends; encoders that outlive it do not hold it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

NAME = ".ingest"


class Taken(Exception):
    """Another process serves this installation; the message names it."""


@contextmanager
def alone() -> Iterator[None]:
    """Raises Taken."""
    place = Path(settings.LIVE_ROOT) / NAME
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise Taken(file.read().strip() or "?") from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
