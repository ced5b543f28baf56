"""Who is in the rooms: what pages say about themselves, kept in this process and written in bulk.

A page that shows the picture beats every half minute and at each change. The server's clock decides: what lies between
two beats counts if the picture played at the first of them and the second came within GAP. Beats stay in memory, are
written each PRESENCE_SECONDS and soon after somebody left. A process that is killed loses what it had not written; the
pages come back with when they played of late, and that is taken as silences of the same length would have been.

Several processes may hear of the same page: its row belongs to the page's key, and what is written is a union.
"""

import atexit
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from prometheus_client import Counter, Gauge

from courses import audience
from courses.intervals import Claim, Intervals, union

from . import stays
from .entering import network
from .models import AudienceSample, Broadcast, Stay

log = structlog.get_logger(__name__)

GAP = 75_000  # ms of silence after which a page is taken to be gone
EVERYWHERE = "*"  # instead of a network: all of them
PAGES = 40  # of one person in one broadcast that have a row of their own; all further ones share a row
KNOWN = 12 * 3_600_000  # ms for which a process remembers whose rows it has seen
REFUSED = 3_600_000  # ms after which a page that the database goes on refusing is given up
SOON = 1.0  # seconds after which it is written that somebody left
UNSAID = 2 * GAP  # ms after which a row that nobody wrote on tells that nobody is there
SPACE = UUID("6b1f5a0e-58a2-4b0c-9d5e-6a3c1d0f7e21")

PRESENT = Gauge("cqo_live_present", "Pages in rooms that this process hears of", multiprocess_mode="livesum")
UNWRITTEN = Gauge("cqo_live_stays_unwritten", "Pages of which something is not written", multiprocess_mode="livesum")
BEATS = Counter("cqo_live_presence_beats", "Signs of life of pages in rooms")
WRITTEN = Counter("cqo_live_stays_written", "Rows of stays written")
FAILED = Counter("cqo_live_stays_failed", "Rounds in which stays could not be written; they are tried again")


@dataclass(slots=True)
class Page:
    """One page in one room, and what of it is not written yet."""

    broadcast_id: int
    user_id: int | None
    came: int
    seen: int
    playing: bool = False
    hidden: bool = False
    muted: bool = False
    present: Intervals = field(default_factory=list)
    hidden_ms: int = 0
    muted_ms: int = 0
    left: bool = False
    written: bool = False
    refused_at: int | None = None  # when the database first did not take it
    late: bool = False  # could not be written in the last round
    replay: bool = False
    address: str | None = None
    device: str = ""


@dataclass(slots=True)
class Keys:
    """The rows of one person, or of one network's visitors, in one broadcast that this process knows of."""

    last: int
    rows: set[UUID] = field(default_factory=set)


