"""Tables as a bureau hands them on: XLSX in the official form, XLSX and CSV of any number of rows.

The wording is that of record, Chinese, whatever the language of who asks. Text that a spreadsheet would take for a
formula is marked as text, or gets an apostrophe where the format knows no marks.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from . import masking

Value = str | int | Decimal | None
BOM = "\ufeff"
SHEET = 1_000_000  # rows; a file of this kind holds 1,048,576 on one sheet
ACTIVE = ("=", "+", "-", "@", "\t", "\r")  # what a cell may not begin with
SONG, HEI = "宋体", "黑体"
THIN = Side(style="thin", color="000000")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
TEXT, WHOLE, TENTH = "@", "0", "0.0"
A4 = 9  # as spreadsheets number sizes of paper


@dataclass(frozen=True)
class Column:
    """`over` is the head above it; neighbours with the same one share it."""

    name: str
    over: str = ""
    form: str = TEXT
    width: float = 10


NAME, MOBILE = Column("姓名", width=14), Column("手机", width=16)  # the two of `who`


def who(name: str, mobile: str | None, *, full: bool) -> tuple[str, str]:
    """A person in a row, masked unless somebody said what the whole is for."""
    return (name, mobile or "") if full else (masking.masked(name), masking.masked_mobile(mobile))


def moment(at: datetime | None) -> str:
    """By the clock of the school, as text; nothing for never."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


@dataclass(frozen=True)
class Paper:
    """What stands around a table."""

    title: str
    reporter: str  # 填报单位
    filed_on: date
    units: str
    notes: tuple[str, ...] = ()
    watermark: str = ""


def official(
    paper: Paper,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    total: Sequence[Value],
    apart: tuple[str, Sequence[Sequence[Value]]] = ("", ()),
) -> Workbook:
    """The whole table as bureaus file it: title, reporter, heads of two levels, rows, 合计, who filled it in.
    `apart` is a head and rows of the same columns that stand below 合计 and are no part of it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "统计表"
    last = get_column_letter(len(columns))
    _merge(sheet, f"A1:{last}1", paper.title, font=Font(name=HEI, size=16, bold=True), alignment=MIDDLE)
    sheet.row_dimensions[1].height = 30
    _line(sheet, 2, (f"填报单位：{paper.reporter}", f"填报时间：{_in_words(paper.filed_on)}", f"单位：{paper.units}"))
    _heads(sheet, columns)
    end = 5
    for end, row in enumerate([*rows, total], 5):
        _row(sheet, end, columns, row, bold=row is total)
    end = _apart(sheet, end, columns, *apart)
    below = _notes(sheet, end + 1, last, paper.notes)
    _line(sheet, below, ("填表人：", "审核人：", "联系电话："))
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "D5"
    _print(sheet, "1:4", paper.watermark)
    sheet.print_area = f"A1:{last}{below}"
    return book


def _in_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _merge(sheet: Any, area: str, value: Value, **style: Any) -> None:
    sheet.merge_cells(area)
    cell = sheet[area.split(":")[0]]
    _fill(cell, value)
    for name, each in style.items():
        setattr(cell, name, each)


def _fill(cell: Any, value: Value) -> None:
    """Text stays text, whatever it looks like."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.value = value
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", TEXT
        if value.startswith(ACTIVE):
            cell.quotePrefix = True


