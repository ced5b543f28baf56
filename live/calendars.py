"""Broadcasts as a calendar (RFC 5545): one event a broadcast, under the same UID whatever happens to it.

A calendar that subscribed fetches the feed again and finds the event moved (a higher SEQUENCE) or cancelled. The
personal feed carries a token of the account in its address, because calendar programs send no cookie; the token ends
with the password that it was made under.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.html import strip_tags

from lms.models import User

from .models import Booking, Broadcast
from .models.broadcast import BroadcastQuerySet

SALT = "live.calendars"
WIDTH = 75  # octets of a line
ALARM = "-PT15M"
CONFIRMED, CANCELLED = "CONFIRMED", "CANCELLED"


def feed(broadcasts: Iterable[Broadcast], *, name: str, site: str) -> bytes:
    """The calendar of those broadcasts. `site` is scheme and host of the school's pages."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//cqo-school//live//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    for broadcast in broadcasts:
        lines += _event(broadcast, site)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(broadcast: Broadcast, site: str) -> list[str]:
    url = f"{site}/live/{broadcast.uuid}/"
    off = broadcast.state in (Broadcast.State.CANCELLED, Broadcast.State.BLOCKED)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid(broadcast)}",
        f"SEQUENCE:{broadcast.version}",
        f"DTSTAMP:{_utc(timezone.now())}",
        f"DTSTART:{_utc(broadcast.starts_at)}",
        f"DTEND:{_utc(broadcast.planned_end)}",
        f"SUMMARY:{_text(broadcast.shown_title)}",
        f"DESCRIPTION:{_text(strip_tags(broadcast.shown_summary))}",
        f"LOCATION:{_text(url)}",
        f"URL:{url}",
        f"STATUS:{CANCELLED if off else CONFIRMED}",
    ]
    if not off:
        lines += [
            "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(broadcast.shown_title)}", f"TRIGGER:{ALARM}",
            "END:VALARM",
        ]  # fmt: skip
    return [*lines, "END:VEVENT"]


def uid(broadcast: Broadcast) -> str:
    """Never changes: by it a calendar knows the event again."""
    return f"{broadcast.uuid}@live.cqo-school"


def public() -> list[Broadcast]:
    """What everybody may subscribe to: what is announced and what was called off lately."""
    return _recent(Broadcast.objects.announced())


def personal(user: User) -> list[Broadcast]:
    """What the person booked; a cancelled broadcast stays in it, marked."""
    booked = Booking.objects.standing().filter(user=user).values("broadcast")
    return _recent(Broadcast.objects.exclude(state=Broadcast.State.DRAFT).filter(pk__in=booked))


def _recent(rows: BroadcastQuerySet) -> list[Broadcast]:
    since = timezone.now() - timedelta(days=60)
    return list(rows.filter(starts_at__gte=since).order_by("starts_at", "pk"))


def token(user: User) -> str:
    return signing.dumps({"u": str(user.uuid), "k": _stamp(user)}, salt=SALT, compress=False)


def holder(given: str) -> User | None:
    """Whose token it is; None for a forged one, and after the password was changed or the account was closed."""
    try:
        said = signing.loads(given, salt=SALT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(uuid=said["u"], is_active=True).first()
    return user if user and said["k"] == _stamp(user) else None


def _stamp(user: User) -> str:
    return sha256(f"{settings.SECRET_KEY}{user.password}".encode()).hexdigest()[:12]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Escaped as RFC 5545 3.3.11 asks; control characters have no place in it."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        value = value.replace(plain, escaped)
    return "".join(sign for sign in value if sign == "\t" or sign >= " ")


def _folded(line: str) -> bytes:
    """Lines of 75 octets at most, never through the middle of a character."""
    parts, part, room = [], b"", WIDTH
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > room:
            parts.append(part)
            part, room = b"", WIDTH - 1
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
