"""Rows into the ledger in bulk, as tuples: what seeding needs of each database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from .chain import moment

FIELDS = (
    "id", "key", "kind", "activity_id", "person", "channel", "minutes", "occurred_at", "recorded_at", "evidence",
    "unit", "unit_title", "enterprise_uscc", "enterprise_name", "enterprise_subject", "enterprise_size", "chains",
    "city_code", "city_name", "province_code", "county_code", "county_name", "format", "reverses_id", "reason",
    "author",
)  # fmt: skip


def line(row: tuple[Any, ...], keys: dict[int, str]) -> dict[str, Any]:
    """As lms.chain.line says a row of the second format."""
    told = dict(zip(FIELDS, row, strict=True))
    told["activity"] = keys[told.pop("activity_id")]
    told["reverses"] = told.pop("reverses_id")
    told["minutes"] = f"{told['minutes']:.1f}"
    told["chains"] = json.loads(told["chains"])
    for name in ("occurred_at", "recorded_at"):
        told[name] = moment(told[name])
    return told


def insert(connection: Any, rows: list[tuple[Any, ...]], batch: int) -> None:
    if connection.vendor == "postgresql":
        _copy(connection, rows, batch)
        return
    marks = ", ".join(["?"] * (len(FIELDS) + 1))
    names = ", ".join(f'"{name}"' for name in FIELDS)
    statement = f"INSERT INTO lms_participation ({names}, batch_id) VALUES ({marks})"  # noqa: S608
    with connection.cursor() as cursor:
        raw = cursor.connection  # SQLite's own: no translation of each row
        raw.executemany(statement, (_plain(row, batch) for row in rows))


def _plain(row: tuple[Any, ...], batch: int) -> tuple[Any, ...]:
    return (*row[:7], _stored(row[7]), _stored(row[8]), *row[9:], batch)


def _stored(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond:06}" if at.microsecond else "")


def _copy(connection: Any, rows: list[tuple[Any, ...]], batch: int) -> None:
    names = ", ".join(FIELDS)
    with connection.cursor() as cursor, cursor.copy(f"COPY lms_participation ({names}, batch_id) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, batch))


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Build the indexes once, over the rows that are then there."""
    kept = _indexes(table)
    _run(f'DROP INDEX "{name}"' for name in kept)
    try:
        yield
    finally:
        _run(kept.values())


def _indexes(table: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
                "(SELECT conname FROM pg_constraint)",
                [table],
            )
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [table])
        return {name: sql for name, sql in cursor.fetchall() if sql and "UNIQUE" not in sql}


def _run(statements: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def after(connection: Any, table: str) -> None:
    """The numbers go on behind the rows, and the database learns what they are like."""
    _run(
        [
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))",  # noqa: S608
            f"ANALYZE {table}",
        ]
        if connection.vendor == "postgresql"
        else [f"ANALYZE {table}"]
    )
