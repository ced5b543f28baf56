"""How long what was said is kept: for its term, and then no longer, without anybody having to think of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import Ballot, Broadcast, Complaint, Deed, Message, Poll, Restriction, Vote

AT_ONCE = 5_000  # rows of a transaction
log = structlog.get_logger(__name__)
STILL_OPEN = [Broadcast.State.READY, *Broadcast.ON_AIR]


@dataclass(frozen=True)
class Purged:
    """Rows that are gone, by what they were."""

    messages: int
    deeds: int
    restrictions: int
    ballots: int
    before: datetime

    def __str__(self) -> str:
        day = timezone.localtime(self.before).date()
        return (
            f"before {day}: {self.messages} messages, {self.deeds} acts of moderation, "
            f"{self.restrictions} restrictions, {self.ballots} ballots"
        )


def term(now: datetime | None = None) -> datetime:
    return (now or timezone.now()) - timedelta(days=settings.CHAT_KEEP_DAYS)


def purge(*, dry: bool = False, now: datetime | None = None) -> Purged:
    """What is older than the term, but of rooms that are open. Results of polls stay, as sums without names."""
    before = term(now)
    messages = Message.objects.filter(at__lt=before).exclude(broadcast__state__in=STILL_OPEN)
    deeds = Deed.objects.filter(at__lt=before).exclude(broadcast__state__in=STILL_OPEN)
    restrictions = Restriction.objects.filter(made_at__lt=before).exclude(broadcast__state__in=STILL_OPEN)
    ballots = Ballot.objects.filter(at__lt=before, poll__in=Poll.objects.exclude(closed_at=None))
    counts = [rows.count() if dry else _remove(rows) for rows in (messages, deeds, restrictions, ballots)]
    found = Purged(counts[0], counts[1], counts[2], counts[3], before)
    if not dry and any(counts):
        log.info("chat_purged", messages=counts[0], deeds=counts[1], restrictions=counts[2], ballots=counts[3])
    return found


def purge_due() -> str:
    """The periodic duty: at most so many rows of each at a time, until nothing is left to do."""
    return str(purge())


def _remove(rows) -> int:  # type: ignore[no-untyped-def]
    """The number of rows asked for, without what hangs on them."""
    numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if numbers:
        with transaction.atomic():
            if rows.model is Message:
                Vote.objects.filter(message__in=numbers).delete()
                Complaint.objects.filter(message__in=numbers).delete()
            rows.model.objects.filter(pk__in=numbers).delete()
    return len(numbers)
