"""Runs: who sends, what came in, and what that means for the state of the broadcast.

A run is one connection of one publisher. Its segments' rows are the truth of the recording; the encoder's own list is
only read to make them. All of this may be said twice and is done once.
"""

from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User
from media import holds

from . import indexes, space, states
from .models import Broadcast, Run, Segment

log = structlog.get_logger(__name__)
State = Broadcast.State
Closed = Run.Closed
HOLD_SECONDS = 120.0


class Refused(Exception):
    """The message says why, in the reader's language."""


class Busy(Refused):
    """Somebody is sending already."""

    def __str__(self):
        return str(_("Somebody is sending to this broadcast already. End that connection first."))


class Spoilt(Exception):
    """A piece of the recording is empty or missing: the disk is full, or the encoder broke."""


def folder(run: Run) -> Path:
    return Path(settings.LIVE_ROOT) / run.broadcast.name / run.folder


def start(broadcast: Broadcast, actor: User | None) -> Broadcast:
    """The trainer wants to be on air: from now on what comes in counts, and the first piece of it opens the broadcast.

    Raises states.Refused unless the room is open.
    """
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state not in (State.READY, *Broadcast.ON_AIR):
            if row.state != State.SCHEDULED:
                raise states.Refused(_("Only a broadcast whose room is open can go on air."))
            states.move(row, State.READY, actor=actor, reason="opened by going on air")
        if row.start_asked_at is None:
            row.start_asked_at, row.start_asked_by = timezone.now(), actor
            row.save(update_fields=["start_asked_at", "start_asked_by"])
    for field in ("state", "version", "start_asked_at", "start_asked_by"):
        setattr(broadcast, field, getattr(row, field))
    return broadcast


def stop(broadcast: Broadcast, actor: User | None, reason: str = "stopped by the trainer") -> Broadcast:
    """The lecture is over. The ingest process closes the line within two seconds. Raises states.Refused.

    Before the first piece it takes Start back: what was sent since then was a rehearsal.
    """
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state == State.READY and row.start_asked_at:
            row.start_asked_at = row.start_asked_by = None
            row.save(update_fields=["start_asked_at", "start_asked_by"])
            row.runs.open().update(rehearsal=True)
            broadcast.refresh_from_db(fields=["state", "version", "start_asked_at", "start_asked_by"])
            return broadcast
    return states.move(broadcast, State.ENDED, actor=actor, reason=reason)


def open_run(
    broadcast: Broadcast, source: str, *, rehearsal: bool, copied: bool = True, video_codec: str = "h264",
    width: int | None = None, height: int | None = None,
) -> Run:  # fmt: skip
    """A new run with its folder. What comes before Start is a rehearsal, whatever is said. Raises Busy."""
    try:
        with transaction.atomic():
            row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
            if row.state == State.SCHEDULED:
                states.move(row, State.READY, reason="a publisher connected")
            last = row.runs.order_by("-number").values_list("number", flat=True).first() or 0
            run = Run.objects.create(
                broadcast=row, number=last + 1, source=source, opened_at=timezone.now(), heard_at=timezone.now(),
                rehearsal=not row.is_on_air and (rehearsal or row.start_asked_at is None),
                copied=copied, video_codec=video_codec, width=width, height=height,
            )  # fmt: skip
    except IntegrityError as error:
        raise Busy from error
    folder(run).mkdir(parents=True, exist_ok=True)
    quieten(broadcast)
    log.info("run_opened", broadcast=str(broadcast.uuid), run=run.number, source=source, rehearsal=run.rehearsal)
    return run


def close_run(run: Run, reason: str, at: datetime | None = None) -> None:
    """Nothing more will come of this run. On air, the broadcast is interrupted, unless another run takes over."""
    closed = Run.objects.filter(pk=run.pk, closed_at=None).update(closed_at=at or timezone.now(), closed=reason)
    if not closed:
        return
    run.refresh_from_db(fields=["closed_at", "closed"])
    log.info("run_closed", broadcast=str(run.broadcast.uuid), run=run.number, reason=reason)
    if not run.rehearsal and reason != Closed.REPLACED:
        interrupt(run.broadcast, f"run {run.number}: {reason}")


