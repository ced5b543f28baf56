"""People agree to two texts, each in versions; a new version is asked for once, and consent can be taken back."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from .models import Consent, Terms, User

SOURCE_LANGUAGE = "zh-hans"


class AlreadyPublished(Exception):
    """A published version is never edited: publish the next one."""


@dataclass(frozen=True)
class Text:
    title: str
    body: str


def publish(*, kind: str, version: str, texts: dict[str, Text], at: datetime | None = None) -> list[Terms]:
    """Put a version into force in all its languages, now or `at` a later moment, from which on everybody is asked for
    consent at their next page. What is in force until then stays so.

    Publishing the same text again changes nothing. Raises AlreadyPublished when it differs.
    """
    with transaction.atomic():
        existing = list(Terms.objects.filter(kind=kind, version=version))
        if existing:
            if {row.language: row.sha256 for row in existing} != {lang: digest(text) for lang, text in texts.items()}:
                raise AlreadyPublished(version)
            return existing
        made = [
            Terms.objects.create(
                kind=kind,
                version=version,
                language=language,
                title=text.title,
                body=text.body,
                sha256=digest(text),
                published_at=at or timezone.now(),
            )
            for language, text in texts.items()
        ]
        ask_due()
    return made


def ask_due() -> int:
    """The periodic duty: everybody is asked for texts that have come into force. Says how many there were."""
    now = timezone.now()
    if not Terms.objects.filter(asked_at=None, published_at__lte=now).exists():
        return 0
    with transaction.atomic():
        asked = Terms.objects.filter(asked_at=None, published_at__lte=now).update(asked_at=now)
        User.objects.filter(agreement=User.Agreement.GIVEN).update(agreement=User.Agreement.DUE)
    return asked


def digest(text: Text) -> str:
    return hashlib.sha256(f"{text.title}\n{text.body}".encode()).hexdigest()


def in_force(language: str | None = None) -> list[Terms]:
    """One text of each kind in the reader's language, in Chinese where there is no translation."""
    preferred = [language or get_language(), SOURCE_LANGUAGE]
    found: dict[str, Terms] = {}
    for row in Terms.objects.in_force(timezone.now()):
        if row.language in preferred:
            best = found.get(row.kind)
            if best is None or preferred.index(row.language) < preferred.index(best.language):
                found[row.kind] = row
    return [found[kind] for kind in Terms.Kind.values if kind in found]


def text(kind: str, language: str | None = None) -> Terms | None:
    return next((row for row in in_force(language) if row.kind == kind), None)


def missing(user: User) -> list[Terms]:
    """The texts in force of which the person has agreed to no language."""
    given = set(Consent.objects.standing().filter(user=user).values_list("terms__kind", "version"))
    return [row for row in in_force() if (row.kind, row.version) not in given]


def give(user: User, terms: Iterable[Terms]) -> None:
    """Record agreement to these texts as they read. Agreeing twice is one row."""
    with transaction.atomic():
        for row in terms:
            Consent.objects.get_or_create(
                user=user, terms=row, withdrawn_at=None, defaults={"version": row.version, "sha256": row.sha256}
            )
        review(user)


def withdraw(user: User) -> int:
    """Take back every agreement. The rows stay as evidence of when it was given and taken back."""
    with transaction.atomic():
        taken = Consent.objects.standing().filter(user=user).update(withdrawn_at=timezone.now())
        _set(user, User.Agreement.WITHDRAWN)
    return taken


def review(user: User) -> str:
    """Bring the account's note on its agreement up to date with the rows, and return it."""
    if not missing(user):
        _set(user, User.Agreement.GIVEN)
    elif user.agreement == User.Agreement.GIVEN:
        _set(user, User.Agreement.DUE)
    return user.agreement


def _set(user: User, agreement: str) -> None:
    if user.agreement != agreement:
        user.agreement = agreement
        user.save(update_fields=["agreement"])
