"""One changed byte of the book is found, with its place, also where SQLite reads it as if nothing had changed."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from lms import audit, chain, storing, tally
from lms.models import ActivityFacts, LedgerBatch, Participation
from tests.lms.test_tally_chain import book, unguarded  # noqa: F401

COLUMNS = [
    (model, field.column)
    for model in (Participation, ActivityFacts, LedgerBatch)
    for field in model._meta.concrete_fields
]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="the types of PostgreSQL leave one way to write a value"),
]


def raw(model, column, key):
    with connection.cursor() as cursor:
        told = f"select cast({column} as text), typeof({column}) from {model._meta.db_table} where id = %s"
        return cursor.execute(told, [key]).fetchone()


def change(model, column, key, value):
    with connection.cursor() as cursor:
        cursor.execute("pragma ignore_check_constraints = on")
        cursor.execute(f"update {model._meta.db_table} set {column} = %s where id = %s", [value, key])
        cursor.execute("pragma ignore_check_constraints = off")


def changed(model, column, key, value):
    """Whether the database took it as another value: it refuses some, and reads others as the number that was there."""
    before = raw(model, column, key)
    try:
        with transaction.atomic():
            change(model, column, key, value)
    except IntegrityError:
        return False
    return raw(model, column, key) != before


def bytes_changed(text):
    """The text with one byte more, less or another: first, in the middle and last; other case, T for a blank."""
    places = sorted({0, len(text) // 2, max(0, len(text) - 1)})
    found = {text + " ", text + ".0", text + "0", " " + text, text[:-1]}
    found |= {text.replace(" ", "T", 1), text.replace(" ", "", 1)}
    found |= {text[:at] + mark + text[at + 1 :] for at in places for mark in "17xX "}
    found |= {text[:at] + text[at].swapcase() + text[at + 1 :] for at in range(len(text))}
    return sorted(found - {text})


@pytest.mark.parametrize(("model", "column"), COLUMNS, ids=[f"{each.__name__}.{name}" for each, name in COLUMNS])
def test_one_changed_byte_of_any_column_is_found_with_its_place(book, model, column, provincial_clerk):  # noqa: F811
    tally.activity(
        key="classroom:7", kind="classroom", title="线下班", starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 2),
        organisers=[{"role": "主办", "name": "示范局"}], campaigns=["质量月"], created_by=provincial_clerk,
    )  # fmt: skip
    chain.seal()
    key = model.objects.exclude(**{f"{column.removesuffix('_id')}": None}).order_by("pk").last().pk
    stored = raw(model, column, key)
    tried = 0
    with unguarded():
        for value in bytes_changed(str(stored[0])):
            with transaction.atomic():
                if changed(model, column, key, value):
                    tried += 1
                    found = audit.audit()
                    assert found.problems, value
                    assert found.first_bad, value
                transaction.set_rollback(True)
    assert tried


def test_a_moment_written_in_another_way_is_no_longer_counted_in_silence(book):  # noqa: F811
    row = Participation.objects.order_by("pk").first()
    with unguarded():
        change(Participation, "occurred_at", row.pk, raw(Participation, "occurred_at", row.pk)[0].replace(" ", "T"))
    assert chain.verify() == []  # it reads as it was sealed
    found = audit.audit()
    assert found.as_dict()["chain"] == "broken"
    assert found.problems == [f"occurred_at of Participation {row.pk} is not stored as the school writes it"]
    assert found.first_bad == {"batch": 1, "first_row": row.pk, "last_row": row.pk}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("minutes", 45.04),
        ("chains", "[ ]"),
        ("chains", "[]]"),
        ("occurred_at", "2024-06-10 08:14:42.000000"),
        ("occurred_at", "2024-02-31 08:14:42"),
        ("occurred_at", "2024-06-10 08:14:42Z"),
        ("occurred_at", 2460471.5),
        ("person", b"0" * 32),
    ],
)
def test_values_that_read_alike_are_not_alike(book, column, value):  # noqa: F811
    key = Participation.objects.order_by("pk").first().pk
    assert storing.examine() == ([], None)
    with unguarded():
        change(Participation, column, key, value)
    words, place = storing.examine()
    assert words == [f"{column} of Participation {key} is not stored as the school writes it"]
    assert place == {"batch": 1, "first_row": key, "last_row": key}


@pytest.mark.parametrize("value", ["2024-06-10 08:14:42", "2024-12-31 23:59:59.999999", "2024-02-29 00:00:00.000001"])
def test_every_moment_that_the_school_writes_is_known(book, value):  # noqa: F811
    with unguarded():
        change(Participation, "occurred_at", Participation.objects.order_by("pk").first().pk, value)
    assert storing.examine() == ([], None)
