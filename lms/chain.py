"""The hash chain over the book of record: its rows sealed in batches, each bound to the one before it; checked, and
handed out to an auditor. docs/audit/verify_ledger.py does the same with nothing but the exported file."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from . import tally
from .models import Activity, ActivityFacts, LedgerBatch, Participation

GENESIS = "0" * 64  # what the first batch names as the one before it
BATCH = 5_000  # rows sealed at a time
PIECE = 20  # rows of a digest of their own, for ever in the second format: so near a change is found
SEAL_AFTER = timedelta(hours=1)

Line = dict[str, Any]


# --- sealing ---


def seal() -> list[LedgerBatch]:
    """Close all rows written so far into batches. Two sealers at once take turns."""
    for activity in Activity.objects.filter(facts=None):  # opened by a process of the version before
        tally.note(activity)
    sealed = []
    while batch := _seal_some():
        sealed.append(batch)
    return sealed


def seal_due() -> int:
    """The periodic duty: seal once an hour, or sooner when much was written. Says how many batches it made."""
    for waiting in (Participation.objects.unsealed(), ActivityFacts.objects.unsealed()):
        found = waiting.aggregate(rows=Count("pk"), oldest=Min("recorded_at"))
        if found["rows"] >= BATCH or (found["oldest"] and found["oldest"] <= timezone.now() - SEAL_AFTER):
            return len(seal())
    return 0


def _seal_some() -> LedgerBatch | None:
    with transaction.atomic():
        facts = waiting_facts()
        rows = list(lines(Participation.objects.unsealed().select_for_update(of=("self",)), limit=BATCH))
        if not facts and not rows:
            return None
        batch = close(facts, rows)
        Participation.objects.filter(pk__in=[row["id"] for row in rows]).seal(batch)
        return batch


def waiting_facts() -> list[Line]:
    """Facts of activities that no batch holds, locked for the sealer."""
    rows = ActivityFacts.objects.unsealed().select_for_update().order_by("pk")
    return [fact_line(row) for row in rows[:BATCH]]


def close(facts: Sequence[Line], rows: Sequence[Line]) -> LedgerBatch:
    """The next batch of the chain over these lines. The facts take their place in it; the rows are given it after."""
    last = LedgerBatch.objects.order_by("number").last()
    batch = LedgerBatch(
        number=last.number + 1 if last else 1,
        rows=len(rows),
        previous=last.hash if last else GENESIS,
        sealed_at=timezone.now(),
        activities=len(facts),
        pieces=" ".join(pieces(facts, rows)),
    )
    batch.hash = _hash(head(batch))
    batch.save(force_insert=True)
    ActivityFacts.objects.filter(pk__in=[line["id"] for line in facts]).seal(batch)
    return batch


# --- what is hashed ---


def lines(rows: QuerySet[Participation], *, limit: int | None = None) -> Iterator[Line]:
    """Rows as they are hashed and exported, in the order in which they were written."""
    ordered = rows.select_related("activity").order_by("pk")
    for row in (ordered[:limit] if limit else ordered).iterator(2_000):
        yield line(row)


def line(row: Participation) -> Line:
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


def fact_line(row: ActivityFacts) -> Line:
    """What an activity is, as it is hashed and exported."""
    return {
        "id": row.pk,
        **told(row),
        "recorded_at": moment(row.recorded_at),
        "author": row.author.hex if row.author else None,
    }


def told(row: Activity | ActivityFacts) -> Line:
    known = {name: getattr(row, name) for name in Activity.FACTS}
    for name in ("starts_on", "ends_on"):
        known[name] = known[name].isoformat() if known[name] else None
    return known


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """One way to write a value down: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def pieces(facts: Sequence[Line], rows: Sequence[Line]) -> list[str]:
    """A digest of the facts of each activity, then one of each so many rows."""
    parts = [[{"activity": fact}] for fact in facts]
    parts += [list(rows[at : at + PIECE]) for at in range(0, len(rows), PIECE)]
    return [hashlib.sha256(b"\n".join(map(canonical, part))).hexdigest() for part in parts]


def head(batch: LedgerBatch) -> Line:
    """What the hash of a batch covers: in the first format its rows come behind, since then it names their pieces."""
    known = {"number": batch.number, "previous": batch.previous, "sealed_at": moment(batch.sealed_at)}
    if batch.format == 1 and not batch.activities and not batch.pieces:
        return known
    return {
        **known,
        "format": batch.format,
        "rows": batch.rows,
        "activities": batch.activities,
        "pieces": batch.pieces.split(),
    }


def _hash(told: Line, rows: Iterable[Line] = ()) -> str:
    sha = hashlib.sha256(canonical(told))
    for row in rows:
        sha.update(b"\n" + canonical(row))
    return sha.hexdigest()


# --- checking ---


def verify() -> list[str]:
    """What is wrong with the chain, in words; nothing when every sealed row is as it was sealed."""
    return examine()[0]


