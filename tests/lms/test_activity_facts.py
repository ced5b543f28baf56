"""What an activity is stands in the book too: each change is a row, sealed with the others, and the audit compares."""

import json
from datetime import date, timedelta
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lms import audit, chain, reports, tally
from lms.models import Activity, ActivityFacts, LedgerBatch, Participation
from tests.lms.test_tally_chain import audit as recount
from tests.lms.test_tally_chain import export, unguarded


@pytest.fixture
def run(db):
    return tally.activity(
        key="class:1", kind="classroom", title="川渝培训第一场", campaigns=["川渝"], track="cqo",
        starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 3), place="成都",
    )  # fmt: skip


@pytest.fixture
def rows(run, learner, outsider):
    def write(person, number):
        return tally.record(
            key=f"k{person.pk}:{number}", kind="lesson", activity=run, person=person, channel="classroom", minutes=45,
            occurred_at=timezone.now(), unit=f"lesson:{number}",
        )  # fmt: skip

    return [write(person, number) for person in (learner, outsider) for number in range(30)]


def answer():
    out = StringIO()
    try:
        call_command("audit_ledger", "--json", stdout=out, stderr=StringIO())
    except CommandError:
        return 1, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_an_activity_is_written_down_when_it_is_opened_and_sealed_with_the_rows(run, rows):
    fact = ActivityFacts.objects.get()
    assert (fact.activity, fact.title, fact.campaigns, fact.batch, fact.author) == (
        run,
        run.title,
        ["川渝"],
        None,
        None,
    )
    (batch,) = chain.seal()
    assert (batch.format, batch.rows, batch.activities) == (2, 60, 1)
    assert len(batch.pieces.split()) == 1 + 3
    assert ActivityFacts.objects.get().batch == batch
    assert answer()[0] == 0


def test_opening_it_again_writes_nothing(run):
    assert tally.activity(key=run.key, kind=run.kind, title="Another") == run
    assert ActivityFacts.objects.count() == 1


def test_a_change_is_a_row_that_says_who_and_when(run, rows, provincial_clerk):
    chain.seal()
    before = timezone.now()
    changed = tally.change(run, by=provincial_clerk, campaigns=["质量公益"], title="川渝培训第一场")
    assert changed.campaigns == ["质量公益"]
    first, second = ActivityFacts.objects.order_by("pk")
    assert (first.campaigns, second.campaigns) == (["川渝"], ["质量公益"])
    assert (second.author, second.recorded_at >= before) == (provincial_clerk.ledger_key, True)
    assert answer()[0] == 0
    (batch,) = chain.seal()  # nobody took part in the meantime
    assert (batch.rows, batch.activities) == (0, 1)
    assert answer()[0] == 0


def test_what_is_the_same_is_no_change(run, provincial_clerk):
    tally.change(run, by=provincial_clerk, title=run.title)
    assert ActivityFacts.objects.count() == 1


@pytest.mark.parametrize("facts", [{"key": "class:2"}, {"kind": "course"}, {"quota": 3}])
def test_key_and_kind_are_for_ever(run, facts):
    with pytest.raises(ValueError, match="no facts that change"):
        tally.change(run, by=None, **facts)


def test_figures_as_of_a_moment_go_by_what_was_known_then(run, rows, provincial_clerk):
    then = timezone.now()
    tally.change(run, by=provincial_clerk, campaigns=["质量公益"])
    now, past = reports.Scope(), reports.Scope(as_of=then)
    assert {row.code for row in reports.table(now, "campaign")} == {"质量公益"}
    assert {row.code for row in reports.table(past, "campaign")} == {"川渝"}
    narrowed = reports.Scope(as_of=then, campaign="川渝")
    assert reports.measures(narrowed).attendances == reports.rows(narrowed, "attendances").count() == 2
    assert reports.measures(reports.Scope(campaign="川渝")).attendances == 0


def test_before_anything_was_known_it_is_what_was_first_known(run, rows):
    early = reports.Scope(as_of=timezone.now() - timedelta(days=9), campaign="川渝")
    assert list(ActivityFacts.objects.known(early.as_of).values_list("activity", flat=True)) == [run.pk]


BEHIND = {
    "kind": "'course'",
    "title": "'川渝培训第二场'",
    "track": "'std'",
    "campaigns": "'[\"质量公益\"]'",
    "starts_on": "'2026-03-01'",
    "region_code": "'510700'",
    "place": "'绵阳'",
}


@pytest.mark.parametrize("column", BEHIND)
def test_an_activity_changed_past_the_rules_is_found_and_moves_no_figure(run, rows, column, tmp_path):
    chain.seal()
    before = [
        (row.code, row.measures) for by in ("campaign", "kind", "track") for row in reports.table(reports.Scope(), by)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"update lms_activity set {column} = {BEHIND[column]} where id = %s", [run.pk])
    code, found = answer()
    assert (code, found["chain"], found["activities"]) == (1, "broken", ["class:1"])
    assert found["first_bad"] == {"batch": 1, "first_row": None, "last_row": None, "activity": "class:1"}
    after = [
        (row.code, row.measures) for by in ("campaign", "kind", "track") for row in reports.table(reports.Scope(), by)
    ]
    assert after == before
    with pytest.raises(CommandError):
        export(tmp_path / "ledger.jsonl")
    code, found = recount(tmp_path / "ledger.jsonl", "--by", "campaign")
    assert (code, found["chain"]) == (1, "broken")
    assert found["problems"] == ["the activity class:1 is not what was last written down of it"]


