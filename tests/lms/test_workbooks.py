"""Tables that people bring: headings are found, numbers are not broken, what is wrong goes back with the reason."""

import io
import json
import re
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from lms import workbooks
from lms.workbooks import Column, Refused

COLUMNS = [
    Column("name", ("姓名", "员工姓名"), required=True),
    Column("mobile", ("手机号码", "手机", "联系电话"), required=True),
    Column("post", ("岗位", "职务")),
    Column("since", ("入职日期",)),
]


def workbook(*rows, merge=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merge:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return io.BytesIO(out.getvalue())


def cells(table):
    return [(line.number, line["name"], line["mobile"], line["post"]) for line in table.lines]


def test_a_plain_table():
    table = workbooks.read(workbook(["姓名", "手机", "岗位"], ["张明", "13800000001", "质检员"]), COLUMNS)
    assert cells(table) == [(2, "张明", "13800000001", "质检员")]


def test_headings_below_a_merged_title_and_a_note():
    table = workbooks.read(
        workbook(
            ["员工名册2026年11月", None, None],
            ["填报单位：示范公司", None, None],
            ["员工姓名 *", "联系电话（本人）", "备注"],
            ["张明", 13800000001, "老员工"],
            merge=["A1:C1"],
        ),
        COLUMNS,
    )
    assert cells(table) == [(4, "张明", "13800000001", "")]
    assert table.unknown == ("备注",)


def test_headings_of_two_levels():
    table = workbooks.read(
        workbook(["姓名", "联系方式", None, "岗位"], [None, "手机", "邮箱", None], ["张明", 13800000001, None, "班长"],
                 merge=["B1:C1", "A1:A2", "D1:D2"]),
        COLUMNS,
    )  # fmt: skip
    assert cells(table) == [(3, "张明", "13800000001", "班长")]


def test_what_spreadsheets_do_to_numbers():
    table = workbooks.read(
        workbook(["姓名", "手机"], ["全角", "１３８０００００００２"], ["数字", 13800000003.0],
                 ["空 格", " 138 0000 0004 "],
                 ["引号", "'13800000005"], ["科学记数", "1.38E+10"], [None, None], ["末行", "13800000006"]),
        COLUMNS,
    )  # fmt: skip
    assert [line["mobile"] for line in table.lines] == [
        "13800000002", "13800000003", "138 0000 0004", "13800000005", "1.38E+10", "13800000006",
    ]  # fmt: skip
    assert [bool(workbooks.why_shortened(line["mobile"])) for line in table.lines] == [False] * 4 + [True, False]
    assert [line.number for line in table.lines] == [2, 3, 4, 5, 6, 8]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-29",
        "2026/11/29",
        "2026.11.29",
        "2026年11月29日",
        "20261129",
        "２０２６－１１－２９",
        "2026-11-29 00:00",
    ],
)
def test_dates_as_text(text):
    assert workbooks.day(text) == date(2026, 11, 29)


def test_dates_as_dates():
    made = workbook(["姓名", "手机", "入职日期"], ["张明", "1", date(2026, 1, 5)])
    table = workbooks.read(made, COLUMNS)
    assert workbooks.day(table.lines[0]["since"]) == date(2026, 1, 5)


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "2026-02-30", "29.11.2026"])
def test_no_date(text):
    with pytest.raises(ValueError, match=text or "“”"):
        workbooks.day(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_usual_encoding(encoding):
    table = workbooks.read(io.BytesIO("姓名,手机\r\n张明,13800000001\r\n".encode(encoding)), COLUMNS)
    assert cells(table) == [(2, "张明", "13800000001", "")]


def test_a_file_without_the_headings_says_which():
    with pytest.raises(Refused, match="姓名、手机号码"):
        workbooks.read(workbook(["名字", "号码"], ["张明", "1"]), COLUMNS)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 no archive", b"%PDF-1.7\0\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"]
)
def test_what_is_no_table(data):
    with pytest.raises(Refused):
        workbooks.read(io.BytesIO(data), COLUMNS)


def test_an_archive_that_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(Refused):
        workbooks.read(io.BytesIO(out.getvalue()), COLUMNS)


def test_an_archive_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1_000)
    with pytest.raises(Refused):
        workbooks.read(workbook(["姓名", "手机"]), COLUMNS)