def examine() -> tuple[list[str], Line | None]:
    """What is wrong with the chain, and the first place that is not as it was sealed: a batch with the ends of its
    rows, or of those few of them that differ, or the activity whose facts do."""
    problems: list[str] = []
    first_bad, previous, number = None, GENESIS, 0
    for batch in LedgerBatch.objects.order_by("number").iterator(100):
        facts = [fact_line(row) for row in batch.facts.order_by("pk")]
        rows = list(lines(batch.participations.all()))
        wrong = _unlinked(batch, facts, rows, number + 1, previous)
        changed, bad = _changed(batch, facts, rows)
        if (wrong or changed) and first_bad is None:
            first_bad = bad
        problems += wrong + changed
        number, previous = batch.number, batch.hash
    return problems, first_bad


def _unlinked(batch: LedgerBatch, facts: Sequence[Line], rows: Sequence[Line], number: int, previous: str) -> list[str]:
    found = []
    if batch.number != number:
        found.append(f"batch {number} is missing before batch {batch.number}")
    if batch.previous != previous:
        found.append(f"batch {batch.number} does not follow the one before it")
    if batch.rows != len(rows):
        found.append(f"batch {batch.number} has {len(rows)} rows instead of {batch.rows}")
    if batch.activities != len(facts):
        found.append(f"batch {batch.number} has facts of {len(facts)} activities instead of {batch.activities}")
    return found


def _changed(batch: LedgerBatch, facts: Sequence[Line], rows: Sequence[Line]) -> tuple[list[str], Line]:
    """What differs from what was sealed, and where that is: as near as the digests of the batch tell."""
    first = batch.format == 1
    split = " ".join(batch.pieces.split())
    if batch.pieces != split or batch.hash != _hash(head(batch), rows if first else ()):
        return [f"batch {batch.number} was changed after it was sealed"], _place(batch, rows)
    sealed, now = batch.pieces.split(), pieces(facts, rows)
    bad = (
        None
        if first
        else next((at for at in range(max(len(sealed), len(now))) if sealed[at : at + 1] != now[at : at + 1]), None)
    )
    if bad is None:
        return [], _place(batch, rows)
    if bad < len(facts):
        key = facts[bad]["key"]
        return [f"batch {batch.number}: the facts of {key} were changed"], {**_place(batch, ()), "activity": key}
    few = rows[(bad - len(facts)) * PIECE :][:PIECE]
    place = _place(batch, few)
    return [f"batch {batch.number}: rows {place['first_row']} to {place['last_row']} were changed"], place


def _place(batch: LedgerBatch, rows: Sequence[Line]) -> Line:
    ends = (rows[0]["id"], rows[-1]["id"]) if rows else (None, None)
    return {"batch": batch.number, "first_row": ends[0], "last_row": ends[1]}


def changed_activities() -> list[Line]:
    """Activities that are not what was last written down of them, each as a place like `first_bad`."""
    rows = ActivityFacts.objects.known().select_related("activity", "batch").order_by("pk")
    found = [
        {"batch": row.batch and row.batch.number, "first_row": None, "last_row": None, "activity": row.key}
        for row in rows.iterator(2_000)
        if told(row) != told(row.activity)
    ]
    unknown = Activity.objects.filter(facts=None, participations__isnull=False).distinct()
    nowhere = {"batch": None, "first_row": None, "last_row": None}
    lost = ActivityFacts.objects.exclude(Exists(Activity.objects.filter(pk=OuterRef("activity_id"))))
    keys = [key for rows in (unknown, lost) for key in rows.order_by("pk").values_list("key", flat=True)]
    return found + [{**nowhere, "activity": key} for key in keys]


# --- handing out ---


def export() -> Iterator[str]:
    """The whole book as JSON lines: a head, each batch with its activities and rows, what is not yet sealed, and what
    each activity is now, with the number of the facts that it has to equal."""
    yield _json({"ledger": "cqo-school", "version": 2, "exported_at": moment(timezone.now())})
    last = 0
    for batch in LedgerBatch.objects.order_by("number").iterator(100):
        known = {"batch": batch.number, "rows": batch.rows, "hash": batch.hash, **head(batch)}
        del known["number"]
        yield _json(known)
        yield from _told(batch.facts.all(), batch.participations.all())
        last = batch.pk
    yield _json({"batch": None})
    standing = list(ActivityFacts.objects.known().select_related("activity").order_by("pk"))
    young = Q(batch=None) | Q(batch__gt=last)  # sealed meanwhile: still here
    yield from _told(ActivityFacts.objects.filter(young), Participation.objects.filter(young))
    for row in standing:
        yield _json({"stands": told(row.activity), "facts": row.pk})


def _told(facts: QuerySet[ActivityFacts], rows: QuerySet[Participation]) -> Iterator[str]:
    for fact in facts.order_by("pk"):
        yield _json({"activity": fact_line(fact)})
    for row in lines(rows):
        yield _json({"row": row})


def _json(value: Any) -> str:
    return canonical(value).decode()
