"""Tables that people bring as XLSX or CSV: found by their headings, cleaned of what spreadsheets do to numbers.

Reading decides nothing about a row; that is the business of whoever asked. What could not be used goes back as a table
of the same headings with one more: why.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from . import formulas
from .formulas import Formula
from .reasons import Reason

MOST_BYTES = 20 * 1024**2  # of a file as it comes
MOST_UNPACKED = 60 * 1024**2  # of what lies in it: a bounded archive
MOST_BESIDE = 20 * 1024**2  # of that, what is no sheet: texts, styles, pictures
MOST_ROWS = 50_000
MOST_BLANK = 10_000  # rows in a row that say nothing
HEAD_WITHIN = 12  # rows above which the headings are looked for: titles, notes, merged cells
WIDEST = 60  # columns that are read
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?(?:\s.*)?|(\d{4})(\d{2})(\d{2})")
EXACT = 1e15  # a spreadsheet keeps so many digits of a number; those behind are lost, whatever it shows
EXPONENT = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
ERROR_HEADING, FORMULA_HEADING = "错误原因", "原公式"


class Refused(Exception):
    """The file as a whole cannot be read; the message says why and what to do, in the reader's language."""


@dataclass(frozen=True)
class Column:
    """`titles` are the headings under which people bring it, the first one that of our template."""

    name: str
    titles: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Line:
    """A row as it stands in the file: `number` counts from 1 as spreadsheets do, cells are clean texts."""

    number: int
    cells: dict[str, str]
    raw: tuple[Any, ...] = ()
    unread: tuple[str, ...] = ()  # headings of cells that hold a formula and no result: nobody knows what they say

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    lines: list[Line]
    unknown: tuple[str, ...] = field(default=())  # headings that nothing is known about