class Roster:
    """The pages that one process hears of. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # one writer at a time, so that what could not be written comes back in order
        self._pages: dict[UUID, Page] = {}
        self._own: dict[tuple[int, int | str], Keys] = {}

    def beat(
        self,
        broadcast_id: int,
        user_id: int | None,
        key: UUID,
        *,
        playing: bool,
        hidden: bool = False,
        muted: bool = False,
        address: str | None = None,
        device: str = "",
        played: Claim = (),
        replay: bool = False,
        now: int | None = None,
    ) -> None:
        """`played`: when it played of late, as it says, in ages. Believed up to GAP, of a page unheard of."""
        at = stays.milliseconds(timezone.now()) if now is None else now
        BEATS.inc()
        with self._lock:
            row_key = self._row_key(broadcast_id, user_id, key, at, network(address))
            page = self._pages.get(row_key)
            if page is None:
                before = stays.told(played, at, GAP)
                came = before[0][0] if before else at
                page = self._pages[row_key] = Page(broadcast_id, user_id, came, at, present=before, replay=replay)
            _go_on(page, at)
            page.playing, page.hidden, page.muted = playing, hidden, muted
            page.left = page.written = False
            page.address, page.device = address or page.address, device[:200] or page.device

    def leave(self, broadcast_id: int, user_id: int | None, key: UUID, *, now: int | None = None) -> None:
        at = stays.milliseconds(timezone.now()) if now is None else now
        with self._lock:
            page = self._pages.get(self._row_key(broadcast_id, user_id, key, at, None))
            if page and not page.left:
                _go_on(page, at)
                page.left, page.playing, page.written = True, False, False

    def _row_key(self, broadcast_id: int, user_id: int | None, key: UUID, at: int, where: str | None) -> UUID:
        """Made from the person as well, so that a key that somebody else uses opens nothing.

        Nobody makes any number of rows: a person has PAGES, the visitors without an account of one network and those of
        a whole room have what the settings say, and all further pages share one.
        """
        found = uuid5(SPACE, f"{broadcast_id}:{user_id}:{key}")
        if user_id is not None:
            return found if self._has_row(broadcast_id, user_id, PAGES, found, at) else _more(broadcast_id, user_id)
        if where is None:  # who leaves makes no row
            return found
        of_network = self._has_row(broadcast_id, where, settings.LIVE_ROOM_VISITORS, found, at) if where else True
        if of_network and self._has_row(broadcast_id, EVERYWHERE, settings.LIVE_ROOM_PLACES, found, at):
            return found
        return _more(broadcast_id, None)

    def _has_row(self, broadcast_id: int, owner: int | str, most: int, row: UUID, at: int) -> bool:
        own = self._own.setdefault((broadcast_id, owner), Keys(at))
        own.last = at
        if row not in own.rows and len(own.rows) >= most:
            return False
        own.rows.add(row)
        return True

    def flush(self, *, now: int | None = None) -> int:
        """Write what is not written, and forget pages that are gone. Nothing is lost by an error."""
        at = stays.milliseconds(timezone.now()) if now is None else now
        with self._writing:
            heard = self._take()
            try:
                count = stays.write(heard)
            except stays.Unwritten as left:
                rest = [*left.refused, *left.waiting]
                self._taken(heard, but=rest)
                self._give_up(left.refused, at)
                self._give_back(rest)
                self._forget(at)
                FAILED.inc()
                raise
            self._taken(heard)
            self._forget(at)
            WRITTEN.inc(count)
            self._measure()
            return count

    def _take(self) -> list[stays.Heard]:
        with self._lock:
            heard = [_heard(key, page) for key, page in self._pages.items() if not page.written]
            for each in heard:
                page = self._pages[each.key]
                page.present, page.hidden_ms, page.muted_ms, page.written = [], 0, 0, True
            return heard

    def _taken(self, heard: Sequence[stays.Heard], *, but: Sequence[stays.Heard] = ()) -> None:
        """What went wrong with these before is over."""
        rest = {each.key for each in but}
        with self._lock:
            for each in heard:
                if each.key not in rest:
                    page = self._pages[each.key]
                    page.refused_at, page.late = None, False

    def _give_up(self, refused: Sequence[stays.Heard], at: int) -> None:
        """Of what the database refuses for an hour: one row must not hold up the others for ever."""
        with self._lock:
            for each in refused:
                page = self._pages[each.key]
                page.refused_at = at if page.refused_at is None else page.refused_at
                if at - page.refused_at >= REFUSED:
                    log.error("stay_given_up", broadcast=page.broadcast_id, person=page.user_id, present=each.present)
                    del self._pages[each.key]

    def _give_back(self, heard: list[stays.Heard]) -> None:
        with self._lock:
            for each in heard:
                page = self._pages.get(each.key)
                if page is None:
                    continue
                page.present = union(page.present, each.present)
                page.hidden_ms += each.hidden_ms
                page.muted_ms += each.muted_ms
                page.written, page.late = False, True

    def _forget(self, at: int) -> None:
        with self._lock:
            gone = [key for key, page in self._pages.items() if page.written and (page.left or at - page.seen > GAP)]
            for key in gone:
                del self._pages[key]
            self._own = {who: keys for who, keys in self._own.items() if at - keys.last < KNOWN}

    def _measure(self) -> None:
        with self._lock:
            PRESENT.set(sum(not page.left for page in self._pages.values()))
            UNWRITTEN.set(sum(not page.written for page in self._pages.values()))

    def someone_left(self) -> bool:
        """And is not written yet. What could not be written waits for the ordinary round."""
        with self._lock:
            return any(page.left and not page.written and not page.late for page in self._pages.values())

    def count(self, broadcast_id: int) -> tuple[int, int]:
        """People and pages without an account, as far as this process hears of them."""
        with self._lock:
            here = [page for page in self._pages.values() if page.broadcast_id == broadcast_id and not page.left]
        return len({page.user_id for page in here if page.user_id}), sum(page.user_id is None for page in here)

    def __len__(self) -> int:
        return len(self._pages)


def _more(broadcast_id: int, user_id: int | None) -> UUID:
    return uuid5(SPACE, f"{broadcast_id}:{user_id}:more")


def _go_on(page: Page, at: int) -> None:
    """What passed since the last word of this page."""
    passed = at - page.seen
    if 0 < passed <= GAP and page.playing:
        page.present = union(page.present, [[page.seen, at]])
        page.hidden_ms += passed if page.hidden else 0
        page.muted_ms += passed if page.muted else 0
    page.seen = max(page.seen, at)


def _heard(key: UUID, page: Page) -> stays.Heard:
    return stays.Heard(
        key=key,
        broadcast_id=page.broadcast_id,
        user_id=page.user_id,
        came=page.came,
        seen=page.seen,
        present=page.present,
        hidden_ms=page.hidden_ms,
        muted_ms=page.muted_ms,
        left=page.left,
        replay=page.replay,
        address=page.address,
        device=page.device,
    )


here = Roster()
_writer: threading.Thread | None = None
_starting = threading.Lock()


def beat(broadcast_id: int, user_id: int | None, key: UUID, **said: object) -> None:
    """A page is there. See Roster.beat; the process writes it down soon."""
    here.beat(broadcast_id, user_id, key, **said)  # type: ignore[arg-type]
    _begin_writing()


def leave(broadcast_id: int, user_id: int | None, key: UUID) -> None:
    """The page says that it goes, or its socket closed."""
    here.leave(broadcast_id, user_id, key)


def flush() -> int:
    """Write now: at the end of a broadcast, and when the process ends."""
    return here.flush()


def _begin_writing() -> None:
    global _writer
    if _writer is not None or not settings.PRESENCE_SECONDS:
        return
    with _starting:
        if _writer is None:
            _writer = threading.Thread(target=_write_on, name="presence", daemon=True)
            _writer.start()
            atexit.register(write_last)


def _write_on() -> None:
    waited, pause = 0.0, threading.Event()
    while True:
        pause.wait(SOON)
        waited += SOON
        if waited < settings.PRESENCE_SECONDS and not here.someone_left():
            continue
        waited = 0.0
        write_last()


def write_last() -> None:
    """Write now; what cannot be written stays for the next round, and is told to the log: the rounds go on."""
    try:
        here.flush()
    except Exception:
        log.exception("stays_unwritten", pages=len(here))
    finally:
        connection.close()


def sample() -> int:
    """The periodic duty: how many were in each room that is on air, once a minute. Says how many rooms."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    there = Q(stays__seen_at__gt=now - timedelta(milliseconds=UNSAID), stays__left_at=None)
    people = Count("stays__user", filter=there, distinct=True)
    anonymous = Count("stays", filter=there & Q(stays__user=None))
    rooms = Broadcast.objects.on_air().annotate(people=people, anonymous=anonymous)
    made = [
        AudienceSample(broadcast_id=pk, at=minute, people=people, anonymous=anonymous)
        for pk, people, anonymous in rooms.values_list("pk", "people", "anonymous")
    ]
    AudienceSample.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def there_now(broadcast: Broadcast, *, at: datetime | None = None) -> tuple[int, int]:
    """People, and pages without an account, as all processes wrote it."""
    since = (at or timezone.now()) - timedelta(milliseconds=UNSAID)
    rows = Stay.objects.filter(broadcast=broadcast, replay=False, left_at=None, seen_at__gt=since)
    found = rows.aggregate(people=Count("user", distinct=True), anonymous=Count("pk", filter=Q(user=None)))
    return found["people"], found["anonymous"]


def by_city() -> dict[str, int]:
    """People in rooms that are open, by city; who also watches a lesson is counted there."""
    since = timezone.now() - timedelta(milliseconds=UNSAID)
    rows = Stay.objects.filter(broadcast__in=Broadcast.objects.running(), replay=False, left_at=None, seen_at__gt=since)
    return audience.cities(rows.exclude(user=None).exclude(user__in=audience.here().values("user")))
