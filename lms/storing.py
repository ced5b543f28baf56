"""How the rows of the book lie in SQLite, which keeps in a column whatever it is given.

The chain hashes what is read: two ways to write one moment or key read alike, and are compared as different text by
the queries behind the figures. So the audit asks that each value lies there as the school writes it. The types of
PostgreSQL leave one way only.
"""

import json
from typing import Any

from django.db import connection, models

from .models import ActivityFacts, LedgerBatch, Participation

BYTES = "length(CAST({0} AS BLOB))"
TEXT = "typeof({0}) = 'text'"
SECOND = "substr({0}, 1, 19)"  # with its parts SQLite would round it
WHOLE = "typeof({0}) = 'integer'"
PART = f"substr({{0}}, 20) GLOB '.{'[0-9]' * 6}' AND substr({{0}}, 20) <> '.000000'"
FORMS: dict[type, str] = {
    models.CharField: TEXT,
    models.TextField: TEXT,
    models.JSONField: TEXT,
    models.IntegerField: WHOLE,
    models.ForeignKey: WHOLE,
    models.DecimalField: "typeof({0}) IN ('integer', 'real') AND round({0}, 1) = {0}",
    models.UUIDField: f"{TEXT} AND {BYTES} = 32 AND {{0}} NOT GLOB '*[^0-9a-f]*'",
    models.DateField: f"{TEXT} AND {BYTES} = 10 AND date({{0}}, '+0 days') = {{0}}",
    models.DateTimeField: (
        f"{TEXT} AND strftime('%%Y-%%m-%%d %%H:%%M:%%S', {SECOND}, '+0 days') = {SECOND} "
        f"AND ({BYTES} = 19 OR {BYTES} = 26 AND {PART})"
    ),
}
Place = dict[str, Any]


def examine() -> tuple[list[str], Place | None]:
    """What does not lie there as the school writes it, in words, and where the first of it is: one row of a table."""
    if connection.vendor != "sqlite":
        return [], None
    problems, places = [], []
    for model in (Participation, ActivityFacts, LedgerBatch):
        bad = [*_odd(model), *_odd_lists(model)]
        if bad:
            key, column = min(bad)
            problems.append(f"{column} of {model.__name__} {key} is not stored as the school writes it")
            places.append(_place(model.objects.filter(pk=key)))
    return problems, next(iter(places), None)


def _odd(model: type[models.Model]) -> list[tuple[int, str]]:
    """The first row of a table with a value in another form, and the column."""
    forms = {str(field.column): _form(field) for field in model._meta.concrete_fields}
    good = ", ".join(forms.values())
    asked = f"SELECT id, {good} FROM {model._meta.db_table} WHERE NOT min({good}) ORDER BY id LIMIT 1"  # noqa: S608
    with connection.cursor() as cursor:
        rows = cursor.execute(asked, []).fetchall()
    return [(row[0], next(name for name, is_good in zip(forms, row[1:], strict=True) if not is_good)) for row in rows]


def _form(field: Any) -> str:
    column = f'"{field.column}"'
    form = next(FORMS[kind] for kind in type(field).__mro__ if kind in FORMS).format(column)
    return f"coalesce({column} IS NULL OR {form}, 0)" if field.null else f"coalesce({form}, 0)"


def _odd_lists(model: type[models.Model]) -> list[tuple[int, str]]:
    """The same of lists, of which there are few different ones."""
    found = []
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.JSONField):
            continue
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT {field.column} FROM {table} WHERE typeof({field.column}) = 'text'")  # noqa: S608
            for text in [text for (text,) in cursor.fetchall() if not _is_plain(text)]:
                cursor.execute(f"SELECT min(id) FROM {table} WHERE {field.column} = %s", [text])  # noqa: S608
                found.append((cursor.fetchone()[0], str(field.column)))
    return found


def _is_plain(text: str) -> bool:
    try:
        return json.dumps(json.loads(text)) == text
    except ValueError:
        return False


def _place(rows: Any) -> Place:
    """As `lms.chain` says places."""
    if rows.model is LedgerBatch:
        return {"batch": rows.values_list("number", flat=True).get(), "first_row": None, "last_row": None}
    key, batch = rows.values_list("pk", "batch__number").get()
    if rows.model is ActivityFacts:
        activity = rows.values_list("key", flat=True).get()
        return {"batch": batch, "first_row": None, "last_row": None, "activity": activity}
    return {"batch": batch, "first_row": key, "last_row": key}
