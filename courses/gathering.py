"""Group commit: beats that arrive while a transaction is being written share the next one.

Each process has one writer, a thread with a database connection of its own, so slow pages do not hold beats up. What
does not fit together is written one by one: a beat that breaks the transaction breaks it for itself alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import structlog
from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _
from prometheus_client import Counter, Histogram

from . import intake
from .enrolment import Refused
from .intake import Asked, Receipt

WAIT = 0.003  # seconds in which others may join those that wait already
MOST = 200  # in a transaction

BEATS = Counter("cqo_beats", "Beats answered after their commit")
BROKEN = Counter("cqo_beats_unwritten", "Beats that the database did not take; their players send them again")
SHARED = Histogram("cqo_beats_per_commit", "Beats that shared a transaction", buckets=[1, 2, 5, 10, 20, 50, 100, 200])
SECONDS = Histogram(
    "cqo_beats_commit_seconds",
    "From the beginning to the commit",
    buckets=[0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1, 5, 20],
)
log = structlog.get_logger(__name__)


class Unwritten(Refused):
    """The database did not take the beat. Nothing of it is kept here; it is to be sent again."""

    code = "unwritten"
    text = _("The school cannot record at the moment. What you watch is kept on this device and sent again.")


Outcome = Receipt | Refused


Q = TypeVar("Q")
A = TypeVar("A")


class Gathering(Generic[Q, A]):
    """What is asked on one event loop, written many at once by a thread of its own. `write` raises nothing."""

    def __init__(self, write: Callable[[Sequence[Q]], Sequence[A]], *, name: str) -> None:
        self._write = write
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._work: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    async def add(self, asked: Q) -> A:
        """What became of it, after the commit."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._work is None:
            self._work = loop.create_task(self._write_all())
        return await answer

    async def close(self) -> None:
        """Let go of the database when all is written; what is asked next opens it again."""
        if self._work:
            await asyncio.wait({self._work})
        await asyncio.get_running_loop().run_in_executor(self._writer, _let_go)

    def written(self, asked: Q, outcome: A) -> None:
        """Called in the order of writing, before whoever asked is answered."""

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                await asyncio.sleep(WAIT)
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                outcomes = await loop.run_in_executor(self._writer, self._write, [asked for asked, _answer in batch])
                for (asked, answer), outcome in zip(batch, outcomes, strict=True):
                    self.written(asked, outcome)
                    if not answer.done():  # its page may have gone
                        answer.set_result(outcome)
        finally:
            self._work = None


_gatherings: WeakKeyDictionary[asyncio.AbstractEventLoop, Gathering[Asked, Outcome]] = WeakKeyDictionary()


def here() -> Gathering[Asked, Outcome]:
    """That of the running loop: a web process has one."""
    loop = asyncio.get_running_loop()
    found = _gatherings.get(loop)
    if found is None:
        found = _gatherings[loop] = Gathering(write, name="beats")
    return found


def _let_go() -> None:
    connection.close()  # that of the thread that asks


def write(asked: Sequence[Asked]) -> list[Outcome]:
    """Together if they let themselves be written together, else one by one. Raises nothing: each has an outcome."""
    try:
        outcomes = _together(asked)
    except Exception as error:
        log.warning("beats_written_apart", beats=len(asked), error=repr(error))
        connection.close_if_unusable_or_obsolete()
        outcomes = _apart(asked)
    broken = sum(isinstance(outcome, Unwritten) for outcome in outcomes)
    BEATS.inc(len(asked) - broken)
    BROKEN.inc(broken)
    return outcomes


def _together(asked: Sequence[Asked]) -> list[Outcome]:
    SHARED.observe(len(asked))
    with SECONDS.time():
        return intake.take(asked)


def _apart(asked: Sequence[Asked]) -> list[Outcome]:
    """One by one, while the database answers: each of a hundred would wait for it as long as the first did."""
    outcomes: list[Outcome] = []
    try:
        for each in asked:
            outcomes += _alone(each)
    except OperationalError:
        connection.close_if_unusable_or_obsolete()
        log.exception("beats_unwritten", beats=len(asked) - len(outcomes))
    return outcomes + [Unwritten() for _each in asked[len(outcomes) :]]


def _alone(asked: Asked) -> list[Outcome]:
    try:
        return _together([asked])
    except OperationalError:
        raise
    except Exception:
        log.exception("beat_unwritten", session=str(asked.session))
        return [Unwritten()]