def test_too_many_rows():
    with pytest.raises(Refused, match="3"):
        workbooks.read(workbook(["姓名", "手机"], *([str(n), "1"] for n in range(4))), COLUMNS, most=3)


@pytest.mark.parametrize("number", [20_000, 99_999_999_999_999])
def test_a_row_that_claims_to_be_far_below(number):
    plain, made = workbook(["姓名", "手机"], ["张明", "13800000001"]), io.BytesIO()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b'<row r="2"', f'<row r="{number}"'.encode()))
    made.seek(0)
    with pytest.raises(Refused, match="10002"):
        workbooks.read(made, COLUMNS)


def test_texts_and_pictures_beside_the_sheets_are_bounded(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_BESIDE", 1_000)
    with pytest.raises(Refused):
        workbooks.read(workbook(["姓名", "手机"]), COLUMNS)


def test_a_quotation_mark_that_is_never_closed():
    with pytest.raises(Refused):
        workbooks.read(io.BytesIO(('姓名,手机\n"' + "长" * 200_000).encode()), COLUMNS)


def test_what_no_workbook_holds_goes_back_without_it():
    table = workbooks.read(io.BytesIO("姓名,手机,=1+1,\x02备注\n张\x01明,\x02=1\n".encode()), COLUMNS)
    book = load_workbook(io.BytesIO(workbooks.returned(table, {2: "原因"})))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows == [("姓名", "手机", "'=1+1", "备注", "错误原因"), ("张明", "'=1", None, None, "原因")]


def test_bad_rows_go_back_with_the_reason():
    table = workbooks.read(workbook(["姓名", "手机"], ["好", "13800000001"], ["=1+1", "=cmd()"], ["坏", 138]), COLUMNS)
    book = load_workbook(io.BytesIO(workbooks.returned(table, {4: "手机号不是11位"})))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows == [("姓名", "手机", "错误原因"), ("坏", "138", "手机号不是11位")]
    assert book.active["B2"].number_format == "@"


def test_nothing_that_goes_back_is_a_formula():
    table = workbooks.read(io.BytesIO("姓名,手机\n=HYPERLINK(1),+8613800000001\n".encode()), COLUMNS)
    book = load_workbook(io.BytesIO(workbooks.returned(table, {2: "@原因"})))
    assert [cell.value for cell in book.active[2]] == ["'=HYPERLINK(1)", "'+8613800000001", "'@原因"]
    assert {cell.data_type for cell in book.active[2]} == {"s"}


def test_the_template_can_be_read_back():
    file = io.BytesIO(workbooks.template(COLUMNS, title="员工名册"))
    assert workbooks.read(file, COLUMNS).lines == []


@given(some.lists(some.tuples(some.text(min_size=1, max_size=20), some.integers(0, 10**11)), max_size=30))
def test_every_row_that_says_something_is_read_once(rows):
    rows = [(name, number) for name, number in rows if all(ord(letter) >= 32 for letter in name)]
    table = workbooks.read(
        io.BytesIO(("姓名,手机\n" + "".join(f'"{n.replace(chr(34), "")}",{m}\n' for n, m in rows)).encode()), COLUMNS
    )
    assert [line["mobile"] for line in table.lines] == [str(number) for _, number in rows]


def worked_out(*rows, results):
    """A workbook as a spreadsheet program saves it: formulas with what came of them, by the cell."""
    plain, made = workbook(*rows), io.BytesIO()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            data = before.read(name).decode() if name.startswith("xl/worksheets/") else before.read(name)
            if isinstance(data, str):
                for cell, result in results.items():
                    data, many = re.subn(
                        rf'<c r="{cell}"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?',
                        rf'<c r="{cell}"\1 t="str"><f>\2</f><v>{result}</v>',
                        data,
                    )
                    assert many == 1
            after.writestr(name, data)
    return io.BytesIO(made.getvalue())


def sent_back(table, reasons):
    book = load_workbook(io.BytesIO(workbooks.returned(table, reasons)))
    return book.active, [tuple(cell.value for cell in row) for row in book.active.iter_rows()]


def test_a_formula_that_nobody_worked_out_comes_back_letter_by_letter_and_is_not_run():
    made = workbook(["姓名", "手机", "岗位"], ["张明", '="138"&"00000001"', "=VLOOKUP(A2,Sheet2!A:B,2,0)"])
    table = workbooks.read(made, COLUMNS)
    assert (table.lines[0]["mobile"], table.lines[0].unread) == ("", ("手机", "岗位"))
    assert "手机、岗位" in str(workbooks.why_unread(table.lines[0]))
    sheet, rows = sent_back(table, {2: "原因"})
    assert rows[1] == ("张明", '="138"&"00000001"', "=VLOOKUP(A2,Sheet2!A:B,2,0)", "原因")
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert sheet["B2"].quotePrefix


def test_a_row_of_nothing_but_open_formulas_is_no_empty_row():
    table = workbooks.read(workbook(["姓名", "手机"], ["=C2", "=D2"], ["张明", "13800000001"]), COLUMNS)
    assert [(line.number, line.unread) for line in table.lines] == [(2, ("姓名", "手机")), (3, ())]


def test_a_formula_with_a_result_is_read_by_it_and_kept_beside():
    made = worked_out(
        ["姓名", "手机", "岗位", "序"], ["=TRIM(E2)", '="138"&"00000001"', "=F2", "=ROW()"],
        results={"A2": "张明", "B2": "13800000001", "C2": ""},
    )  # fmt: skip
    table = workbooks.read(made, COLUMNS)
    assert cells(table) == [(2, "张明", "13800000001", "")]
    assert table.lines[0].unread == ()
    _sheet, rows = sent_back(table, {2: "原因"})
    assert rows[0] == ("姓名", "手机", "岗位", "序", "错误原因", "原公式")
    written = 'A2 =TRIM(E2)；B2 ="138"&"00000001"；C2 =F2'
    assert rows[1] == ("张明", "13800000001", None, "=ROW()", "原因", written)
    again = workbooks.read(io.BytesIO(workbooks.returned(table, {2: "原因"})), COLUMNS)
    assert cells(again) == [(2, "张明", "13800000001", "")]


def test_a_formula_that_came_to_nothing_is_no_name():
    made = worked_out(["姓名", "手机"], ["=VLOOKUP(1,C:D,2,0)", "13800000001"], results={"A2": "#N/A"})
    table = workbooks.read(made, COLUMNS)
    assert table.lines[0].unread == ("姓名",)
    assert sent_back(table, {2: "原因"})[1][1][0] == "=VLOOKUP(1,C:D,2,0)"


def test_formulas_of_many_cells_and_those_that_are_shared():
    book = Workbook()
    for row in (["姓名", "手机"], ["张明", None], ["李莉", "=D3"]):
        book.active.append(row)
    book.active["B2"] = ArrayFormula("B2:B2", '=C2&"x"')
    out = io.BytesIO()
    book.save(out)
    table = workbooks.read(io.BytesIO(out.getvalue()), COLUMNS)
    _sheet, rows = sent_back(table, {2: "一", 3: "二"})
    assert [row[1] for row in rows[1:]] == ['=C2&"x"', "=D3"]


def test_cells_beside_the_headings_come_back_too():
    table = workbooks.read(workbook(["姓名", "手机"], ["张明", "1", None, "周三请假", "=1+1"]), COLUMNS)
    _sheet, rows = sent_back(table, {2: "原因"})
    assert rows == [("姓名", "手机", None, None, None, "错误原因"), ("张明", "1", None, "周三请假", "=1+1", "原因")]


def test_what_is_kept_between_the_trial_and_the_decision_is_the_same():
    table = workbooks.read(workbook(["姓名", "手机"], ["张明", "=D2", "甲"]), COLUMNS)
    kept = json.loads(json.dumps(workbooks.plain(table.lines[0])))
    again = workbooks.Table(table.headings, [workbooks.Line(2, {}, tuple(kept))])
    assert sent_back(again, {2: "原因"})[1] == sent_back(table, {2: "原因"})[1]


def test_a_long_code_that_stood_in_a_cell_of_numbers_is_not_guessed():
    """Spreadsheets keep fifteen digits: what they show of the rest is made up."""
    table = workbooks.read(workbook(["姓名", "手机"], ["甲", 911510100000000000.0], ["乙", 123456789012345.0]), COLUMNS)
    assert [line["mobile"] for line in table.lines] == ["9.11510E+17", "123456789012345"]
    assert [bool(workbooks.why_shortened(line["mobile"])) for line in table.lines] == [True, False]
