"""Writing stays down: many at once, and so that no process overwrites what another one wrote of the same page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

import structlog
from django.db import DatabaseError, DataError, IntegrityError, transaction

from courses.intervals import Claim, Intervals, union

from .models import Stay

log = structlog.get_logger(__name__)
TOGETHER = 500  # rows of a transaction
REFUSALS = (IntegrityError, DataError, ValueError, OverflowError)  # of a row for what is in it; all else passes
MERGED = ["came_at", "seen_at", "left_at", "present", "hidden_ms", "muted_ms", "address", "device"]


@dataclass
class Heard:
    """What a process heard of a page since it last wrote; times in milliseconds since the epoch."""

    key: UUID
    broadcast_id: int
    user_id: int | None
    came: int
    seen: int
    present: Intervals = field(default_factory=list)
    hidden_ms: int = 0
    muted_ms: int = 0
    left: bool = False
    replay: bool = False
    address: str | None = None
    device: str = ""


class Unwritten(DatabaseError):
    """What is not written: `refused` one by one, `waiting` because the database is away. All else is written."""

    def __init__(self, refused: Sequence[Heard], waiting: Sequence[Heard] = ()) -> None:
        super().__init__(f"{len(refused)} stays refused, {len(waiting)} wait for the database")
        self.refused, self.waiting = refused, waiting


def write(heard: Iterable[Heard]) -> int:
    """Add what was heard to the rows of the pages, made where there were none. Says how many it wrote.

    What does not let itself be written together is written one by one. Raises Unwritten when something is left.
    """
    rest, written = iter(heard), 0
    refused: list[Heard] = []
    while some := list(islice(rest, TOGETHER)):
        try:
            bad = _together_or_apart(some)
        except Unwritten as left:
            raise Unwritten([*refused, *left.refused], [*left.waiting, *rest]) from left
        refused += bad
        written += len(some) - len(bad)
    if refused:
        raise Unwritten(refused)
    return written


def _together_or_apart(some: Sequence[Heard]) -> list[Heard]:
    """Those that are refused. Raises Unwritten for what does not lie in a row, such as a database that is away or
    takes no writing at the moment: each row would wait as long as the first did."""
    try:
        _write_some(some)
    except REFUSALS as error:
        log.warning("stays_written_apart", stays=len(some), error=repr(error))
        return _apart(some)
    except Exception as error:
        raise Unwritten([], some) from error
    return []


def _apart(some: Sequence[Heard]) -> list[Heard]:
    bad: list[Heard] = []
    for number, each in enumerate(some):
        try:
            if not _write_alone(each):
                bad.append(each)
        except Exception as error:
            raise Unwritten(bad, some[number:]) from error
    return bad


def _write_alone(heard: Heard) -> bool:
    try:
        _write_some([heard])
    except REFUSALS:
        log.exception("stay_refused", broadcast=heard.broadcast_id, person=heard.user_id)
        return False
    return True


def _write_some(heard: Sequence[Heard]) -> None:
    """Three statements, or a few more where the database takes fewer rows at once."""
    by_key = {each.key: each for each in heard}
    with transaction.atomic():
        Stay.objects.bulk_create([_begun(each) for each in heard], ignore_conflicts=True)
        rows = Stay.objects.select_for_update(of=("self",)).filter(key__in=by_key).order_by("pk")
        merged = [_merged(row, by_key[row.key]) for row in rows]
        Stay.objects.bulk_create(merged, update_conflicts=True, unique_fields=["key"], update_fields=MERGED)


def _begun(heard: Heard) -> Stay:
    return Stay(
        broadcast_id=heard.broadcast_id,
        key=heard.key,
        user_id=heard.user_id,
        replay=heard.replay,
        came_at=moment(heard.came),
        seen_at=moment(heard.came),
        address=heard.address,
        device=heard.device,
    )


def _merged(row: Stay, heard: Heard) -> Stay:
    """The row as it is to be, without its number: the key finds it."""
    seen = moment(heard.seen)
    newest = seen >= row.seen_at
    return Stay(
        broadcast_id=row.broadcast_id,
        key=row.key,
        user_id=row.user_id,
        replay=row.replay,
        came_at=min(row.came_at, moment(heard.came)),
        seen_at=max(row.seen_at, seen),
        left_at=(seen if heard.left else None) if newest else row.left_at,
        present=union(row.present, heard.present),
        hidden_ms=row.hidden_ms + heard.hidden_ms,
        muted_ms=row.muted_ms + heard.muted_ms,
        address=heard.address if newest and heard.address else row.address,
        device=heard.device if newest and heard.device else row.device,
    )


def told(ages: Claim, now: int, most: int) -> Intervals:
    """Stretches that a page tells as ages, "from 70 s ago to 45 s ago", by the clock here and no older than `most`."""
    return union([[now - min(since, most), now - max(until, 0)] for since, until in ages])


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
