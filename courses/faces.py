"""Which characters can be printed: read from the fonts' own tables, so that nobody prints a box.

The fonts come from two Python packages and from nowhere else, so that every machine prints the same page.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from struct import unpack_from

import noto_cjk_sans_otc
import pylopdf_fonts_zh_cn

FOLDERS = [Path(package.__path__[0]) for package in (pylopdf_fonts_zh_cn, noto_cjk_sans_otc)]
SERIF = (FOLDERS[0] / "NotoSerifSC-Regular.otf", 0)
SANS = (FOLDERS[1] / "NotoSansCJK-Regular.ttc", 2)  # the third face of the collection is Noto Sans CJK SC

# Control, invisible and unassigned characters would make the paper say something else than the record.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def missing(texts: Iterable[str]) -> list[str]:
    """The characters of these texts that no sheet can show, each once, in order of their first use."""
    seen = dict.fromkeys(character for text in texts for character in text)
    return [character for character in seen if not _shown(character)]


def serif(text: str) -> bool:
    """True when every character of the text is in the serif face."""
    return all(_covers(SERIF, ord(character)) for character in text)


def _shown(character: str) -> bool:
    if unicodedata.category(character) in UNSEEN:
        return False
    return _covers(SERIF, ord(character)) or _covers(SANS, ord(character))


def _covers(font: tuple[Path, int], code: int) -> bool:
    starts, ends = _ranges(*font)
    place = bisect_right(starts, code) - 1
    return place >= 0 and code <= ends[place]


@cache
def _ranges(path: Path, face: int) -> tuple[list[int], list[int]]:
    """First and last code of each run of characters in the font's full Unicode table (cmap format 12)."""
    font = path.read_bytes()
    start = unpack_from(">I", font, 12 + 4 * face)[0] if font[:4] == b"ttcf" else 0
    (count,) = unpack_from(">H", font, start + 4)
    tables = {
        font[at : at + 4]: unpack_from(">I", font, at + 8)[0] for at in range(start + 12, start + 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    (subtables,) = unpack_from(">H", font, cmap + 2)
    for at in range(cmap + 4, cmap + 4 + 8 * subtables, 8):
        table = cmap + unpack_from(">I", font, at + 4)[0]
        if unpack_from(">H", font, table)[0] == 12:
            (groups,) = unpack_from(">I", font, table + 12)
            codes = [unpack_from(">II", font, table + 16 + 12 * k) for k in range(groups)]
            return [first for first, _ in codes], [last for _, last in codes]
    raise ValueError(f"{path.name} has no full Unicode table")
