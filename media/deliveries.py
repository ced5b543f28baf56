"""Which segments of a film went to whom: a second witness beside what players say.

Sending a segment asks the database nothing, so it is only noted here, in memory and within bounds, and written in one
go now and then by a thread of its own. What a process had not written when it died is lost: this is no evidence for
credit, only something to hold the evidence against. `DELIVERIES = "log"` leaves it to `read_access_log`, "off" to
nobody.
"""

import atexit
import re
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from lms.models import User
from media.models import Delivery, Video

EVERY = 30.0  # seconds between two writings
MOST = 200_000  # segments in memory; more are not noted
KEPT = timedelta(days=60)
SEGMENT = re.compile(r"/(\d{5})\.m4s$", re.ASCII)
log = structlog.get_logger(__name__)


class Where(NamedTuple):
    """A row of Delivery, before its film and viewer are known to exist."""

    viewer: int
    video: UUID
    run: UUID
    hour: datetime


class Notes:
    """Of one process. Any thread may note; one writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Where, set[int]] = {}
        self._count = 0
        self._timer: threading.Timer | None = None

    def add(self, where: Where, number: int) -> None:
        with self._lock:
            known = self._kept.setdefault(where, set())
            if number in known or self._count >= MOST:
                return
            known.add(number)
            self._count += 1
            if self._timer is None:
                self._timer = threading.Timer(EVERY, self._flush)
                self._timer.daemon = True
                self._timer.start()

    def take(self) -> dict[Where, set[int]]:
        with self._lock:
            taken, self._kept, self._count, self._timer = self._kept, {}, 0, None
        return taken

    def _flush(self) -> None:
        try:
            flush()
        finally:
            connection.close()  # of this thread, which ends here


_notes = Notes()


def note(*, viewer: int | None, video: UUID, run: UUID, name: str) -> None:
    """A file of a ladder goes to somebody. Anything but a segment to a known person is passed over."""
    segment = SEGMENT.search(name)
    if settings.DELIVERIES != "app" or viewer is None or segment is None:
        return
    _notes.add(Where(viewer, video, run, _hour(timezone.now())), int(segment[1]))


def flush() -> int:
    """Write what was noted and say how many rows that changed. What the database refuses is let go, with a word."""
    taken = _notes.take()
    try:
        return write(taken)
    except DatabaseError as error:
        log.warning("deliveries_lost", rows=len(taken), error=repr(error))
        return 0


atexit.register(flush)


def write(found: Mapping[Where, Iterable[int]]) -> int:
    """Add segments to what is on record, in a fixed number of queries for any number of rows."""
    if not found:
        return 0
    videos = dict(Video.objects.filter(uuid__in={where.video for where in found}).values_list("uuid", "pk"))
    people = set(User.objects.filter(pk__in={where.viewer for where in found}).values_list("pk", flat=True))
    fresh = {
        (where.viewer, videos[where.video], where.run, where.hour): numbers
        for where, numbers in found.items()
        if where.video in videos and where.viewer in people
    }
    with transaction.atomic():
        empty = [Delivery(viewer_id=key[0], video_id=key[1], run=key[2], hour=key[3]) for key in fresh]
        Delivery.objects.bulk_create(empty, ignore_conflicts=True)
        rows = Delivery.objects.select_for_update().filter(
            viewer__in={key[0] for key in fresh},
            video__in={key[1] for key in fresh},
            hour__in={key[3] for key in fresh},
        )
        changed = []
        for row in rows.order_by("pk"):
            numbers = fresh.get((row.viewer_id, row.video_id, row.run, row.hour))
            if numbers is not None:
                row.segments = ranges({*_numbers(row.segments), *numbers})
                changed.append(row)
        Delivery.objects.bulk_update(changed, ["segments"])
    return len(changed)


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """[[first, after the last], …]"""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number:
            found[-1][1] = number + 1
        else:
            found.append([number, number + 1])
    return found


def _numbers(segments: Iterable[list[int]]) -> Iterable[int]:
    for first, after in segments:
        yield from range(first, after)


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def sent(*, viewer: int, video: int, since: datetime, until: datetime) -> set[int]:
    """Numbers of the segments that were sent in those hours, of any ladder of the film."""
    rows = Delivery.objects.filter(viewer=viewer, video=video, hour__gte=_hour(since), hour__lte=until)
    return {number for segments in rows.values_list("segments", flat=True) for number in _numbers(segments)}


def known_until() -> datetime | None:
    """The beginning of the last hour that anything was noted in: a log is read in order, so all before is known."""
    return Delivery.objects.aggregate(last=Max("hour"))["last"]


def data(user: User) -> list[dict[str, object]]:
    """For the download of one's own data."""
    rows = Delivery.objects.filter(viewer=user).select_related("video").order_by("hour", "pk")
    return [{"video": row.video.title, "hour": row.hour, "segments": row.segments} for row in rows]


def forget() -> int:
    """A duty: what is older than anybody would look at goes."""
    return Delivery.objects.filter(hour__lt=timezone.now() - KEPT).delete()[0]