def read(file: BinaryIO, columns: Sequence[Column], *, most: int = MOST_ROWS) -> Table:
    """The rows below the headings, empty ones left out. Raises Refused."""
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(_("The file is larger than %(size)d MB. Split it.") % {"size": MOST_BYTES // 1024**2})
    if not data:
        raise Refused(_("The file is empty."))
    rows = _worksheet(data) if data[:2] == b"PK" else _csv(data)
    return _table(rows, columns, most)


def _worksheet(data: bytes) -> Iterator[tuple[Any, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _is_vast(archive):
                raise Refused(_("This file unpacks to far more than a roster holds, so it was not opened."))
            with_formulas = formulas.are_in(archive)
        if with_formulas:
            for results, written in zip(_rows(data), _rows(data, data_only=False), strict=True):
                yield tuple(map(formulas.value, results, written))
        else:
            yield from _rows(data, values_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, SyntaxError) as error:
        raise Refused(_("This is not a workbook that can be read. Save it as .xlsx once more.")) from error


def _rows(data: bytes, *, data_only: bool = True, values_only: bool = False) -> Iterator[tuple[Any, ...]]:
    """Cells with the results of their formulas or with what was written there, never both."""
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=data_only)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # files of other programs understate them
    # Rows that the file leaves out come as empty ones: the number of the last one needs a bound.
    yield from sheet.iter_rows(values_only=values_only, max_col=WIDEST, max_row=HEAD_WITHIN + 4 * MOST_ROWS)
    book.close()


def _is_vast(archive: zipfile.ZipFile) -> bool:
    sizes = [(entry.filename.startswith("xl/worksheets/"), entry.file_size) for entry in archive.infolist()]
    beside = sum(size for is_sheet, size in sizes if not is_sheet)
    return beside > MOST_BESIDE or sum(size for _is_sheet, size in sizes) > MOST_UNPACKED


def _csv(data: bytes) -> Iterator[tuple[Any, ...]]:
    if b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused(_("Only .xlsx and .csv files can be read. Save the file as .xlsx."))
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _records(text)
    raise Refused(_("The characters of this file cannot be read. Save it as .xlsx."))


def _records(text: str) -> Iterator[tuple[Any, ...]]:
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            yield tuple(row[:WIDEST])
    except csv.Error as error:  # such as a quotation mark that is never closed
        raise Refused(_("The characters of this file cannot be read. Save it as .xlsx.")) from error


def _table(rows: Iterator[tuple[Any, ...]], columns: Sequence[Column], most: int) -> Table:
    head: list[tuple[Any, ...]] = []
    places: dict[str, int] = {}
    headings: tuple[str, ...] = ()
    for row in rows:
        head.append(row)
        places, headings = _places(head, columns)
        if _complete(places, columns) or len(head) == HEAD_WITHIN:
            break
    if not _complete(places, columns):
        wanted = "、".join(column.titles[0] for column in columns if column.required)
        raise Refused(_("The headings were not found. The first rows must name: %(wanted)s.") % {"wanted": wanted})
    lines = list(_lines(rows, places, headings, first=len(head) + 1, most=most))
    known = set(places.values())
    unknown = tuple(text for place, text in enumerate(headings) if text and place not in known)
    return Table(headings, lines, unknown)


def _places(head: Sequence[tuple[Any, ...]], columns: Sequence[Column]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each column stands: by the last row of the head, or by the one above it where cells are merged."""
    below = [heading(value) for value in head[-1]]
    above = [heading(value) for value in head[-2]] if len(head) > 1 else []
    width = max((place for row in (below, above) for place, text in enumerate(row, start=1) if text), default=0)
    below, above = below[:width], above[:width]
    below += [""] * (width - len(below))
    above += [""] * (width - len(above))
    texts = tuple(lower or upper for lower, upper in zip(below, above, strict=True))
    places = {}
    for column in columns:
        wanted = {heading(title) for title in column.titles}
        place = next((number for number, text in enumerate(texts) if text in wanted), None)
        if place is not None:
            places[column.name] = place
    return places, texts


def _complete(places: dict[str, int], columns: Sequence[Column]) -> bool:
    return bool(places) and all(column.name in places for column in columns if column.required)


def _lines(
    rows: Iterator[tuple[Any, ...]], places: dict[str, int], headings: Sequence[str], *, first: int, most: int
) -> Iterator[Line]:
    count = blank = 0
    for number, row in enumerate(rows, start=first):
        cells = {name: clean(row[place]) if place < len(row) else "" for name, place in places.items()}
        unread = tuple(headings[place] for place in places.values() if place < len(row) and _is_unread(row[place]))
        if not unread and not any(cells.values()):
            blank += 1
            if blank > MOST_BLANK:
                raise Refused(_("Thousands of empty rows end in row %(row)d. Delete them.") % {"row": number})
            continue
        blank = 0
        count += 1
        if count > most:
            raise Refused(_("There are more than %(most)d rows. Split the file.") % {"most": most})
        yield Line(number, cells, row, unread)


def _is_unread(value: Any) -> bool:
    """A formula without a result; one that came back as text is none the better."""
    if isinstance(value, Formula):
        return value.is_open
    return isinstance(value, str) and clean(value).startswith("=")


def why_unread(line: Line) -> Reason:
    """Why a row cannot be judged, or nothing."""
    if not line.unread:
        return Reason()
    words = gettext_noop("“%(columns)s” holds a formula without a usable result. Put its value in its place, or work "
                         "the table out in a spreadsheet program, save it and bring it again.")  # fmt: skip
    return Reason(words, {"columns": "、".join(line.unread)})


def heading(value: Any) -> str:
    """For comparing: no spaces, no asterisk of a required column, no remark in brackets, half width."""
    text = re.sub(r"\s+", "", clean(value)).replace("*", "")
    return re.sub(r"[(（\[【].*", "", text).upper()


def clean(value: Any) -> str:
    """A cell as a person would read it: full width made half, whole numbers without a point, dates as 2026-11-29."""
    if isinstance(value, Formula):
        return clean(value.result)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if (value.hour, value.minute) == (0, 0) else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and abs(value) >= EXACT:
        return f"{value:.5E}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value))
    return re.sub(r"[\s​﻿]+", " ", text).strip().lstrip("'")


def day(text: str) -> date:
    """The day that a cell tells in any of the usual ways. Raises ValueError with words."""
    found = DATE.fullmatch(clean(text))
    if found:
        parts = [int(part) for part in found.groups() if part]
        try:
            return date(*parts)
        except ValueError:
            pass
    raise ValueError(_("“%(text)s” is no date. Write it like 2026-11-29.") % {"text": text})


def why_shortened(text: str) -> Reason:
    """Why a long number cannot be read of which a spreadsheet made 1.38E+10, or nothing."""
    if not EXPONENT.fullmatch(text):
        return Reason()
    return Reason(gettext_noop("The spreadsheet shortened the number and its digits are lost. Set the column to “text” "
                               "and enter it again."))  # fmt: skip


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain(line: Line) -> list[Any]:
    """The cells as they came, all of them, to be kept as JSON and to go back by `returned`."""
    cells = [_kept(cell) for cell in line.raw]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _kept(cell: Any) -> Any:
    if isinstance(cell, Formula):
        return {"formula": cell.text, "result": None if cell.is_open else clean(cell)}
    return cell if isinstance(cell, dict) else clean(cell)


def returned(table: Table, reasons: dict[int, str], *, title: str = "") -> bytes:
    """An XLSX of the rows that have a reason, by the number of the row: every cell as it came, and then the reason.

    What nobody worked out stands as its formula, in letters; the formulas of the others stand in a column of their own,
    by the cell that they were in. None is run: rows have moved, and a file goes through several hands.
    """
    rows = [(line.number, plain(line)) for line in table.lines if reasons.get(line.number)]
    width = max([len(table.headings), *(len(cells) for _number, cells in rows)])
    written = {number: _written(number, cells) for number, cells in rows}
    last = (FORMULA_HEADING,) if any(written.values()) else ()
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31] or ERROR_HEADING)
    sheet.freeze_panes = "A2"
    blank = [""] * (width - len(table.headings))
    head = [_text(sheet, text) for text in (*table.headings, *blank, ERROR_HEADING, *last)]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for number, cells in rows:
        blank = [""] * (width - len(cells))
        told = [*map(_shown, cells), *blank, reasons[number], *([Formula(written[number])] if last else [])]
        sheet.append([_text(sheet, value) for value in told])
    return _bytes(book)


def _shown(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    return Formula(cell["formula"]) if cell["result"] is None else cell["result"]


def _written(number: int, cells: Sequence[Any]) -> str:
    """The formulas that do not stand in their cell: B5 =TRIM(A5)."""
    named = [(get_column_letter(place), cell) for place, cell in enumerate(cells, 1)]
    found = [(name, cell) for name, cell in named if isinstance(cell, dict) and cell["result"] is not None]
    return "；".join(f"{name}{number} {cell['formula']}" for name, cell in found)


def template(columns: Iterable[Column], *, title: str) -> bytes:
    """An empty table to be filled in; the cells of long numbers are texts already."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    head = []
    for number, column in enumerate(columns, start=1):
        cell = WriteOnlyCell(sheet, value=column.titles[0] + ("*" if column.required else ""))
        cell.font = Font(bold=True)
        head.append(cell)
        letters = sheet.column_dimensions[chr(64 + number)]
        letters.width, letters.number_format = 24, "@"
    sheet.append(head)
    return _bytes(book)


def _text(sheet: Any, value: Any) -> WriteOnlyCell:
    formula = isinstance(value, Formula)
    text = ILLEGAL_CHARACTERS_RE.sub("", value.text if formula else clean(value))
    cell = WriteOnlyCell(sheet, value=text if formula else safe(text))
    cell.number_format = "@"
    if formula:  # letter by letter, and for a spreadsheet a text
        cell.data_type, cell.quotePrefix = "s", True
    return cell


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
