"""What opens the line for a trainer: the key of the encoder software, and the ticket of the browser studio.

A key is 128 bits of chance, kept as a hash, one a broadcast, valid from half an hour before until the end. It never
stands in a path: encoders are told the public name of the stream with the key as an argument behind it.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import parse_qs

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import permissions
from .models import Broadcast

State = Broadcast.State
EARLY = timedelta(minutes=30)
LATE = timedelta(hours=2)  # past the planned end, when a broadcast is ended by the school
TICKET_SECONDS = 900
SALT = "live.studio"


class Refused(Exception):
    """`message` says why, in the reader's language."""

    message = _("This key opens no broadcast. Please copy server and key from the studio page once more.")

    def __str__(self):
        return str(self.message)


class Wrong(Refused):
    """Unknown, replaced by a newer one, or of another broadcast."""


class TooEarly(Refused):
    message = _("This broadcast can be joined with an encoder from half an hour before it begins.")


class Over(Refused):
    message = _("This broadcast is over; its key is no longer valid.")


class Stopped(Refused):
    message = _("The bureau stopped this broadcast; its key is no longer valid.")


def issue(broadcast: Broadcast, by: User | None = None) -> str:
    """A new key, to be shown once; the one before it is no longer valid, and who sends with it is hung up on."""
    key = secrets.token_hex(16)
    _keep(broadcast, _hashed(key), by)
    return key


def withdraw(broadcast: Broadcast) -> None:
    """No key opens the broadcast any more, until somebody makes a new one."""
    _keep(broadcast, "", None)


def _keep(broadcast: Broadcast, hashed: str, by: User | None) -> None:
    broadcast.key_hash, broadcast.key_made_at, broadcast.key_made_by = hashed, timezone.now(), by
    broadcast.save(update_fields=["key_hash", "key_made_at", "key_made_by"])


def may_go_on(broadcast: Broadcast, *, user_id: int | None, key_hash: str) -> bool:
    """Whether who sends may still do so: a person while they host, an encoder while its key stands."""
    if user_id is None:
        return compare_digest(broadcast.key_hash, key_hash)
    user = User.objects.filter(pk=user_id).first()
    return user is not None and permissions.may_host(user, broadcast)


def matches(broadcast: Broadcast, key: str) -> bool:
    return bool(broadcast.key_hash) and compare_digest(broadcast.key_hash, _hashed(key))


def server() -> str:
    """The address that encoder software calls “server”."""
    return settings.RTMP_URL


def stream(broadcast: Broadcast, key: str) -> str:
    """What encoder software calls “stream key”."""
    return f"{broadcast.name}?key={key}"


def split(stream_key: str) -> tuple[str, str]:
    """The public name and the key of what an encoder sent."""
    name, _mark, arguments = stream_key.partition("?")
    return name, (parse_qs(arguments).get("key") or [""])[-1]


def admit(name: str, key: str) -> Broadcast:
    """The broadcast that this encoder may feed now. Raises Refused."""
    broadcast = Broadcast.objects.filter(name=name).first()
    if broadcast is None or not matches(broadcast, key):
        raise Wrong
    check_time(broadcast)
    return broadcast


def check_time(broadcast: Broadcast) -> None:
    """Whether somebody with the right key or ticket may send now. Raises Refused."""
    now = timezone.now()
    if broadcast.state == State.BLOCKED:
        raise Stopped
    if broadcast.is_over or (not broadcast.is_on_air and now > broadcast.planned_end + LATE):
        raise Over
    if broadcast.state == State.DRAFT or (broadcast.state == State.SCHEDULED and now < broadcast.starts_at - EARLY):
        raise TooEarly


def ticket(broadcast: Broadcast, user: User) -> str:
    """Lets this person's studio in for a quarter of an hour; the studio is handed a fresh one while it sends."""
    return signing.dumps([broadcast.pk, user.pk], salt=SALT)


def read_ticket(text: str, uuid: str) -> tuple[Broadcast, User]:
    """Raises Refused, also when the ticket is of another broadcast the account was closed, or hosts no more."""
    try:
        broadcast_id, user_id = signing.loads(text, salt=SALT, max_age=TICKET_SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Wrong from error
    broadcast = Broadcast.objects.filter(pk=broadcast_id, uuid=uuid).first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if broadcast is None or user is None or not permissions.may_host(user, broadcast):
        raise Wrong
    check_time(broadcast)
    return broadcast, user


def _hashed(key):
    return sha256(key.encode()).hexdigest()
