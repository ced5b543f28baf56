"""The official table and files of many rows, read back by the library that people's tools are built on."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from lms import sheets, statements
from lms.sheets import Column, Paper

PAPER = Paper(
    "2024年第三季度企业首席质量官培训情况统计表",
    "四川省市场监督管理局",
    dt.date(2024, 10, 8),
    "场、人次",
    ("注：一",),
    "导出人：甲&乙",
)
COLUMNS = statements.columns("city")
WIDTH = len(COLUMNS)


def row(number, code, name, figure=0):
    return [number, code, name, *[figure] * 5, Decimal("0.5"), 0, 0, ""]


@pytest.fixture
def sheet(tmp_path):
    rows = [row(1, "510100", "成都市", 3), row(2, "510300", "=自贡市")]
    book = sheets.official(PAPER, COLUMNS, rows, row("", "", "合计", 3))
    book.save(tmp_path / "a.xlsx")
    return openpyxl.load_workbook(tmp_path / "a.xlsx").active


def test_the_head_is_that_of_a_filed_table(sheet):
    assert sheet["A1"].value == PAPER.title
    assert "A1:L1" in {str(area) for area in sheet.merged_cells.ranges}
    assert (sheet["A1"].font.size, sheet["A1"].font.bold) == (16, True)
    line = [cell.value for cell in sheet[2] if cell.value]
    assert line == ["填报单位：四川省市场监督管理局", "填报时间：2024年10月8日", "单位：场、人次"]


def test_heads_of_two_levels_are_merged(sheet):
    areas = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:F3", "G3:H3", "I3:I4", "J3:K3", "L3:L4"} <= areas
    assert [cell.value for cell in sheet[3]][:9:2] == ["序号", "市（州）", "参训人员", "参训企业", "学时"]
    assert [cell.value for cell in sheet[4]][4:8] == ["人次", "人数", "家次", "家数"]


def test_figures_are_numbers_codes_are_text_and_nothing_is_blank(sheet):
    assert [cell.value for cell in sheet[5]] == [1, "510100", "成都市", 3, 3, 3, 3, 3, 0.5, 0, 0, None]
    assert (sheet["B5"].data_type, sheet["B5"].number_format) == ("s", "@")
    assert (sheet["D6"].value, sheet["D6"].data_type, sheet["I5"].number_format) == (0, "n", "0.0")


def test_a_name_that_begins_like_a_formula_is_text(sheet):
    assert (sheet["C6"].value, sheet["C6"].data_type, sheet["C6"].quotePrefix) == ("=自贡市", "s", True)


def test_the_foot_names_who_filled_it_in(sheet):
    assert sheet["C7"].value == "合计"
    assert sheet["A8"].value == "注：一"
    assert [cell.value for cell in sheet[9] if cell.value] == ["填表人：", "审核人：", "联系电话："]


def test_it_prints_on_a4_across_one_page_wide_with_its_heads(sheet):
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$4", "D5")
    assert "甲" in sheet.oddFooter.left.text


def test_any_number_of_rows_with_a_watermark(tmp_path):
    path = tmp_path / "rows.xlsx"
    columns = [Column("姓名"), Column("学时")]
    sheets.write_rows(path, columns, (["@name", number] for number in range(3000)), paper=PAPER)
    sheet = openpyxl.load_workbook(path, read_only=False).active
    assert sheet["A1"].value == PAPER.title
    assert sheet["A2"].value == "填报单位：四川省市场监督管理局　导出人：甲&乙"
    assert [cell.value for cell in sheet[3]] == ["姓名", "学时"]
    assert sheet.max_row == 3003
    assert (sheet["A4"].data_type, sheet["A4"].value, sheet["B4"].value) == ("s", "@name", 0)
    assert sheet.print_title_rows == "$1:$3"


def test_rows_go_on_on_another_sheet_when_one_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "SHEET", 10)
    sheets.write_rows(tmp_path / "x.xlsx", [Column("数")], ([number] for number in range(25)), paper=PAPER)
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["明细", "明细2", "明细3"]
    assert [cell.value for each in book for cell in each["A"][3:]] == list(range(25))
    assert {each["A3"].value for each in book} == {"数"}


def test_signs_that_no_file_can_hold_are_left_out(tmp_path):
    sheets.write_rows(tmp_path / "x.xlsx", [Column("姓名")], [["张\x00三\x0b"]], paper=PAPER)
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").active["A4"].value == "张三"


def test_csv_has_its_mark_and_disarmed_cells():
    text = "".join(
        sheets.csv_lines([Column("姓名"), Column("数")], [["=1+1", -1], ["张,三", Decimal("0.5")], ["@a", 0]])
    )
    assert text.encode().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows == [["姓名", "数"], ["'=1+1", "-1"], ["张,三", "0.5"], ["'@a", "0"]]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_every_way_into_a_formula_is_closed(text):
    assert sheets.disarmed(text) == f"'{text}"
