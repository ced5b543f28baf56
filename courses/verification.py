"""What a stranger may learn about a certificate, with its token or with its number and the holder's name."""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lms.masking import MIDDLE_DOTS, masked

from . import attestation, numbering
from .models import Certificate, CertificateEvent

# Failures alone count, so that an office behind one address may verify as many certificates as it likes.
WINDOW = 600
FAILURES_PER_NUMBER, FAILURES_PER_SOURCE = 5, 100

Comparison = Literal["same", "earlier", "different", "unknown"]


class TooMany(Exception):
    """Too many wrong answers from one place; `seconds` is how long to wait."""

    def __init__(self, seconds: int):
        self.seconds = seconds
        super().__init__(f"try again in {seconds} s")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A certificate as strangers see it, in both languages. `reason` is why it was revoked or replaced."""

    status: str
    checked_at: datetime
    number: str
    title: str
    title_en: str
    name: str
    programme: str
    programme_en: str
    hours: str
    result: str
    result_en: str
    period: tuple[date, date]
    issuers: tuple[str, ...]
    issuers_en: tuple[str, ...]
    issued_on: date
    expires_on: date | None
    revoked_on: date | None
    replaced_on: date | None
    reason: str
    sha256: str
    successor: Certificate | None
    renewal: Certificate | None
    current: Certificate | None  # the last of those that followed it


def by_token(token: str) -> Certificate | None:
    return Certificate.objects.told().filter(token=token).first()


def by_number(number: str, *, name: str, source: str) -> Certificate | None:
    """The certificate of that number if the name is its holder's. A wrong name and a number that does not exist
    are one answer. `source` is where the question comes from; raises TooMany after many wrong answers."""
    key = numbering.fold(number)[:40]
    _refuse_guessing(source, key)
    found = Certificate.objects.told().filter(number_key=key).first()
    if found and _comparable(found.snapshot["name"]) == _comparable(name):
        return found
    _count_failure(source, key)
    return None


def verdict(certificate: Certificate) -> Verdict:
    told: attestation.Snapshot = certificate.snapshot
    successor = certificate.superseded_by
    return Verdict(
        status=certificate.status.value,
        checked_at=timezone.now(),
        number=certificate.number,
        title=told["title"],
        title_en=told["title_en"],
        name=told["name"] if certificate.shows_name and certificate.user_id else masked(told["name"]),
        programme=told["programme"],
        programme_en=told["programme_en"],
        hours=attestation.counted(told["hours"]),
        result=told["result"],
        result_en=told["result_en"],
        period=(date.fromisoformat(told["period"][0]), date.fromisoformat(told["period"][1])),
        issuers=tuple(told["issuers"]),
        issuers_en=tuple(told["issuers_en"]),
        issued_on=timezone.localdate(certificate.issued_at),
        expires_on=certificate.expires_on,
        revoked_on=timezone.localdate(certificate.revoked_at) if certificate.revoked_at else None,
        replaced_on=timezone.localdate(successor.issued_at) if successor else None,
        reason=certificate.reason,
        sha256=certificate.sha256,
        successor=successor,
        renewal=certificate.renewed_by,
        current=_last_of_line(certificate),
    )


def _last_of_line(certificate: Certificate) -> Certificate | None:
    """Where corrections lead, and renewals of what has expired, one by one; none if nothing took its place."""
    last = certificate
    while following := _following(last):
        last = Certificate.objects.told().get(pk=following.pk)
    return None if last is certificate else last


def _following(certificate: Certificate) -> Certificate | None:
    if certificate.status == Certificate.Status.EXPIRED:
        return certificate.renewed_by
    return certificate.superseded_by if certificate.status == Certificate.Status.SUPERSEDED else None


def document(told: Verdict) -> dict:
    """The verdict for machines: dates as ISO texts, the Chinese and the English words side by side."""
    plain = {field.name: getattr(told, field.name) for field in fields(told)}
    linked = {name: _pointer(plain.pop(name)) for name in ("successor", "renewal", "current")}
    return {**{name: _plain(value) for name, value in plain.items()}, **linked}


def compare(certificate: Certificate, chunks: Iterable[bytes]) -> Comparison:
    """Whether these bytes are the certificate's file: as it is now, as it was printed before, or neither."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    found = digest.hexdigest()
    if found == certificate.sha256:
        return "same"
    if CertificateEvent.objects.filter(certificate=certificate, sha256=found).exists():
        return "earlier"
    return "different" if certificate.sha256 else "unknown"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _pointer(certificate: Certificate | None) -> dict | None:
    if certificate is None:
        return None
    return {
        "number": certificate.number,
        "status": certificate.status.value,
        "verify_url": attestation.verify_url(certificate),
    }


def _comparable(name: str) -> str:
    """Spaces, width, case and the kind of middle dot do not decide who somebody is."""
    return MIDDLE_DOTS.sub("·", "".join(unicodedata.normalize("NFKC", name).split())).casefold()


def _counters(source: str, key: str) -> list[tuple[str, int]]:
    """Hashed, so that the cache does not collect who asked for whom."""
    names = ((source, FAILURES_PER_SOURCE), (f"{source} {key}", FAILURES_PER_NUMBER))
    return [("verify-" + salted_hmac("verification", text).hexdigest(), limit) for text, limit in names]


def _refuse_guessing(source: str, key: str) -> None:
    limits = _counters(source, key)
    counted = cache.get_many([name for name, _limit in limits])
    if any(counted.get(name, 0) >= limit for name, limit in limits):
        raise TooMany(WINDOW)


def _count_failure(source: str, key: str) -> None:
    for name, _limit in _counters(source, key):
        if cache.add(name, 1, WINDOW):
            continue
        try:
            cache.incr(name)
        except ValueError:  # it ran out between the two
            cache.set(name, 1, WINDOW)
