"""Files that officers take out: what is in them, who may have them, and that they survive their workers."""

import csv
import datetime as dt
import io
import threading
from urllib.parse import unquote

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from lms import bureau as desk
from lms import exports, extracts, reading, reports, statements, timespans
from lms.models import AuditEntry, Export, User
from tests.lms import bureau

INDEX = reverse("bureau_exports")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def book(db):
    return bureau.small_book()


@pytest.fixture
def question(book):
    span = timespans.between(dt.date(2026, 7, 1), dt.date(2026, 9, 30), today=timezone.localdate())
    return desk.Question(span)


def ask(client, user, kind="official", query=bureau.QUARTER, **fields):
    client.force_login(user)
    return client.post(f"{INDEX}?{query}", {"kind": kind, **fields}, follow=True)


def content(response):
    return b"".join(response.streaming_content)


def sheet(response):
    return openpyxl.load_workbook(io.BytesIO(content(response))).active


def test_the_official_table_has_the_figures_of_the_page(client, book, provincial_clerk):
    response = ask(client, provincial_clerk)
    name = unquote(response["Content-Disposition"])
    assert name == "attachment; filename*=utf-8''2026年第三季度培训统计表-按市州-初步(截至2026-09-30).xlsx"
    page = client.get(f"{reverse('bureau')}?{bureau.QUARTER}")
    table = sheet(response)
    found = [[cell.value for cell in row][2:11] for row in table.iter_rows(min_row=5, max_row=29)]
    shown = [
        [row["name"], *(float(cell["value"]) for cell in row["cells"])]
        for row in [*page.context["rows"], {"name": "合计", "cells": page.context["total"]}]
    ]
    assert found == shown
    assert [table.cell(row, 2).value for row in (5, 25, 26, 28)] == ["510100", "513400", "500000", "—"]


@pytest.mark.parametrize("by", [*desk.GROUPS])
def test_the_official_table_has_a_row_for_whatever_is_asked(client, book, provincial_clerk, by):
    cells = [[cell.value for cell in row] for row in sheet(ask(client, provincial_clerk, query=BY + by)).iter_rows()]
    shown = client.get(f"{reverse('bureau')}?{BY}{by}").context["shown"].table
    start = next(number for number, row in enumerate(cells) if row[0] == 1)
    assert [row[2] for row in cells[start : start + len(shown)]] == [row.name for row in shown]
    assert [row[4] for row in cells[start : start + len(shown)]] == [row.measures.attendances for row in shown]
    assert statements.ROWS[by] in [cell for row in cells[:start] for cell in row]


BY = f"{bureau.QUARTER}&by="


def test_in_english_the_table_is_still_the_chinese_one(client, book, provincial_clerk):
    client.force_login(provincial_clerk)
    response = client.post(f"/en{INDEX}?{bureau.QUARTER}", {"kind": "official"}, follow=True)
    assert sheet(response)["C5"].value == "成都市"


def test_the_table_as_csv(client, book, provincial_clerk):
    text = content(ask(client, provincial_clerk, "table")).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert (len(rows), rows[1][:6]) == (26, ["1", "510100", "成都市", "2", "3", "2"])


def test_rows_are_made_by_a_worker_masked_and_marked(
    client, book, provincial_clerk, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = ask(client, provincial_clerk, "rows", measure="attendances")
    export = Export.objects.get()
    assert (export.state, export.rows, page.status_code) == ("ready", 7, 200)
    rows = sheet(client.get(reverse("bureau_file", args=[export.uuid])))
    text = str([[cell.value for cell in row] for row in rows.iter_rows()])
    assert rows.max_row == 3 + 7
    for leaked in ("何大海", "13800006000", "91510100DEMQ01379A"):
        assert leaked not in text
    for shown in ("何**", "138****6000", "91510100****9A", "省局处员", "已脱敏", export.uuid.hex[:8].upper()):
        assert shown in text


def test_full_names_are_for_the_province_and_for_a_purpose(
    client, book, provincial_clerk, django_capture_on_commit_callbacks
):
    refused = ask(client, provincial_clerk, "rows", full="on")
    assert refused.status_code == 422
    assert not Export.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, provincial_clerk, "rows", full="on", purpose="核对证书")
    export = Export.objects.get()
    rows = sheet(client.get(reverse("bureau_file", args=[export.uuid])))
    text = str([[cell.value for cell in row] for row in rows.iter_rows()])
    assert "何大海" in text
    assert "核对证书" in text
    assert {entry.details.get("full") for entry in AuditEntry.objects.all()} == {True}


def test_a_city_clerk_gets_no_full_names(client, book, city_clerk):
    refused = ask(client, city_clerk, "rows", full="on", purpose="我想看")
    assert (refused.status_code, Export.objects.count()) == (422, 0)
    assert "我想看" in refused.content.decode()


def test_a_city_clerk_takes_out_the_own_city_alone(client, book, city_clerk, question):
    table = sheet(ask(client, city_clerk))
    names = [table.cell(row, 3).value for row in range(5, table.max_row)]
    assert "绵阳市" not in names
    assert "合计" in names
    assert table["A2"].value == "填报单位：成都市市场监督管理局"
    assert ask(client, city_clerk, query=f"{bureau.QUARTER}&region=510700").status_code == 403
    with pytest.raises(desk.OutOfReach):
        exports.ask(user=city_clerk, kind="official", question=question)


def test_every_step_stands_on_the_trail(client, book, provincial_clerk):
    ask(client, provincial_clerk)
    verbs = [(entry.verb, entry.author) for entry in AuditEntry.objects.order_by("pk")]
    assert verbs == [(verb, provincial_clerk) for verb in ("export_asked", "export_made", "export_taken")]
    asked, made, _taken = AuditEntry.objects.order_by("pk")
    assert asked.details["filter"]["span"]["first"] == "2026-07-01"
    assert made.details["rows"] == 24


