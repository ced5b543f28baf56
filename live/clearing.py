"""What a broadcast leaves on disk goes when nobody needs it any more: its film has a ladder of its own by then.

The rows of its pieces stay: they are the timeline on which presence and chat lie.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from media.models import Rendition, Video

from .models import Broadcast

log = structlog.get_logger(__name__)
WHOLE = "video/mp4"  # of an original that is one film; of another kind one is still to be made from the pieces


def clear_due() -> int:
    """The periodic duty. Says how many folders it removed."""
    root = Path(settings.LIVE_ROOT)
    names = [place.name for place in root.iterdir() if place.is_dir()] if root.exists() else []
    rows = Broadcast.objects.filter(
        Exists(Rendition.objects.filter(video=OuterRef("film"))),
        name__in=names, state=Broadcast.State.REPLAY, film__state=Video.State.READY, film__source__mime_type=WHOLE,
        reviewed_at__lte=timezone.now() - timedelta(hours=settings.LIVE_KEEP_HOURS),
    )  # fmt: skip
    return sum(_clear(row, root / row.name) for row in rows)


def _clear(broadcast: Broadcast, place: Path) -> int:
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    try:
        shutil.rmtree(place)
    except OSError:  # tried again by the next round
        log.exception("pieces_not_removed", broadcast=str(broadcast.uuid))
        return 0
    log.info("pieces_removed", broadcast=str(broadcast.uuid), bytes=size)
    return 1
