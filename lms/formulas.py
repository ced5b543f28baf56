"""Cells of workbooks that somebody let a spreadsheet work out: what was written there, and what came of it."""

import re
import zipfile
from dataclasses import dataclass
from typing import Any

IN_SHEET = re.compile(rb"<(?:\w+:)?f[\s/>]")  # a formula, in the XML of a sheet
FAILED = re.compile(r"#[A-Z0-9/_]+[!?]?")  # what is shown of one that came to nothing: #N/A, #REF!


@dataclass(frozen=True)
class Formula:
    """Its result is None where no program has worked it out."""

    text: str
    result: Any = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows what the cell says."""
        return self.result is None or bool(FAILED.fullmatch(str(self.result)))


def are_in(archive: zipfile.ZipFile) -> bool:
    """Whether a workbook has to be read a second time for what was written in its cells."""
    sheets = [entry for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/")]
    return any(IN_SHEET.search(archive.read(entry)) for entry in sheets)


def value(result: Any, written: Any) -> Any:
    """Of one cell, read with results and read as written. A result that is an empty text is one."""
    if written.data_type != "f":
        return result.value
    text = getattr(written.value, "text", written.value)  # of an array; a table of data has none
    text = text if isinstance(text, str) else "=TABLE()"
    return Formula(text, "" if result.value is None and result.data_type == "str" else result.value)
