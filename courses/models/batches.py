"""Many rows of one table in one statement, each with values of its own: the ORM's own way costs ten times as much.

One statement, not one with many sets of values: SQLite's driver lets go of the interpreter at every step, and the
thread that serves people then wakes up for nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows with values for these columns, all of them: no default of a field is filled in."""
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(_quoted(field.column) for field in fields)
    _execute(f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) {{}}", fields, rows)


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Each row brings values for these columns, and its primary key at the end."""
    key = model._meta.pk
    fields = [*(model._meta.get_field(name) for name in names), key]
    table = _quoted(model._meta.db_table)
    changes = ", ".join(f"{_quoted(field.column)} = given.column{n}" for n, field in enumerate(fields[:-1], 1))
    where = f"{table}.{_quoted(key.column)} = given.column{len(fields)}"
    _execute(f"UPDATE {table} SET {changes} FROM ({{}}) AS given WHERE {where}", fields, rows)  # noqa: S608


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _execute(statement: str, fields: Sequence[models.Field], rows: Iterable[Sequence[Any]]) -> None:
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    if not columns:
        return
    for place, field in enumerate(fields):
        if adapt := _adapter(field):
            columns[place] = [adapt(value) for value in columns[place]]
    listed, values = _listed_as_arrays(fields, columns) if connection.vendor == "postgresql" else _listed(columns)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(listed), values)


def _listed(columns: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """A list of values, whose columns are called column1, column2 and so on."""
    row = "(" + ", ".join(["%s"] * len(columns)) + ")"
    listed = "VALUES " + ", ".join([row] * len(columns[0]))
    return listed, [value for row in zip(*columns, strict=True) for value in row]


def _listed_as_arrays(fields: Sequence[models.Field], columns: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The same in as many parameters as there are columns: PostgreSQL's driver reads the whole statement each time."""
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    names = ", ".join(f"column{n}" for n in range(1, len(fields) + 1))
    return f"SELECT * FROM unnest({arrays}) AS given({names})", [list(column) for column in columns]  # noqa: S608


def _adapter(field: models.Field) -> Callable[[Any], Any] | None:
    """What the driver wants in place of a value, or None where it takes the value itself."""
    ops = connection.ops
    if isinstance(field, models.JSONField):
        return lambda value: ops.adapt_json_value(value, field.encoder)
    if isinstance(field, models.DateTimeField):
        return _remembered(ops.adapt_datetimefield_value)
    if isinstance(field, models.DecimalField):
        return _remembered(lambda value: ops.adapt_decimalfield_value(value, field.max_digits, field.decimal_places))
    return None


def _remembered(adapt: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The rows of one statement share a few moments and rates."""
    known: dict[Any, Any] = {}

    def adapted(value: Any) -> Any:
        if value not in known:
            known[value] = adapt(value)
        return known[value]

    return adapted
