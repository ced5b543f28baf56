"""Many rows read in little memory while others write, and the reader too.

On SQLite an open query is a snapshot of the whole connection: once anybody else has committed, a write beside it is
refused at once. So the keys are read first, in one query, and the rows by them: between two pieces nothing is open.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

PIECE = 2_000  # rows in memory at a time


def keys(rows: QuerySet[Any]) -> Sequence[int]:
    """In the order of the rows; eight bytes each."""
    return array("q", rows.values_list("pk", flat=True).iterator())


def by_keys(found: Sequence[int], rows: QuerySet[Any]) -> Iterator[Any]:
    """The rows of these keys in their order, as far as they are still there."""
    for start in range(0, len(found), PIECE):
        piece = found[start : start + PIECE]
        known = {row.pk: row for row in rows.filter(pk__in=piece)}
        yield from (known[key] for key in piece if key in known)


def through(rows: QuerySet[Any]) -> Iterator[Any]:
    """All rows of a query, in its order. One that is dear to ask again is better read by its keys."""
    return by_keys(keys(rows), rows)
