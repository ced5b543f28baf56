"""Room on the disk that broadcasts are kept on. A full disk is silent: encoders go on and write empty pieces."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from .models import Broadcast

BYTES_A_SECOND = 2_500_000 // 8  # of a picture as trainers are told to send it
MARGIN = 1.3
BARE = 1_000_000  # bytes; with less nothing is written any more, whatever the settings allow


@dataclass(frozen=True)
class Room:
    """`full`: a run ends or does not begin. `tight`: it may not last until the planned end."""

    free: int
    needed: int
    tight: bool
    full: bool


def room(broadcast: Broadcast | None = None) -> Room:
    """What is free, and whether that is enough for the rest of this broadcast."""
    free = shutil.disk_usage(_place()).free
    needed = settings.LIVE_WARN_BYTES + (round(_seconds_left(broadcast) * BYTES_A_SECOND * MARGIN) if broadcast else 0)
    tight = bool(settings.LIVE_WARN_BYTES) and free < needed
    return Room(free, needed, tight, free < max(settings.LIVE_RESERVE_BYTES, BARE))


def _seconds_left(broadcast):
    left = broadcast.planned_end - max(timezone.now(), broadcast.starts_at)
    return max(left, timedelta()).total_seconds()


def _place():
    place = Path(settings.LIVE_ROOT)
    while not place.exists():
        place = place.parent
    return place
