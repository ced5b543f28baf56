"""Setting right what a killed process left behind, and ending what nobody ends. May be done at any time, by anybody."""

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone

from . import keys, pids, runs, states
from .models import Broadcast, Run

log = structlog.get_logger(__name__)
State = Broadcast.State
DEAF = timedelta(seconds=30)  # a run whose ingest process said nothing for so long is nobody's
WAITS = timedelta(minutes=15)  # interrupted past the planned end


def after_restart() -> int:
    """The ingest process begins: whatever is open belonged to the one before it. How many runs were closed."""
    return sum(_close(run) for run in Run.objects.open().select_related("broadcast")) + reconcile()


def reconcile() -> int:
    """Close runs that nobody feeds, interrupt what has no run, end what is past its time; how much was done."""
    now = timezone.now()
    left = Run.objects.open().select_related("broadcast").filter(Q(heard_at=None) | Q(heard_at__lt=now - DEAF))
    done = sum(_close(run) for run in left)
    for broadcast in Broadcast.objects.on_air():
        if broadcast.state == State.LIVE and not broadcast.runs.open().exists():
            done += runs.interrupt(broadcast, "no run is open")
        done += _end_late(broadcast, now)
        if broadcast.is_on_air:
            runs.quieten(broadcast)
    return done


def _close(run):
    """End its encoder if that still lives, write down the pieces on disk, close it."""
    if run.pid:
        pids.end(run.pid, run.pid_started)
    try:
        found = len(runs.catch_up(run, last=True))
    except runs.Spoilt as spoilt:
        found = 0
        log.error("piece_spoilt", run=run.pk, what=str(spoilt))
    log.warning("run_left_behind", run=run.pk, pieces=found)
    runs.close_run(run, Run.Closed.RESTART)
    return True


def _end_late(broadcast, now):
    """Only past the planned end: a pause in the middle never ends a broadcast by itself."""
    if now > broadcast.planned_end + keys.LATE:
        reason = "two hours past the planned end"
    elif broadcast.interrupted_at and now > max(broadcast.interrupted_at, broadcast.planned_end) + WAITS:
        reason = "interrupted for fifteen minutes past the planned end"
    else:
        return False
    states.move(broadcast, State.ENDED, reason=reason)
    return True
