"""Sealed batches form a chain that shows every change, to us and to an auditor who has only the file."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from lms import chain, columns, reports, tally
from lms.models import LedgerBatch, Participation
from tests import factories

AUDITOR = settings.BASE_DIR / "docs/audit/verify_ledger.py"


@pytest.fixture
def book(learner, outsider, manager, provincial_clerk):
    """Six facts of three people in two courses, one taken back, one programme; sealed in two batches."""
    factories.member(learner)
    one = tally.activity(key="course:1:2026", kind="course", title="基础")
    two = tally.activity(key="course:2:2026", kind="course", title="工具")
    programme = tally.activity(key="programme:1:2026", kind="programme", title="任职培训")

    def write(person, run, unit, minutes=45, kind="lesson"):
        return tally.record(
            key=uuid4().hex, kind=kind, activity=run, person=person, channel="on_demand", minutes=minutes,
            occurred_at=timezone.now(), unit=unit,
        )  # fmt: skip

    write(learner, one, "lesson:1")
    write(learner, one, "lesson:2", minutes=22.5)
    write(outsider, one, "lesson:1")
    wrong = write(outsider, two, "lesson:3")
    chain.seal()
    write(manager, two, "lesson:3", minutes=90)
    write(learner, programme, "programme:1", minutes=0, kind="programme")
    tally.reverse(wrong, author=provincial_clerk, reason="重复计入")
    chain.seal()


def test_rows_are_sealed_in_the_order_in_which_they_were_written(book):
    first, second = LedgerBatch.objects.all()
    assert (first.number, first.rows, first.previous) == (1, 4, chain.GENESIS)
    assert (second.number, second.rows, second.previous) == (2, 3, first.hash)
    assert not Participation.objects.unsealed().exists()
    assert chain.verify() == []


def test_with_nothing_new_there_is_nothing_to_seal(book):
    assert chain.seal() == []


def test_a_large_book_is_sealed_in_pieces(book, learner, monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 2)
    run = tally.activity(key="course:1:2026", kind="course", title="基础")
    for n in range(5):
        tally.record(
            key=f"k{n}", kind="lesson", activity=run, person=learner, channel="live", minutes=45,
            occurred_at=timezone.now(), unit=f"lesson:{n}",
        )  # fmt: skip
    assert [batch.rows for batch in chain.seal()] == [2, 2, 1]
    assert chain.verify() == []


def test_the_duty_waits_for_an_hour_or_for_many_rows(learner):
    run = tally.activity(key="course:1:2026", kind="course", title="基础")
    tally.record(
        key="k", kind="lesson", activity=run, person=learner, channel="live", minutes=45, occurred_at=timezone.now(),
        unit="lesson:1",
    )  # fmt: skip
    assert chain.seal_due() == 0
    old = timezone.now() + timedelta(hours=1, seconds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: old)
        assert chain.seal_due() == 1


@contextmanager
def unguarded():
    """As somebody could who holds the database itself."""
    tables = ["lms_participation", "lms_ledgerbatch", "lms_activityfacts"]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set constraints all immediate")
            for table in tables:
                cursor.execute(f"alter table {table} disable trigger user")
        else:
            cursor.execute("select name from sqlite_master where type = 'trigger' and name like 'lms_%%'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"drop trigger {name}")
        yield cursor


TAMPERING = {
    "update lms_participation set minutes = 4500 where id = (select min(id) from lms_participation)": "changed",
    "update lms_participation set city_code = '510700' where id = (select min(id) from lms_participation)": "changed",
    "update lms_participation set batch_id = null where id = (select min(id) from lms_participation)": "3 rows",
    "update lms_ledgerbatch set hash = previous where number = 1": "does not follow",
    "update lms_ledgerbatch set rows = 9 where number = 2": "instead of 9",
    "update lms_ledgerbatch set number = 7 where number = 2": "missing",
}


@pytest.mark.parametrize("statement", TAMPERING, ids=range(len(TAMPERING)))
def test_every_change_shows(book, statement):
    with unguarded() as cursor:
        cursor.execute(statement)
    assert any(TAMPERING[statement] in problem for problem in chain.verify())


# --- what an auditor does, without this school ---


def export(path):
    out = StringIO()
    call_command("audit_ledger", "--export", str(path), stdout=out)
    return out.getvalue()


def audit(path, *days):
    done = subprocess.run([sys.executable, "-I", AUDITOR, path, *days], capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def test_an_auditor_comes_to_the_same_figures(book, tmp_path):
    path = tmp_path / "ledger.jsonl"
    assert "every sealed row is as it was sealed" in export(path)
    code, found = audit(path)
    assert (code, found["problems"], found["unsealed"], found["rows"]) == (0, [], 0, 7)
    assert found["last_hash"] == LedgerBatch.objects.last().hash
    assert found["total"] == reports.measures(reports.Scope()).as_dict()
    assert found["total"]["hours"] == "4.5"
    for city, figures in found["cities"].items():
        assert figures == reports.measures(reports.Scope(cities=(city,))).as_dict()


def test_an_auditor_agrees_about_somebody_who_moved(book, manager, tmp_path):
    """One course in three cities and two firms, a lesson twice, minutes that no 学时 divides."""
    run = tally.activity(key="course:5:2026", kind="course", title="搬家")
    stood = [("510700", "91510700DEMQ00026K"), ("510100", ""), ("OTHER", "91510100DEMQ01379A")]
    for n, (city, firm) in enumerate(stood):
        Participation.objects.create(
            key=f"moved{n}", kind="lesson", activity=run, person=manager.ledger_key, channel="live", minutes=20 + n,
            occurred_at=timezone.now(), recorded_at=timezone.now(), unit=f"lesson:{n // 2}", city_code=city,
            city_name=city, province_code="", enterprise_uscc=firm,
        )  # fmt: skip
    export(tmp_path / "ledger.jsonl")
    _code, found = audit(tmp_path / "ledger.jsonl")
    assert found["total"] == reports.measures(reports.Scope()).as_dict()
    assert {"510700", "OTHER"} < set(found["cities"])
    for city, figures in found["cities"].items():
        assert figures == reports.measures(reports.Scope(cities=(city,))).as_dict()
    for name in ("attendances", "enterprise_attendances", "graduates"):
        assert sum(figures[name] for figures in found["cities"].values()) == found["total"][name]


def test_rows_not_yet_sealed_are_counted_and_named(book, learner, tmp_path):
    run = tally.activity(key="course:9:2026", kind="course", title="新课")
    tally.record(
        key="new", kind="lesson", activity=run, person=learner, channel="live", minutes=45, occurred_at=timezone.now(),
        unit="lesson:9",
    )  # fmt: skip
    export(tmp_path / "ledger.jsonl")
    _code, found = audit(tmp_path / "ledger.jsonl")
    assert (found["rows"], found["unsealed"]) == (8, 1)
    assert found["total"] == reports.measures(reports.Scope()).as_dict()


def test_an_auditor_finds_a_changed_a_missing_and_a_moved_line(book, tmp_path):
    path = tmp_path / "ledger.jsonl"
    export(path)
    lines = path.read_text("utf-8").splitlines()
    cut = {
        "changed": [line.replace('"minutes":"90.0"', '"minutes":"900.0"') for line in lines],
        "missing": lines[:2] + lines[3:],
        "moved": [lines[0], lines[1], lines[3], lines[2], *lines[4:]],
        "cut off": lines[:-1],
    }
    for kept in cut.values():
        assert kept != lines
        path.write_text("\n".join(kept) + "\n", "utf-8")
        code, found = audit(path)
        assert code == 1
        assert found["problems"]


def test_the_commands_seal_and_refuse_a_broken_chain(book, learner):
    out = StringIO()
    call_command("seal_ledger", stdout=out)
    assert out.getvalue() == "nothing to seal\n"
    with unguarded() as cursor:
        cursor.execute("update lms_participation set minutes = 1 where id = (select min(id) from lms_participation)")
    with pytest.raises(CommandError):
        call_command("audit_ledger", stderr=StringIO())


def test_an_auditor_counts_a_period_by_the_calendar_of_shanghai(book, learner, tmp_path):
    """The last second of the year, and the first of the next one."""
    run = tally.activity(key="course:7:2020", kind="course", title="跨年")
    last = datetime(2020, 12, 31, 15, 59, 59, tzinfo=UTC)
    for n in range(2):
        tally.record(
            key=f"eve{n}", kind="lesson", activity=run, person=learner, channel="live", minutes=45,
            occurred_at=last + timedelta(seconds=n), unit=f"lesson:eve{n}",
        )  # fmt: skip
    export(tmp_path / "ledger.jsonl")
    code, found = audit(tmp_path / "ledger.jsonl", "--from", "2020-01-01", "--to", "2020-12-31")
    assert (code, found["chain"]) == (0, "ok")
    assert found["total"] == reports.measures(reports.Scope.of_period("2020")).as_dict()
    assert found["total"]["hours"] == "1.0"


def test_rows_of_the_first_format_stay_as_they_were_sealed(book, learner):
    """A row that was sealed before counties were known is hashed without them; a county slipped in shows."""
    run = tally.activity(key="course:1:2026", kind="course", title="基础")
    old = Participation.objects.create(
        key="old", kind="lesson", activity=run, person=learner.ledger_key, channel="live", minutes=45, format=1,
        occurred_at=timezone.now(), recorded_at=timezone.now(), unit="lesson:8", city_code="510100",
        city_name="成都市", province_code="510000",
    )  # fmt: skip
    assert {"format", "county_code", "county_name"}.isdisjoint(chain.line(old))
    chain.seal()
    assert chain.verify() == []
    with unguarded() as cursor:
        cursor.execute("update lms_participation set county_code = '510104' where id = %s", [old.pk])
    assert any("changed" in problem for problem in chain.verify())


def test_the_audit_for_machines(book):
    def found():
        out = StringIO()
        try:
            call_command("audit_ledger", "--json", stdout=out, stderr=StringIO())
        except CommandError:
            return False, json.loads(out.getvalue())
        return True, json.loads(out.getvalue())

    right, told = found()
    assert right
    assert (told["rows"], told["chain"], told["first_bad"], told["tallies"]) == (7, "ok", None, "ok")
    assert told["totals"] == reports.measures(reports.Scope()).as_dict()
    with unguarded() as cursor:
        cursor.execute(
            "update lms_participation set unit_title = 'x' where id = (select max(id) from lms_participation)"
        )
    right, told = found()
    assert not right
    assert told["chain"] == "broken"
    assert told["first_bad"]["batch"] == 2


def test_rows_that_are_sealed_during_an_export_are_in_it_once(book, learner):
    run = tally.activity(key="course:1:2026", kind="course", title="基础")
    for number in range(3):
        tally.record(
            key=f"young:{number}", kind="lesson", activity=run, person=learner, channel="on_demand", minutes=45,
            occurred_at=timezone.now(), unit=f"young:{number}",
        )  # fmt: skip
    found = []
    for text in chain.export():
        found.append(json.loads(text))
        if found[-1].get("batch", 0) is None:
            chain.seal()
    keys = [each["row"]["key"] for each in found if "row" in each]
    assert len(keys) == len(set(keys)) == Participation.objects.count()


def test_what_a_killed_worker_left_is_no_image(book, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (tmp_path / "columns" / ".7-abc").mkdir(parents=True)
    (tmp_path / "columns" / "7-notes").mkdir()
    assert len(columns.read()) == 7
    os.utime(tmp_path / "columns" / ".7-abc", (0, 0))
    assert columns.renew(1) == 7
    assert not (tmp_path / "columns" / ".7-abc").exists()
    assert len(columns.read().image) == 7


def test_rows_that_are_sealed_while_the_book_is_read_are_in_it_once(book, learner, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    columns.renew(1)
    run = tally.activity(key="course:1:2026", kind="course", title="基础")

    def write(number):
        tally.record(
            key=f"young:{number}", kind="lesson", activity=run, person=learner, channel="on_demand", minutes=45,
            occurred_at=timezone.now(), unit=f"young:{number}",
        )  # fmt: skip

    write(1)
    chain.seal()
    write(2)
    parts = columns._younger(2, None, {name: columns._Growing({}) for name in columns.CODES})
    first = next(parts)
    chain.seal()
    rest = list(parts)
    ids = [number for part in (first, *rest) for number in part["id"].tolist()]
    assert ids == list(Participation.objects.order_by("pk").values_list("pk", flat=True))[-2:]