def _line(sheet: Any, number: int, texts: Sequence[str]) -> None:
    """Three texts over the width: left, middle, right."""
    last = sheet.max_column
    edges = (1, max(2, last // 3 + 1), max(3, last - last // 3 + 1), last + 1)
    for place, text in enumerate(texts):
        first, end = edges[place], edges[place + 1] - 1
        area = f"{get_column_letter(first)}{number}:{get_column_letter(end)}{number}"
        alignment = Alignment(horizontal=("left", "center", "right")[place], vertical="center")
        _merge(sheet, area, text, font=Font(name=SONG, size=11), alignment=alignment)
    sheet.row_dimensions[number].height = 22


def _heads(sheet: Any, columns: Sequence[Column]) -> None:
    """Rows 3 and 4: a head without one above it takes both."""
    style = {"font": Font(name=SONG, size=11, bold=True), "alignment": MIDDLE}
    start = 1
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        if not column.over:
            _merge(sheet, f"{letter}3:{letter}4", column.name, **style)
        else:
            if column.over != (columns[number - 2].over if number > 1 else ""):
                start = number
            if number == len(columns) or columns[number].over != column.over:
                _merge(sheet, f"{get_column_letter(start)}3:{letter}3", column.over, **style)
            _fill(sheet[f"{letter}4"], column.name)
            sheet[f"{letter}4"].font, sheet[f"{letter}4"].alignment = style["font"], style["alignment"]
        for line in (3, 4):
            sheet[f"{letter}{line}"].border = BOX


def _row(sheet: Any, number: int, columns: Sequence[Column], row: Sequence[Value], *, bold: bool) -> None:
    for place, (column, value) in enumerate(zip(columns, row, strict=True), 1):
        cell = sheet.cell(number, place)
        _fill(cell, value)
        figure = not isinstance(value, str)
        if figure:
            cell.number_format = column.form
        cell.font, cell.border = Font(name=SONG, size=11, bold=bold), BOX
        cell.alignment = Alignment(horizontal="right" if figure else "center", vertical="center", wrap_text=not figure)


def _apart(sheet: Any, end: int, columns: Sequence[Column], head: str, rows: Sequence[Sequence[Value]]) -> int:
    """Gives the last line."""
    if not rows:
        return end
    alignment = Alignment(horizontal="left", vertical="center")
    area = f"A{end + 1}:{get_column_letter(len(columns))}{end + 1}"
    _merge(sheet, area, head, font=Font(name=SONG, size=11, bold=True), alignment=alignment)
    for number, row in enumerate(rows, end + 2):
        _row(sheet, number, columns, row, bold=False)
    return end + 1 + len(rows)


def _notes(sheet: Any, number: int, last: str, notes: Sequence[str]) -> int:
    """Each in a line of its own; gives the line below them."""
    alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
    for place, note in enumerate(notes, number):
        _merge(sheet, f"A{place}:{last}{place}", note, font=Font(name=SONG, size=10), alignment=alignment)
        sheet.row_dimensions[place].height = 28 if len(note) > 60 else 16
    return number + len(notes)


def _print(sheet: Any, heads: str, watermark: str) -> None:
    """A4 landscape, one page wide, the heads on each page, who took it out at the foot."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = heads
    sheet.oddFooter.left.text = watermark.replace("&", "&&")
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def write_rows(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, paper: Paper) -> None:
    """Any number of rows in the same little memory: a row is on the disk before the next one is read."""
    book = Workbook(write_only=True)
    sheet = _sheet_of_rows(book, columns, paper)
    for number, row in enumerate(rows):
        if number and number % SHEET == 0:
            sheet = _sheet_of_rows(book, columns, paper)
        sheet.append([_plain(sheet, value) for value in row])
    book.save(path)


def _sheet_of_rows(book: Any, columns: Sequence[Column], paper: Paper) -> Any:
    number = len(book.worksheets) + 1
    sheet = book.create_sheet("明细" if number == 1 else f"明细{number}")
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A4"
    _print(sheet, "1:3", paper.watermark)
    sheet.append([_streamed(sheet, paper.title, Font(name=HEI, size=16, bold=True))])
    who = f"填报单位：{paper.reporter}　{paper.watermark}" if paper.reporter else paper.watermark
    sheet.append([_streamed(sheet, who, Font(name=SONG, size=10))])
    sheet.append([_streamed(sheet, column.name, Font(name=SONG, size=11, bold=True)) for column in columns])
    return sheet


def _plain(sheet: Any, value: Value) -> Any:
    """Cells of their own are dear: only text that looks like a formula gets one."""
    if not isinstance(value, str):
        return value
    text: str = ILLEGAL_CHARACTERS_RE.sub("", value)
    return _streamed(sheet, text) if text.startswith(ACTIVE) else text


def _streamed(sheet: Any, text: str, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(sheet)
    _fill(cell, text)
    if font:
        cell.font = font
    return cell


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """With the mark by which a spreadsheet knows UTF-8."""
    yield BOM + _csv_line([column.name for column in columns])
    for row in rows:
        yield _csv_line(row)


def _csv_line(row: Sequence[Value]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([disarmed(value) for value in row])
    return buffer.getvalue()


def disarmed(value: Value) -> Value:
    """Text that would be a formula, behind an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTIVE) else value
