"""Whether people who have a connection open are still signed in: many of them in two queries."""

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from .models import User


def valid(keys: Iterable[str]) -> set[str]:
    """Those of the session keys with which somebody is signed in now.

    Not after signing out, the end of the session, a change of password elsewhere, blocking, or withdrawing consent.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    people = User.objects.filter(is_active=True).exclude(agreement=User.Agreement.WITHDRAWN)
    found = people.in_bulk({data[SESSION_KEY] for data in sessions.values() if SESSION_KEY in data})
    return {key for key, data in sessions.items() if _belongs(data, found.get(int(data.get(SESSION_KEY, 0))))}


def may_stay(session: SessionBase, user: User) -> bool:
    """Whether somebody who has just been recognised may open a connection."""
    return bool(session.session_key) and user.is_authenticated and user.agreement != User.Agreement.WITHDRAWN


def _belongs(data: dict[str, str], user: User | None) -> bool:
    if user is None:
        return False
    given = data.get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(given, each) for each in hashes)