def test_the_file_of_somebody_else_is_not_there(client, book, provincial_clerk, city_clerk):
    ask(client, provincial_clerk)
    address = reverse("bureau_file", args=[Export.objects.get().uuid])
    client.force_login(city_clerk)
    assert client.get(address).status_code == 404


def test_an_officer_who_left_gets_nothing_more(client, book, city_clerk):
    ask(client, city_clerk)
    address = reverse("bureau_file", args=[Export.objects.get().uuid])
    city_clerk.bureau_posts.all().delete()
    assert client.get(address).status_code == 403


def test_a_file_expires_and_is_removed_and_can_be_asked_for_again(client, book, provincial_clerk, today):
    ask(client, provincial_clerk)
    export = Export.objects.get()
    path = exports.path_of(export)
    today.shift(dt.timedelta(days=4))
    client.force_login(provincial_clerk)
    assert client.get(reverse("bureau_file", args=[export.uuid])).status_code == 302
    assert (exports.forget(), path.exists()) == (1, False)
    assert client.get(reverse("bureau_export", args=[export.uuid])).status_code == 200
    client.post(reverse("bureau_export_again", args=[export.uuid]))
    assert [each.state for each in Export.objects.all()] == ["ready", "expired"]


def test_what_was_recorded_after_it_was_asked_for_is_not_in_it(question, book, provincial_clerk, today):
    export = exports.ask(user=provincial_clerk, kind="rows", question=question, measure="attendances")
    today.shift(dt.timedelta(hours=1))
    bureau.write(book[0], bureau.activity(77))
    exports.make(export.pk)
    assert Export.objects.get().rows == 7


def test_a_worker_that_was_killed_is_followed_by_another(question, provincial_clerk, today):
    export = exports.ask(user=provincial_clerk, kind="rows", question=question, measure="attendances")
    assert exports._take(export.pk) is not None  # and then nothing more is heard of it
    assert exports.make(export.pk) is False
    assert exports.catch_up() == 0
    today.shift(dt.timedelta(minutes=3))
    assert exports.catch_up() == 1
    export.refresh_from_db()
    assert (export.state, export.tries, export.rows) == ("ready", 2, 7)


def test_what_never_succeeds_is_given_up_and_said(question, provincial_clerk, today, settings, tmp_path):
    export = exports.ask(user=provincial_clerk, kind="rows", question=question, measure="attendances")
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    settings.EXPORT_ROOT = blocked
    for _ in range(3):
        with pytest.raises(OSError, match="file"):
            exports.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.tries, exports.make(export.pk)) == ("failed", 3, False)
    assert AuditEntry.objects.first().verb == "export_failed"


def test_nobody_sees_a_file_before_it_is_whole(question, provincial_clerk, client):
    export = exports.ask(user=provincial_clerk, kind="rows", question=question, measure="attendances")
    client.force_login(provincial_clerk)
    assert client.get(reverse("bureau_file", args=[export.uuid])).status_code == 302
    page = client.get(reverse("bureau_export", args=[export.uuid])).content.decode()
    assert "正在排队" in page
    assert "<progress" in page


def waiting(author):
    """Asked for, and no worker has begun."""
    bureau.small_book()
    span = timespans.between(dt.date(2026, 7, 1), dt.date(2026, 9, 30), today=timezone.localdate())
    return Export.objects.create(
        kind="rows", author=author, asked_at=timezone.now(), file_name="a.xlsx",
        question={**desk.Question(span, as_of=timezone.now()).as_dict(), "measure": "attendances"},
    )  # fmt: skip


def elsewhere(work):
    """Another process, as the database sees it."""

    def do():
        work()
        connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_large_export_is_made_while_the_school_is_used(provincial_clerk, monkeypatch):
    export, told, of = waiting(provincial_clerk), [], extracts.people

    def people(keys, **how):
        elsewhere(lambda: User.objects.filter(pk=provincial_clerk.pk).update(last_login=timezone.now()))
        told.append(Export.objects.get(pk=export.pk).rows_done)
        return of(keys, **how)

    for module, name in ((exports, "EVERY"), (extracts, "CHUNK"), (reading, "PIECE")):
        monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(extracts, "people", people)
    assert exports.make(export.pk) is True
    export.refresh_from_db()
    assert (export.state, export.tries, export.rows, told) == ("ready", 1, 7, [0, 2, 4, 6])
    rows = openpyxl.load_workbook(exports.path_of(export)).active.iter_rows(min_row=4, values_only=True)
    counted = reports.rows(desk.from_dict(export.question).scope(), "attendances").order_by("pk")
    assert [row[0] for row in rows] == [fact.pk for fact in counted]


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_file(provincial_clerk):
    export = waiting(provincial_clerk)
    made = []

    def work():
        made.append(exports.make(export.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(made) == [False, True]


def test_the_list_of_exports_costs_the_same_for_one_and_three(
    client, book, provincial_clerk, django_assert_num_queries
):
    ask(client, provincial_clerk)
    with django_assert_num_queries(5):
        client.get(INDEX)
    for _ in range(2):
        ask(client, provincial_clerk)
    with django_assert_num_queries(5):
        client.get(INDEX)


def test_a_narrowed_table_says_by_what(provincial_clerk):
    span = timespans.choose("quarter", today=timezone.localdate())
    with translation.override("zh-hans"):
        notes = statements.paper(desk.Question(span, None, {"size": "M", "county": "-"})).notes
        assert notes[0] == "筛选条件：企业规模＝中型；县（市、区）＝未填报。本表只统计符合条件的记录。"
    assert "取舍" in notes[-1]
