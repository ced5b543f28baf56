"""Keys of other systems: shown once, kept as a hash, with a limit of time and of what they may read."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import trail
from .models import ApiToken, Region, User

BEGINS = "cqo_"
SHOWN = 12  # characters by which people tell tokens apart
NOTED = timedelta(minutes=1)  # a use within a minute of the last is not written down


class Refused(Exception):
    """`code` for machines, the message for people."""

    def __init__(self, code: str, message: str):
        self.code = code
        super().__init__(message)


def issue(
    *, name: str, scopes: Iterable[str], by: User, region: Region | None = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """The row, and the token itself, which nobody can read again."""
    text = BEGINS + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name,
            prefix=text[:SHOWN],
            digest=_digest(text),
            scopes=sorted(set(scopes)),
            region=region,
            created_by=by,
            expires_at=expires_at,
        )
        details = {"scopes": token.scopes, "region": region.code if region else "", "expires_at": str(expires_at or "")}
        trail.note(trail.Verb.TOKEN_ISSUED, author=by, subject=str(token), **details)
    return token, text


def revoke(token: ApiToken, *, by: User) -> ApiToken:
    """From the next call on. A second time changes nothing."""
    with transaction.atomic():
        row = ApiToken.objects.select_for_update().get(pk=token.pk)
        if row.revoked_at is None:
            row.revoked_at = timezone.now()
            row.save(update_fields=["revoked_at"])
            trail.note(trail.Verb.TOKEN_REVOKED, author=by, subject=str(row))
    return row


def check(text: str, scope: str) -> ApiToken:
    """The token, if it may do that now. Raises Refused; wrong, expired and revoked sound the same."""
    token = ApiToken.objects.usable().select_related("region").filter(digest=_digest(text)).first()
    if token is None:
        raise Refused("bad_token", _("This token is not known, has expired or was revoked."))
    if scope not in token.scopes:
        raise Refused("scope", _("This token may not do that: it lacks the scope %(scope)s.") % {"scope": scope})
    now = timezone.now()
    if token.used_at is None or now - token.used_at > NOTED:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


def _digest(text: str) -> str:
    """Tokens are long and random, so a fast hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()
