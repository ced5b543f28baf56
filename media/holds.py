"""Times at which preparing films waits: whoever needs the machine says so here, and says it again while it lasts.

An app above this one holds while its broadcast is on air; this one knows nothing of broadcasts.
"""

from datetime import timedelta

from django.db.models import Exists
from django.utils import timezone

from media.models import Hold, VideoQuerySet

SECONDS = 120.0


def hold(name: str, *, seconds: float = SECONDS, reason: str = "") -> None:
    """Let films wait for so many seconds from now, or longer when this is called again in time."""
    until = timezone.now() + timedelta(seconds=seconds)
    Hold.objects.update_or_create(name=name, defaults={"until": until, "reason": reason})


def release(name: str) -> None:
    """Films go on, as far as nobody else holds them."""
    Hold.objects.filter(name=name).delete()


def active() -> Hold | None:
    """The hold that lasts longest, if films have to wait now."""
    return Hold.objects.filter(until__gt=timezone.now()).first()


def mark(videos: VideoQuerySet) -> VideoQuerySet:
    """The same videos; each knows as `is_held` whether preparing waits now."""
    return videos.annotate(is_held=Exists(Hold.objects.filter(until__gt=timezone.now())))


def tidy() -> int:
    """Remove holds that ended by themselves; the number of them."""
    return Hold.objects.filter(until__lte=timezone.now()).delete()[0]
