"""A made-up book of a province: sealed, counted, and the sentences of the letter come out of one command."""

import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import CommandError, call_command
from django.test import TransactionTestCase
from django.urls import reverse
from openpyxl import load_workbook

from lms import reports, seeding, tallies, tally, tokens
from lms.models import KeptTally, LedgerBatch, Participation
from lms.reports import Scope
from tests import factories
from tests.lms.test_tally_chain import audit as recount

YEAR = ("--from", "2024-01-01", "--to", "2024-12-31")


def answer(*command):
    out = StringIO()
    call_command(*command, stdout=out)
    return json.loads(out.getvalue())


def test_no_book_of_a_real_school_is_filled(db, settings):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="demonstrations"):
        call_command("seed_ledger", "--rows", "10")


class SeededLedger(TransactionTestCase):
    """One book for all, written past the transaction of a test as the command does."""

    def test_the_book(self):
        call_command("load_reference", verbosity=0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(seeding, "SEALED", 1_000)
            call_command("seed_ledger", "--rows", "3000", stdout=StringIO())
        self.it_is_sealed_and_kept()
        self.it_is_spread_over_the_province()
        self.commands_and_pages_agree()
        self.script_and_command_agree()
        self.further_rows_go_behind_it()
        with pytest.raises(CommandError, match="not empty"):
            call_command("seed_ledger", "--rows", "10")

    def it_is_sealed_and_kept(self):
        assert Participation.objects.count() == 3000
        assert not Participation.objects.unsealed().exists()
        assert LedgerBatch.objects.count() == 3
        assert tallies.missing() == []
        found = answer("audit_ledger", "--json")
        assert (found["rows"], found["chain"], found["tallies"], found["first_bad"]) == (3000, "ok", "ok", None)
        assert found["totals"] == reports.measures(Scope()).as_dict()

    def it_is_spread_over_the_province(self):
        table = reports.table(Scope())
        assert len(table) == 24
        assert [row.code for row in table][:2] == ["510100", "510300"]
        assert [row.code for row in table][-3:] == ["500000", "OTHER", "UNKNOWN"]
        assert sum(row.measures.attendances > 0 for row in table) >= 20
        assert Participation.objects.filter(kind="reversal").exists()
        assert set(Participation.objects.values_list("format", flat=True)) == {2}

    def commands_and_pages_agree(self):
        found = answer("count", "--from", "2025-01-01", "--to", "2025-12-31", "--by", "city", "--json")
        table = reports.table(Scope.of_period("2025"))
        assert KeptTally.objects.filter(period="2025").exists()
        assert found["total"] == table.total.as_dict()
        assert [row["attendances"] for row in found["groups"]] == [row.measures.attendances for row in table]
        assert sum(row["attendances"] for row in found["groups"]) == found["total"]["attendances"]
        for by in ("county", "activity", "kind", "month", "chain", "size", "track", "channel", "campaign"):
            odd = answer("count", "--from", "2025-02-03", "--to", "2025-08-19", "--by", by, "--json")
            assert odd["total"] == reports.measures(Scope.of_days(date(2025, 2, 3), date(2025, 8, 19))).as_dict()

    def script_and_command_agree(self):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.jsonl"
            call_command("audit_ledger", "--export", str(path), stdout=StringIO())
            found = {by: recount(path, *YEAR, "--by", by)[1] for by in ("kind", "city", "track", "month")}
        for by, told in found.items():
            counted = {row["code"]: row for row in answer("count", *YEAR, "--by", by, "--json")["groups"]}
            assert told["groups"]
            for label, figures in told["groups"].items():
                assert figures == {name: counted[label][name] for name in figures}

    def further_rows_go_behind_it(self):
        person = Participation.objects.order_by("pk").first()
        run = tally.activity(key="course:9:2026", kind="course", title="新课")
        row = Participation.objects.create(
            key="new", kind="lesson", activity=run, person=person.person, channel="live", minutes=45,
            city_code="510100", city_name="成都市", province_code="510000", unit="lesson:new",
            occurred_at=person.occurred_at, recorded_at=person.occurred_at,
        )  # fmt: skip
        assert row.pk == 3001


class LettersSentences(TransactionTestCase):
    """14 场次, 1.5 万人次; 24 期, 15 万家次: one book, and every door says so."""

    def test_come_out_of_every_door(self):
        call_command("load_reference", verbosity=0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(seeding, "SEALED", 50_000)
            call_command("seed_ledger", "--rows", "0", "--letter", stdout=StringIO())
        found = answer("count", *YEAR, "--by", "campaign", "--json")
        of = {row["code"]: row for row in found["groups"]}
        self.are_the_sentences(of)
        self.come_out_of_the_script(of)
        clerk = factories.user(is_superuser=True)
        _token, text = tokens.issue(name="平台", scopes=("counts",), by=clerk)
        told = self.client.get(
            "/api/v1/platform/counts?from=2024-01-01&to=2024-12-31&by=campaign",
            headers={"Authorization": f"Bearer {text}"},
        ).json()
        self.are_the_sentences({row["code"]: row for row in told["rows"]})
        query = "period=custom&since=2024-01-01&until=2024-12-31&by=campaign"
        self.client.force_login(clerk)
        page = self.client.get(f"{reverse('bureau')}?{query}").context["shown"].table
        self.are_the_sentences({row.code: row.measures.as_dict() for row in page})
        file = self.client.post(f"{reverse('bureau_exports')}?{query}", {"kind": "official"}, follow=True)
        self.stand_in_the_workbook(BytesIO(b"".join(file.streaming_content)))

    def are_the_sentences(self, of):
        training, lectures = of[seeding.CAMPAIGN], of[seeding.LECTURES]
        assert (training["sessions"], training["attendances"]) == (14, 15_000)
        assert (lectures["sessions"], lectures["enterprise_attendances"]) == (24, 150_000)

    def come_out_of_the_script(self, of):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.jsonl"
            call_command("audit_ledger", "--export", str(path), stdout=StringIO())
            code, told = recount(path, *YEAR, "--by", "campaign")
        assert code == 0
        assert set(told["groups"]) == {seeding.CAMPAIGN, seeding.LECTURES}
        for label, figures in told["groups"].items():
            assert figures == {name: of[label][name] for name in figures}

    def stand_in_the_workbook(self, file):
        rows = {row[2]: row for row in load_workbook(file).active.iter_rows(values_only=True)}
        assert rows[seeding.CAMPAIGN][3:5] == (14, 15_000)
        assert rows[seeding.LECTURES][3] == 24
        assert 150_000 in rows[seeding.LECTURES]
