"""The book of record: who took part in what. Rows are added, never changed; batches of them form a hash chain."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import enterprises, periods
from .models import Activity, LedgerBatch, Participation, UncountedFact, User
from .periods import Locked, Refused
from .scopes import HOUR

__all__ = [
    "HOUR", "LATE", "Locked", "Refused", "activity", "digest", "export", "lines", "record", "reverse", "seal",
    "seal_due", "verify",
]  # fmt: skip

GENESIS = "0" * 64  # what the first batch names as the one before it
BATCH = 5_000  # rows sealed at a time
SEAL_AFTER = timedelta(hours=1)
LATE = "学习证据在统计期锁定之后到达"  # the reason of what is recorded late by itself, not by a person


def activity(
    *,
    key: str,
    kind: str,
    title: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    organisers: Iterable[dict[str, str]] = (),
    region_code: str = "",
    campaigns: Iterable[str] = (),
    track: str | Callable[[], str] = "",
    status: str = Activity.Status.HELD,
    place: str = "",
    quota: int | None = None,
    planned_sessions: int = 1,
    description: str = "",
    created_by: User | None = None,
) -> Activity:
    """The activity of that key, opened when it is first named. `organisers` is [{"role": "主办", "name": …}].

    Later calls leave it as it is: what may change of it later, `status` above all, is saved by who owns the key.
    """
    opened: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "organisers": list(organisers),
        "region_code": region_code,
        "campaigns": list(campaigns),
        "track": track,
        "status": status,
        "place": place,
        "quota": quota,
        "planned_sessions": planned_sessions,
        "description": description,
        "created_by": created_by,
    }
    found, _created = Activity.objects.get_or_create(key=key, defaults=opened)
    return found


def record(
    *,
    key: str,
    kind: str,
    activity: Activity,
    person: User,
    channel: str,
    minutes: Decimal | int,
    occurred_at: datetime,
    unit: str,
    unit_title: str = "",
    evidence: str = "",
    correction: str = "",
) -> Participation:
    """Write a fact down with where the person stood at that moment. The same key again is the row of the first time,
    or, when that one was reversed, a row of its own: the fact is recorded anew.

    `unit` is the key of what was taken: 学时 are credited for it once. Raises ValueError without one, and Locked when
    the fact falls into a locked period without a `correction`, the reason why it comes so late.
    """
    if not unit:
        raise ValueError(f"the fact {key} names no unit")
    stood = enterprises.standing(person, occurred_at)
    facts = {
        "kind": kind,
        "activity": activity,
        "person": person.ledger_key,
        "channel": channel,
        "minutes": minutes,
        "occurred_at": occurred_at,
        "recorded_at": timezone.now(),
        "evidence": evidence,
        "unit": unit,
        "unit_title": unit_title,
        "enterprise_uscc": stood.uscc,
        "enterprise_name": stood.name,
        "enterprise_subject": stood.subject,
        "enterprise_size": stood.size,
        "chains": stood.chains,
        "city_code": stood.city_code,
        "city_name": stood.city_name,
        "province_code": stood.province_code,
        "county_code": stood.county_code,
        "county_name": stood.county_name,
    }
    with transaction.atomic(savepoint=False):
        closed = periods.lock_over(occurred_at)
        row = _write(key, facts, closed, correction.strip())
    if row is None:  # raised here, so that a caller's transaction goes on with its next row
        raise Locked(closed)
    return row


def _write(key: str, facts: dict[str, Any], closed: str, correction: str) -> Participation | None:
    """None when the period is closed to it. Once written, a fact is found again whatever was locked since."""
    given, number = key, 1
    while True:
        if closed and not correction and not Participation.objects.filter(key=given).exists():
            return None
        defaults = {**facts, "reason": correction if closed else ""}
        row, created = Participation.objects.get_or_create(key=given, defaults=defaults)
        if created:
            UncountedFact.objects.create(participation=row.pk)
        if created or not Participation.objects.filter(reverses=row).exists():
            return row
        number += 1
        given = f"{key}#{number}"


COPIED = (
    "activity_id", "person", "channel", "occurred_at", "evidence", "unit", "unit_title", "enterprise_uscc",
    "enterprise_name", "enterprise_subject", "enterprise_size", "chains", "city_code", "city_name", "province_code",
    "county_code", "county_name",
)  # fmt: skip


def reverse(participation: Participation, *, author: User, reason: str) -> Participation:
    """Take a fact back by a row that says who and why. It counts in the period of the fact itself.

    Raises Refused without a reason, or for a row that is itself a reversal. Reversing twice is one row.
    """
    if not reason.strip():
        raise Refused(_("Say why this record is reversed."))
    if participation.kind == Participation.Kind.REVERSAL:
        raise Refused(_("A reversal cannot be reversed. Record the fact anew."))
    with transaction.atomic(savepoint=False):
        periods.lock_over(participation.occurred_at)  # a reversal has a reason: a lock lets it pass
        row, created = Participation.objects.get_or_create(
            key=f"reversal:{participation.pk}",
            defaults={
                **{name: getattr(participation, name) for name in COPIED},
                "kind": Participation.Kind.REVERSAL,
                "minutes": -participation.minutes,
                "recorded_at": timezone.now(),
                "reverses": participation,
                "reason": reason.strip(),
                "author": author.ledger_key,
            },
        )
        if created:
            UncountedFact.objects.create(participation=row.pk)
    return row


def seal() -> list[LedgerBatch]:
    """Close all rows written so far into batches. Two sealers at once take turns."""
    sealed = []
    while batch := _seal_some():
        sealed.append(batch)
    return sealed


def seal_due() -> int:
    """The periodic duty: seal once an hour, or sooner when much was written. Says how many batches it made."""
    waiting = Participation.objects.unsealed().aggregate(rows=Count("pk"), oldest=Min("recorded_at"))
    if waiting["rows"] >= BATCH or (waiting["oldest"] and waiting["oldest"] <= timezone.now() - SEAL_AFTER):
        return len(seal())
    return 0


def _seal_some() -> LedgerBatch | None:
    with transaction.atomic():
        rows = list(lines(Participation.objects.unsealed().select_for_update(of=("self",)), limit=BATCH))
        if not rows:
            return None
        last = LedgerBatch.objects.order_by("number").last()
        number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
        now = timezone.now()
        batch = LedgerBatch.objects.create(
            number=number,
            rows=len(rows),
            previous=previous,
            hash=digest(number, previous, now, rows),
            sealed_at=now,
        )
        Participation.objects.filter(pk__in=[row["id"] for row in rows]).seal(batch)
        return batch


def lines(rows: QuerySet[Participation], *, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Rows as they are hashed and exported, in the order in which they were written."""
    ordered = rows.select_related("activity").order_by("pk")
    for row in (ordered[:limit] if limit else ordered).iterator(2_000):
        yield line(row)


