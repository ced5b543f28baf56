"""Many rows of one table in one statement, each with values of its own: the ORM's own way costs ten times as much."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows with values for these columns, all of them: no default of a field is filled in."""
    fields = [model._meta.get_field(name) for name in names]
    columns = ", ".join(_quoted(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    _execute(f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({marks})", fields, rows)  # noqa: S608


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Each row brings values for these columns, and its primary key at the end."""
    fields = [model._meta.get_field(name) for name in names]
    changes = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    key = model._meta.pk
    where = f"{_quoted(key.column)} = %s"
    _execute(f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {where}", [*fields, key], rows)  # noqa: S608


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _execute(statement: str, fields: Sequence[models.Field], rows: Iterable[Sequence[Any]]) -> None:
    adapters = [(place, adapt) for place, field in enumerate(fields) if (adapt := _adapter(field))]
    prepared = []
    for row in rows:
        values = list(row)
        for place, adapt in adapters:
            values[place] = adapt(values[place])
        prepared.append(values)
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(statement, prepared)


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
