"""What the school prints and draws with typst: certificates, course covers, lesson slides.

All data enter a template as one JSON text; no markup is ever made from a name. One compiler is kept per
process, because a fresh one searches the fonts again, which costs more than a page.
"""

import json
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import segno
import typst

from courses import faces

TEMPLATES = Path(__file__).parent / "print"
INK = "#16232E"
QR_MASK = 2  # any mask can be read; looking for the prettiest of eight costs 2 ms a sheet
TRACKS = {"cqo": "首席质量官任职", "std": "标准云课堂", "tqm": "全面质量管理", "chain": "产业链专区"}

_one_at_a_time = Lock()


class Unprintable(Exception):
    """A sheet holds characters that no font of ours has, or that cannot be seen; a person has to look at it."""

    def __init__(self, characters: list[str]):
        self.characters = characters
        super().__init__("cannot print " + ", ".join(f"{c!r} (U+{ord(c):04X})" for c in characters))


@dataclass(frozen=True, kw_only=True)
class CertificateSheet:
    """One certificate as printed: texts word for word, dates as dates. What is empty is left out."""

    name: str
    programme: str
    period: tuple[date, date]
    hours: str
    result: str
    number: str
    issued: date
    issuers: tuple[str, ...]
    verify_url: str = ""
    verify_text: str = ""
    enterprise: str = ""
    name_en: str = ""
    programme_en: str = ""
    title: str = "培训合格证明"
    title_en: str = "Certificate of Completed Training"
    statement: str = "完成规定的全部课程与学时，结业考试成绩合格，特此证明。"
    statement_en: str = (
        "The holder has completed every required course and credit hour of the programme "
        "and passed its final examination."
    )
    note: str = "电子证书，扫码核验"
    seal_svg: str = ""
    orientation: Literal["landscape", "portrait"] = "landscape"
    sample: bool = False

    def texts(self) -> list[str]:
        """Everything that is set in type."""
        plain = [getattr(self, field.name) for field in fields(self) if field.name not in ("seal_svg", "verify_url")]
        return [*(text for text in plain if isinstance(text, str)), *self.issuers]


def certificate(sheet: CertificateSheet) -> bytes:
    """The sheet as PDF/A-2b, the same bytes for the same sheet. Raises Unprintable rather than print a box."""
    return _compiled("certificate.typ", certificate_data(sheet), format="pdf", pdf_standards=["a-2b"])


def certificate_png(sheet: CertificateSheet, ppi: int = 110) -> bytes:
    """The sheet as a picture for pages."""
    return _compiled("certificate.typ", certificate_data(sheet), format="png", ppi=ppi)


def sample_of(sheet: CertificateSheet) -> CertificateSheet:
    """The same sheet with nobody's name on it, marked as a sample and without a code to scan."""
    return replace(
        sheet,
        name="（学员姓名）",
        name_en="",
        enterprise="（工作单位）",
        number="发证时生成",
        verify_url="",
        seal_svg="",
        note="样张，不作证明",
        sample=True,
    )


def cover(track: str, title: str, seed: str, standard: str | None = None, words: bool = False) -> bytes:
    """A course's own picture, 1200×675 PNG. The same seed gives the same picture; an unknown track gets the first."""
    label = TRACKS.get(track, TRACKS["cqo"])
    data = {"track": track, "label": label, "title": title, "seed": seed, "standard": standard, "words": words}
    return _compiled("cover.typ", data, format="png", ppi=72)


def slides(deck: dict, *, ppi: int = 72) -> list[bytes]:
    """A lesson's slides as PNG, 1920×1080 at 72 ppi, 1280×720 at 48. The deck is what films.deck gives."""
    pages = _compiled("slides.typ", deck, format="png", ppi=ppi)
    return pages if isinstance(pages, list) else [pages]


def slides_pdf(deck: dict) -> bytes:
    """The same slides as one paper to keep."""
    return _compiled("slides.typ", deck, format="pdf")


def certificate_data(sheet: CertificateSheet) -> dict:
    """What the template is given. Raises Unprintable."""
    if lost := faces.missing(sheet.texts()):
        raise Unprintable(lost)
    data = {field.name: getattr(sheet, field.name) for field in fields(sheet)}
    return {
        **data,
        "period": [day.isoformat() for day in sheet.period],
        "issued": sheet.issued.isoformat(),
        "name_face": "serif" if faces.serif(sheet.name) else "sans",
        "qr_svg": "" if sheet.sample or not sheet.verify_url else _qr_svg(sheet.verify_url),
    }


def _qr_svg(url: str) -> str:
    """The code as strokes along its rows, in whole numbers: a third fewer bytes in the file than segno's own."""
    rows = segno.make(url, error="m", micro=False, mask=QR_MASK).matrix
    path = []
    for y, row in enumerate(rows):
        edges = [x for x in range(len(row) + 1) if (x < len(row) and row[x]) != (x > 0 and row[x - 1])]
        path += [f"M{left} {y}H{right}" for left, right in zip(edges[::2], edges[1::2], strict=True)]
    view = f"0 -.5 {len(rows)} {len(rows)}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}"><path stroke="{INK}" d="{"".join(path)}"/></svg>'


def _compiled(template: str, data: dict, **options: Any) -> Any:
    """One page as bytes, several as a list of them."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _one_at_a_time:
        return _compiler().compile(input=TEMPLATES / template, sys_inputs=inputs, **options)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        root=TEMPLATES, font_paths=[str(folder) for folder in faces.FOLDERS], ignore_system_fonts=True
    )
