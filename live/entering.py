"""Coming into a room: who may, as what, and what still holds for them there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import permissions, posting, rooms
from .models import Booking, Broadcast, Restriction, Stay

PLACE = "live.entering"
LONGEST_DAY = timedelta(hours=12)  # for which a page that was in keeps its place
UNHEARD = timedelta(seconds=150)  # after which nobody is taken to be there: live.presence

REASONS: dict[str, tuple[int, str | Promise]] = {
    "not_found": (404, _("There is no such broadcast.")),
    "sign_in": (401, _("Please sign in first.")),
    "forbidden": (403, _("This broadcast is for the learners of its course.")),
    "banned": (403, _("You have been removed from this room.")),
    "crowded": (503, _("Very many visitors without an account are here from your network. Sign in to come in.")),
    "full": (503, _("All places in this room are taken. The replay will be here after the end.")),
}


def network(address: str | None) -> str:
    """Whose an address is, as far as it tells: of the newer kind one customer has many."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


class Refused(Exception):
    """`code` is for machines, `message` for the person, in the language of the moment."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
        self.status = REASONS[code][0]

    @property
    def message(self) -> str:
        return str(REASONS[self.code][1])


@dataclass(frozen=True)
class Entry:
    """Somebody may come in. Without an account there is neither number nor name, and nothing to say."""

    broadcast_id: int
    user_id: int | None
    name: str
    role: str
    may_talk: bool
    muted_until: datetime | None = None
    muted: bool = False


def enter(uuid: UUID, user: User | AnonymousUser) -> Entry:
    """Raises Refused."""
    broadcast = Broadcast.objects.select_related("lesson").filter(uuid=uuid).first()
    if broadcast is None:
        raise Refused("not_found")
    known = user if isinstance(user, User) and user.is_active else None
    if not permissions.may_watch(user, broadcast):
        raise Refused("forbidden" if known else "sign_in")
    role = permissions.role(known, broadcast) if known else ""
    if not role:
        _find_place(broadcast, known)
    if known is None:
        return Entry(broadcast.pk, None, "", "", False)
    restriction = None if role else _restriction(broadcast, known)
    return Entry(
        broadcast.pk,
        known.pk,
        posting.shown_name(known),
        role,
        known.mobile_verified,
        restriction.until if restriction else None,
        restriction is not None,
    )


def shut(broadcast: Broadcast, user: User | AnonymousUser, place: str = "") -> Refused | None:
    """Why the room is closed to somebody who may watch. A public replay is a lesson of its own, open to all of them.

    `place` is what the page was given inside: see give_place.
    """
    if broadcast.reviewed_at is not None:
        return None
    known = user if isinstance(user, User) else None
    try:
        if known:
            _restriction(broadcast, known)
        if not broadcast.is_over and not _holds_place(broadcast, known, place):
            _find_place(broadcast, known)
    except Refused as refused:
        return None if permissions.may_moderate(user, broadcast) else refused
    return None


def give_place(entry: Entry) -> str:
    """Tells elsewhere that this page is in: a socket may be with another process, and a visitor has no account."""
    return signing.dumps([entry.broadcast_id, entry.user_id], salt=PLACE)


def _holds_place(broadcast: Broadcast, user: User | None, place: str) -> bool:
    try:
        mine = [broadcast.pk, user.pk if user else None]
        return bool(place) and signing.loads(place, salt=PLACE, max_age=LONGEST_DAY) == mine
    except signing.BadSignature:
        return False


def _restriction(broadcast: Broadcast, user: User) -> Restriction | None:
    found = list(Restriction.objects.at(timezone.now()).filter(broadcast=broadcast, user=user).order_by("pk"))
    if any(row.kind == Restriction.Kind.BAN for row in found):
        raise Refused("banned")
    return found[-1] if found else None


def _find_place(broadcast: Broadcast, user: User | None) -> None:
    """Raises Refused when all places are taken; those who have booked keep theirs, and nobody needs two."""
    most, taken = settings.LIVE_ROOM_PLACES, sum(rooms.count(broadcast.pk))
    if taken < (most if broadcast.capacity is None else min(most, broadcast.capacity)):
        return
    if user and (rooms.is_here(broadcast.pk, user.pk) or _was_there(broadcast, user)):
        return
    if user and taken < most and Booking.objects.standing().filter(broadcast=broadcast, user=user).exists():
        return
    raise Refused("full")


def _was_there(broadcast: Broadcast, user: User) -> bool:
    """With the room open in another process, or without its socket: as their signs of life were written last."""
    since = timezone.now() - UNHEARD
    stays = Stay.objects.filter(broadcast=broadcast, user=user, replay=False, left_at=None, seen_at__gt=since)
    return stays.exists()