def line(row: Participation) -> dict[str, Any]:
    """A row as its format says: those of the first one stay as they were sealed."""
    known = {
        "id": row.pk,
        "key": row.key,
        "kind": row.kind,
        "activity": row.activity.key,
        "person": row.person.hex,
        "channel": row.channel,
        "minutes": f"{row.minutes:.1f}",
        "occurred_at": moment(row.occurred_at),
        "recorded_at": moment(row.recorded_at),
        "evidence": row.evidence,
        "unit": row.unit,
        "unit_title": row.unit_title,
        "enterprise_uscc": row.enterprise_uscc,
        "enterprise_name": row.enterprise_name,
        "enterprise_subject": row.enterprise_subject,
        "enterprise_size": row.enterprise_size,
        "chains": row.chains,
        "city_code": row.city_code,
        "city_name": row.city_name,
        "province_code": row.province_code,
        "reverses": row.reverses_id,
        "reason": row.reason,
        "author": row.author.hex if row.author else None,
    }
    if row.format == 1 and not row.county_code and not row.county_name:
        return known
    return {**known, "format": row.format, "county_code": row.county_code, "county_name": row.county_name}


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """One way to write a value down: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(number: int, previous: str, sealed_at: datetime, rows: Iterable[dict[str, Any]]) -> str:
    """SHA-256 over the head of a batch and its rows, a line each. docs/audit/verify_ledger.py does the same."""
    sha = hashlib.sha256(canonical({"number": number, "previous": previous, "sealed_at": moment(sealed_at)}))
    for row in rows:
        sha.update(b"\n" + canonical(row))
    return sha.hexdigest()


def verify() -> list[str]:
    """What is wrong with the chain, in words; nothing when every sealed row is as it was sealed."""
    return examine()[0]


def examine() -> tuple[list[str], dict[str, Any] | None]:
    """What is wrong with the chain, and the first batch that is not as it was sealed, with the ends of its rows."""
    problems: list[str] = []
    first_bad, previous, number = None, GENESIS, 0
    for batch in LedgerBatch.objects.order_by("number").iterator():
        rows = list(lines(batch.participations.all()))
        found = _problems(batch, rows, number + 1, previous)
        if found and first_bad is None:
            ends = (rows[0]["id"], rows[-1]["id"]) if rows else (None, None)
            first_bad = {"batch": batch.number, "first_row": ends[0], "last_row": ends[1]}
        problems += found
        number, previous = batch.number, batch.hash
    return problems, first_bad


def _problems(batch: LedgerBatch, rows: list[dict[str, Any]], number: int, previous: str) -> list[str]:
    found = []
    if batch.number != number:
        found.append(f"batch {number} is missing before batch {batch.number}")
    if batch.previous != previous:
        found.append(f"batch {batch.number} does not follow the one before it")
    if batch.rows != len(rows):
        found.append(f"batch {batch.number} has {len(rows)} rows instead of {batch.rows}")
    if batch.hash != digest(batch.number, batch.previous, batch.sealed_at, rows):
        found.append(f"batch {batch.number} was changed after it was sealed")
    return found


def export() -> Iterator[str]:
    """The whole book as JSON lines: a head, each batch with its rows, the rows not yet sealed, the totals."""
    yield _json({"ledger": "cqo-school", "version": 1, "exported_at": moment(timezone.now())})
    last = 0
    for batch in LedgerBatch.objects.order_by("number").iterator():
        head = {"batch": batch.number, "rows": batch.rows, "previous": batch.previous, "hash": batch.hash}
        yield _json({**head, "sealed_at": moment(batch.sealed_at)})
        for row in lines(batch.participations.all()):
            yield _json({"row": row})
        last = batch.pk
    yield _json({"batch": None})
    for row in lines(Participation.objects.filter(Q(batch=None) | Q(batch__gt=last))):  # sealed meanwhile: still here
        yield _json({"row": row})


def _json(value: Any) -> str:
    return canonical(value).decode()
