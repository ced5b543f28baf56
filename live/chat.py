"""Saying something in a room: kept first, then shown, then acknowledged.

Messages that arrive while a transaction is being written share the next one. Each process has one writer
(courses.gathering), so the numbers of messages grow in the order in which they are shown.
"""

import asyncio
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog
from django.db import connection
from prometheus_client import Counter, Gauge, Histogram

from courses.gathering import Gathering

from . import frames, rooms, threads
from .models import Message
from .posting import Asked, Outcome, Refused, take

PATIENCE = 2_000  # messages that may wait; more are refused at once

WAITING = Gauge("cqo_chat_waiting", "Messages that wait for the database")
OUTCOMES = Counter("cqo_chat_messages", "Messages by what became of them", ["status"])
SECONDS = Histogram(
    "cqo_chat_commit_seconds", "From the beginning to the commit", buckets=[0.002, 0.005, 0.02, 0.05, 0.2, 1, 5, 20]
)
log = structlog.get_logger(__name__)


async def post(asked: Asked) -> Outcome:
    """What became of it, after the commit. Where it may be shown, the room has been told."""
    return await _writer().add(asked)


def post_now(asked: Asked) -> Outcome:
    """The same for those who cannot wait for others: a form over HTTP."""
    (outcome,) = write([asked])
    show(asked, outcome)
    return outcome


def show(asked: Asked, outcome: Outcome) -> None:
    if isinstance(outcome, Refused) or outcome.at < asked.at:
        return  # refused, or said before with the same key
    if outcome.status == Message.Status.SHOWN:
        always = bool(outcome.role) or outcome.kind == Message.Kind.QUESTION
        rooms.said(asked.broadcast_id, frames.message(outcome), author=asked.user_id, always=always)
    elif outcome.status == Message.Status.HELD:
        rooms.announce(asked.broadcast_id, "held", frames.held(outcome), to=rooms.MODERATORS)


def write(asked: Sequence[Asked]) -> list[Outcome]:
    """Together, or one by one when one of them breaks the transaction. Raises nothing: each has an outcome."""
    try:
        with SECONDS.time():
            outcomes = take(asked)
    except Exception as error:
        log.warning("messages_written_apart", messages=len(asked), error=repr(error))
        connection.close_if_unusable_or_obsolete()
        outcomes = [_alone(each) for each in asked]
    for outcome in outcomes:
        OUTCOMES.labels(outcome.code if isinstance(outcome, Refused) else outcome.status).inc()
    return outcomes


def _alone(asked: Asked) -> Outcome:
    try:
        return take([asked])[0]
    except Exception:
        log.exception("message_unwritten", broadcast=asked.broadcast_id)
        return Refused("unwritten")


class Writer(Gathering[Asked, Outcome]):
    """Messages of one event loop. They are shown in the order in which they are written."""

    def __init__(self) -> None:
        super().__init__(write, name="chat")

    async def add(self, asked: Asked) -> Outcome:
        if len(self) >= PATIENCE:
            return Refused("unwritten")
        WAITING.inc()
        try:
            return await super().add(asked)
        finally:
            WAITING.dec()

    def written(self, asked: Asked, outcome: Outcome) -> None:
        show(asked, outcome)


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()


def _writer() -> Writer:
    loop = asyncio.get_running_loop()
    found = _writers.get(loop)
    if found is None:
        found = _writers[loop] = Writer()
    return found


async def let_go() -> None:
    """At the end of a process, or of a test."""
    await _writer().close()
    await threads.let_go()
