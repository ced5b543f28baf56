"""The states of a broadcast and how one leads to another. Each change is one row that says who, when and why.

    draft → scheduled → ready → live ⇄ interrupted → ended → processing → replay

besides: cancelled (before it began), blocked (at any time, by an officer), replay_failed, and from an end back to live
within half an hour of a wrong click, until the replay is public or attendance is settled. A change is compare-and-set:
of two at once one happens, and the other one is refused or, when it wants the same, has already come true.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User

from .models import Broadcast, Transition

log = structlog.get_logger(__name__)
State = Broadcast.State
REOPEN = timedelta(minutes=30)
MOVED = (
    "state", "version", "started_at", "interrupted_at", "ended_at", "start_asked_at", "start_asked_by_id",
    "cut_from_ms", "cut_to_ms",
)  # fmt: skip

WAYS: dict[str, set[str]] = {
    State.DRAFT: {State.SCHEDULED, State.CANCELLED},
    State.SCHEDULED: {State.READY, State.DRAFT, State.CANCELLED, State.BLOCKED},
    State.READY: {State.LIVE, State.SCHEDULED, State.CANCELLED, State.BLOCKED},
    State.LIVE: {State.INTERRUPTED, State.ENDED, State.BLOCKED},
    State.INTERRUPTED: {State.LIVE, State.ENDED, State.BLOCKED},
    State.ENDED: {State.LIVE, State.INTERRUPTED, State.PROCESSING, State.BLOCKED},
    State.PROCESSING: {State.REPLAY, State.REPLAY_FAILED, State.BLOCKED},
    State.REPLAY: {State.LIVE, State.INTERRUPTED, State.PROCESSING, State.BLOCKED},
    State.REPLAY_FAILED: {State.LIVE, State.INTERRUPTED, State.PROCESSING, State.BLOCKED},
    State.CANCELLED: set(),
    State.BLOCKED: {State.ENDED, State.REPLAY},
}

# Called within the transaction of a change, with the broadcast as it is now and the state before.
# An app's modules join when the app starts: attendance, recordings, reminders.
followers: list[Callable[[Broadcast, str], None]] = []


class Refused(Exception):
    """The message says why, in the reader's language."""


def move(
    broadcast: Broadcast, to: str, *, reason: str, actor: User | None = None, at: datetime | None = None
) -> Broadcast:
    """Bring the broadcast into that state; being there already is no error. The row given is brought up to date.

    Raises Refused when no way leads there from the state it is in now.
    """
    now = at or timezone.now()
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        before = row.state
        if before != to:
            _change(row, to, now)
            Transition.objects.create(broadcast=row, before=before, after=to, actor=actor, reason=reason[:200], at=now)
            for follow in followers:
                follow(row, before)
            log.info("broadcast_moved", broadcast=str(row.uuid), before=before, after=to, reason=reason)
    for field in MOVED:
        setattr(broadcast, field, getattr(row, field))
    return broadcast


def _change(row: Broadcast, to: str, now: datetime) -> None:
    if to not in WAYS[row.state]:
        raise Refused(
            _("This cannot be done while the broadcast is in the state “%(state)s”.")
            % {"state": row.get_state_display()}
        )
    if row.is_over and to in Broadcast.ON_AIR:
        if not _is_fresh(row, now):
            raise Refused(
                _("A broadcast can be taken up again within half an hour of its end, until its replay is public.")
            )
        row.cut_from_ms, row.cut_to_ms = 0, None  # the cut was of a recording that goes on now
    if to == State.SCHEDULED:
        row.start_asked_at = row.start_asked_by = None  # a Start that led nowhere is not one for another day
    row.state = to
    row.version += 1
    if to == State.LIVE:
        row.started_at = row.started_at or now
        row.ended_at = None
    row.interrupted_at = now if to == State.INTERRUPTED else None
    if to in (State.ENDED, State.BLOCKED) and row.ended_at is None:
        row.ended_at = now
    row.save(update_fields=MOVED)


def can_be_taken_up(broadcast: Broadcast) -> bool:
    """Whether a wrong click can still be taken back."""
    return broadcast.is_over and State.LIVE in WAYS[broadcast.state] and _is_fresh(broadcast, timezone.now())


def _is_fresh(row: Broadcast, now: datetime) -> bool:
    """A replay that nobody has been shown may go; presence that was settled may not."""
    if row.reviewed_at or row.settled_at:
        return False
    return row.ended_at is not None and now - row.ended_at <= REOPEN