def interrupt(broadcast: Broadcast, reason: str) -> bool:
    """From on air to interrupted; in any other state nothing happens, not even when it ends at this moment."""
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state != State.LIVE:
            return False
        states.move(row, State.INTERRUPTED, reason=reason)
    broadcast.refresh_from_db(fields=["state", "version", "interrupted_at"])
    return True


def segment_closed(
    run: Run, number: int, *, started_at: datetime, duration_ms: int, size: int, last: bool = False
) -> Segment:
    """Write down a complete piece. The first one after Start or after a break brings the broadcast on air.

    `last` is said of pieces that are left when a run closes: they change no state. Raises Spoilt for an empty one.
    """
    if not size or not duration_ms:
        raise Spoilt(f"run {run.number}, piece {number}: {size} bytes, {duration_ms} ms")
    with transaction.atomic():
        Broadcast.objects.select_for_update(of=("self",)).get(pk=run.broadcast_id)
        segment = Segment.objects.filter(run=run, number=number).first()
        if segment is None:
            segment = Segment.objects.create(
                run=run, broadcast_id=run.broadcast_id, number=number, started_at=started_at,
                duration_ms=duration_ms, bytes=size, **_place(run),
            )  # fmt: skip
    if not last and not run.rehearsal:
        _come_on_air(run)
    return segment


def _place(run):
    """The next number in the playlists, and the end of the recording so far."""
    every = Segment.objects.filter(broadcast_id=run.broadcast_id).order_by("-sequence")
    last, before = every.first(), every.filter(run__rehearsal=False).first()
    return {
        "sequence": last.sequence + 1 if last else 0,
        "begin_ms": before.begin_ms + before.duration_ms if before else 0,
    }


def _come_on_air(run):
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=run.broadcast_id)
        if row.state == State.READY and row.start_asked_at:
            states.move(row, State.LIVE, actor=row.start_asked_by, reason=f"run {run.number}: the first piece")
        elif row.state == State.INTERRUPTED:
            states.move(row, State.LIVE, reason=f"run {run.number}: the picture is back")


def catch_up(run: Run, *, last: bool = False) -> list[indexes.Piece]:
    """Write down what the encoder has finished since, and return it. Raises Spoilt."""
    known = run.segments.order_by("-number").first()
    fresh = indexes.pieces(folder(run), -1 if known is None else known.number)
    for piece in fresh:
        known = segment_closed(
            run,
            piece.number,
            started_at=_moment(run, known, piece),
            duration_ms=piece.duration_ms,
            size=piece.size,
            last=last,
        )
    return fresh


def _moment(run, before, piece):
    """When the first picture of a piece was sent, by this server's clock.

    The encoder's own times begin when it has understood what comes, up to two seconds late; what passes through here
    began with the run. A relay is fetched from when it is ready, so there the encoder knows better.
    """
    if run.source == Run.Source.RELAY:
        return piece.started_at
    if before is None:
        return run.opened_at if piece.number == 0 else piece.started_at
    return before.started_at + timedelta(milliseconds=before.duration_ms)


def disk_is_full() -> bool:
    return space.room().full


def heard(run: Run, **facts) -> None:
    """What the trainer sees about the line: kbps, keyframe_ms, received, heard_at, width, height."""
    Run.objects.filter(pk=run.pk).update(**facts)


def settled(broadcast: Broadcast) -> bool:
    """Whether the recording is complete: the broadcast is over and no run is open any more."""
    return broadcast.is_over and not broadcast.runs.open().exists()


def quieten(broadcast: Broadcast) -> None:
    """Films wait while somebody sends or the broadcast is on air; said again in time, it goes on."""
    holds.hold(_hold(broadcast), seconds=HOLD_SECONDS, reason=broadcast.title)


def follow(broadcast: Broadcast, before: str) -> None:
    """Films wait from the first moment on air, and go on with the end."""
    if broadcast.is_on_air:
        quieten(broadcast)
    elif broadcast.is_over:
        holds.release(_hold(broadcast))


def _hold(broadcast):
    return f"live {broadcast.name}"