def test_an_activity_slipped_in_past_the_rules_is_found(run, rows):
    chain.seal()
    other = Activity.objects.create(key="class:9", kind="classroom", title="无中生有")
    assert answer()[0] == 0  # nothing goes by it
    with unguarded() as cursor:
        cursor.execute("update lms_participation set activity_id = %s where id = %s", [other.pk, rows[0].pk])
    code, found = answer()
    assert (code, found["activities"]) == (1, ["class:9"])


def test_one_changed_byte_of_sealed_facts_is_found_and_named(run, rows, tmp_path):
    tally.activity(key="class:2", kind="classroom", title="另一场")
    chain.seal()
    with unguarded() as cursor:
        cursor.execute("update lms_activityfacts set title = '另二场' where key = 'class:2'")
        cursor.execute("update lms_activity set title = '另二场' where key = 'class:2'")
    code, found = answer()
    assert (code, found["chain"], found["activities"]) == (1, "broken", [])
    assert found["first_bad"] == {"batch": 1, "first_row": None, "last_row": None, "activity": "class:2"}
    with pytest.raises(CommandError):
        export(tmp_path / "ledger.jsonl")
    code, found = recount(tmp_path / "ledger.jsonl")
    assert (code, found["problems"]) == (1, ["batch 1: the facts of class:2 were changed"])


def test_one_changed_byte_of_a_row_is_found_within_twenty(run, rows, tmp_path):
    chain.seal()
    with unguarded() as cursor:
        cursor.execute("update lms_participation set city_name = 'x' where id = %s", [rows[25].pk])
    code, found = answer()
    assert code == 1
    assert found["first_bad"] == {"batch": 1, "first_row": rows[20].pk, "last_row": rows[39].pk}
    with pytest.raises(CommandError):
        export(tmp_path / "ledger.jsonl")
    _code, found = recount(tmp_path / "ledger.jsonl")
    assert found["problems"] == [f"batch 1: rows {rows[20].pk} to {rows[39].pk} were changed"]


def test_whoever_changes_the_digests_breaks_the_batch(run, rows):
    chain.seal()
    with unguarded() as cursor:
        cursor.execute("update lms_ledgerbatch set pieces = '', activities = 0, format = 1")
    code, found = answer()
    assert code == 1
    assert found["first_bad"] == {"batch": 1, "first_row": rows[0].pk, "last_row": rows[-1].pk}


def test_a_batch_of_the_first_format_stays_as_it_was_sealed(run, rows, tmp_path):
    """As it was sealed before activities were in the chain."""
    batch = LedgerBatch(number=1, rows=60, previous=chain.GENESIS, sealed_at=timezone.now(), format=1)
    batch.hash = chain._hash(chain.head(batch), chain.lines(Participation.objects.all()))
    batch.save(force_insert=True)
    Participation.objects.seal(batch)
    assert [made.activities for made in chain.seal()] == [1]
    assert answer()[0] == 0
    export(tmp_path / "ledger.jsonl")
    assert recount(tmp_path / "ledger.jsonl")[1]["problems"] == []
    with unguarded() as cursor:
        cursor.execute("update lms_participation set city_name = 'x' where id = %s", [rows[25].pk])
    found = audit.audit()
    assert found.first_bad == {"batch": 1, "first_row": rows[0].pk, "last_row": rows[-1].pk}


@pytest.mark.parametrize(
    "statement",
    [
        "update lms_activityfacts set title = 'x'",
        "update lms_activityfacts set recorded_at = '2020-01-01 00:00:00+00:00'",
        "update lms_activityfacts set batch_id = null",
        "delete from lms_activityfacts",
    ],
)
def test_the_database_refuses_to_change_facts(run, statement):
    chain.seal()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(TypeError, match="append-only"):
        ActivityFacts.objects.update(title="x")


def test_activities_from_before_are_filled_in(db):
    """By the migration, and what a process of the version before opens meanwhile by the next sealing."""
    Activity.objects.create(key="old:1", kind="course", title="旧课", campaigns=["川渝"], starts_on=date(2025, 1, 1))
    migration = import_module("lms.migrations.0015_facts_of_activities")
    migration.fill(apps, SimpleNamespace(connection=connection))
    Activity.objects.create(key="old:2", kind="course", title="旧课二")
    chain.seal()
    assert list(ActivityFacts.objects.order_by("pk").values_list("key", "campaigns", "author")) == [
        ("old:1", ["川渝"], None),
        ("old:2", [], None),
    ]
    assert answer()[0] == 0
