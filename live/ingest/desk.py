"""Who sends what in this process: admits publishers, keeps one a broadcast, and looks after them each second."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable

import structlog
from django.utils.translation import gettext_lazy as _

from live import keys, reconciling, runs, space
from live.models import Broadcast, Run

from .database import ask
from .encoder import Source
from .sessions import Session, open_session

log = structlog.get_logger(__name__)
State, Closed = Broadcast.State, Run.Closed
NO_PIECE = 10.0  # seconds after which a broadcast counts as interrupted, though the line may be up
STALE = 5.0  # seconds of silence after which a publisher makes room for another one
DEATHS, WITHIN, REST = 3, 60.0, 60.0
RECONCILE_EVERY = 30  # seconds


class FullDisk(runs.Refused):
    def __str__(self):
        return str(_("The school's disk is full. Nothing can be recorded, so nothing can be sent."))


class Unreadable(runs.Refused):
    def __str__(self):
        return str(_("What was sent could not be read three times in a minute. Please check the encoder's settings."))


class Desk:
    def __init__(self) -> None:
        self.sessions: dict[int, Session] = {}
        self.locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.deaths: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS))
        self.stopping = False

    async def open(
        self, broadcast: Broadcast, run_source: str, source: Source, *, hang_up: Callable[[str], None],
        rehearsal: bool = False, user_id: int | None = None, **facts,
    ) -> Session:  # fmt: skip
        """A session for a publisher whose key or ticket was right. Raises runs.Refused."""
        async with self.locks[broadcast.pk]:
            self._check_rest(broadcast)
            if (await asyncio.to_thread(space.room)).full:
                raise FullDisk
            await self._make_room(broadcast, user_id)
            session = await open_session(
                broadcast, run_source, source, rehearsal=rehearsal, user_id=user_id, key_hash=broadcast.key_hash,
                hang_up=hang_up, **facts,
            )  # fmt: skip
            self.sessions[broadcast.pk] = session
            return session

    async def _make_room(self, broadcast, user_id):
        """The newest studio of the same person wins; of others only one that has fallen silent makes room."""
        old = self.sessions.get(broadcast.pk)
        if old is None or old.done.is_set():
            return
        same = user_id is not None and old.user_id == user_id
        if not same and not old.closing and old.silence < STALE:
            raise runs.Busy
        await self.close(old, Closed.REPLACED)

    def _check_rest(self, broadcast):
        died = self.deaths[broadcast.pk]
        now = time.monotonic()
        if len(died) == DEATHS and died[-1] - died[0] < WITHIN and now - died[-1] < REST:
            raise Unreadable

    async def renew(self, session: Session, *, copied: bool) -> Session:
        """A new run from the same publisher: after Start, or because its picture must be encoded here."""
        broadcast = session.run.broadcast
        async with self.locks[broadcast.pk]:
            hang_up, session.hang_up = session.hang_up, lambda reason: None
            await self.close(session, Closed.REPLACED)
            source = Source(session.source.form, copied, session.source.address)
            fresh = await open_session(
                broadcast, session.run.source, source, rehearsal=False, user_id=session.user_id,
                key_hash=session.key_hash, hang_up=hang_up, video_codec=session.run.video_codec,
            )  # fmt: skip
            self.sessions[broadcast.pk] = fresh
            return fresh

    async def close(self, session: Session, reason: str) -> None:
        await session.close(reason)
        if self.sessions.get(session.broadcast_id) is session:
            del self.sessions[session.broadcast_id]
            if session.closing == Closed.ENCODER:  # whoever else closes it does not count its death again
                self._died(session)

    def _died(self, session):
        died = self.deaths[session.broadcast_id]
        died.append(time.monotonic())
        if len(died) == DEATHS and died[-1] - died[0] < WITHIN:
            log.error(
                "encoder_keeps_ending", broadcast=str(session.run.broadcast.uuid), said=session.encoder.said[-500:]
            )

    async def run(self) -> None:
        """Once a second, until told to stop: states and silence; every half minute what is left behind."""
        await self._ask(reconciling.after_restart)
        second = 0
        while not self.stopping:
            await asyncio.sleep(1)
            second += 1
            try:
                await self._look(second)
            except Exception:
                log.exception("desk_stumbled")  # whatever it was, publishers go on, and the next second is another try

    async def _look(self, second):
        for session in [each for each in self.sessions.values() if each.done.is_set()]:
            await self.close(session, session.closing)
        if self.sessions:
            await self._follow_states()
            await self._miss_pieces()
        if second % RECONCILE_EVERY == 0:
            await self._ask(reconciling.reconcile)

    async def _follow_states(self):
        """A broadcast that was stopped, ended or started elsewhere: its publisher hears of it here."""
        sending = list(self.sessions.values())
        facts, open_runs = await ask(_facts, {each.broadcast_id: (each.user_id, each.key_hash) for each in sending})
        for session in sending:
            state, asked, may_go_on = facts[session.broadcast_id]
            if state == State.BLOCKED:
                await self.close(session, Closed.KILLED)
            elif state in Broadcast.OVER:
                await self.close(session, Closed.STOPPED)
            elif not may_go_on:
                await self.close(session, Closed.REVOKED)
            elif not (asked or session.run.rehearsal or state in Broadcast.ON_AIR):
                await self.close(session, Closed.STOPPED)  # Start was taken back
            elif session.run.pk not in open_runs:
                await self.close(session, Closed.NETWORK)  # somebody took us for dead; the publisher comes back
            elif asked and session.run.rehearsal and not session.closing:
                session.renew = True
                if session.source.address:
                    await self.renew(session, copied=True)

    async def _miss_pieces(self):
        for session in list(self.sessions.values()):
            if (
                time.monotonic() - session.last_piece > NO_PIECE
                and not session.run.rehearsal
                and not session.interrupted
            ):
                session.interrupted = True
                await ask(runs.interrupt, session.run.broadcast, f"run {session.run.number}: no picture for 10 s")

    async def _close_all(self, reason):
        await asyncio.gather(*(self.close(session, reason) for session in list(self.sessions.values())))

    async def stop(self) -> None:
        """The process ends: the last pieces are finished and written down."""
        self.stopping = True
        await self._close_all(Closed.RESTART)

    async def _ask(self, duty):
        try:
            await ask(duty)
        except Exception:
            log.exception("duty_failed", duty=duty.__qualname__)

    async def note(self, session: Session, codec: str, *, picture: bool) -> None:
        """What the publisher sent, for the words on the trainer's page."""
        await ask(runs.heard, session.run, **{"video_codec" if picture else "audio_codec": codec[:16]})

    async def admit(self, stream_key: str) -> Broadcast:
        """Raises keys.Refused."""
        return await ask(keys.admit, *keys.split(stream_key))


def _facts(senders):
    """State, Start and whether who sends may go on, by broadcast; and the runs that are open."""
    facts = {}
    for pk, row in Broadcast.objects.in_bulk(list(senders)).items():
        user_id, key_hash = senders[pk]
        facts[pk] = row.state, row.start_asked_at, keys.may_go_on(row, user_id=user_id, key_hash=key_hash)
    return facts, set(Run.objects.open().filter(broadcast__in=senders).values_list("pk", flat=True))
