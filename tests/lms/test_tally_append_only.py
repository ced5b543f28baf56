"""The database itself keeps the ledger as it was written, on both engines and after every migration."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from lms import chain, tally
from lms.models import LedgerBatch, Participation


@pytest.fixture
def row(learner):
    run = tally.activity(key="course:1:2026", kind="course", title="质量管理基础")
    return tally.record(
        key="lesson:1", kind="lesson", activity=run, person=learner, channel="live", minutes=45,
        occurred_at=timezone.now(), unit="lesson:1",
    )  # fmt: skip


def refused(statement, *values):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


CHANGES = {
    "minutes": "90",
    "city_code": "'510700'",
    "person": "'0b6b6b00-0000-4000-8000-000000000000'",
    "occurred_at": "'2020-01-01 00:00:00+00:00'",
    "reverses_id": "id",
    "kind": "'reversal'",
}


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_of_a_row_can_be_changed(row, column):
    before = Participation.objects.values().get()
    refused(f"update lms_participation set {column} = {CHANGES[column]}")
    assert Participation.objects.values().get() == before


def test_a_row_cannot_be_deleted(row):
    refused("delete from lms_participation where id = %s", row.pk)
    assert Participation.objects.exists()


def test_saving_a_row_again_is_refused(row):
    row.minutes = 90
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert Participation.objects.get().minutes == 45


def test_a_row_takes_its_batch_once(row):
    chain.seal()
    refused("update lms_participation set batch_id = null where id = %s", row.pk)
    refused("update lms_participation set batch_id = batch_id where id = %s", row.pk)


def test_a_batch_cannot_be_changed_or_deleted(row):
    chain.seal()
    refused("update lms_ledgerbatch set hash = %s", "0" * 64)
    refused("delete from lms_ledgerbatch")
    assert LedgerBatch.objects.count() == 1


def test_query_sets_say_so_before_the_database_does(row):
    for forbidden in (
        lambda: Participation.objects.update(minutes=F("minutes") + 1),
        lambda: Participation.objects.all().delete(),
        lambda: LedgerBatch.objects.all().delete(),
    ):
        with pytest.raises(TypeError, match="append-only"):
            forbidden()
