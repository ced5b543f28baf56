"""Names of files that people take home: Chinese as everything that is filed, and such that Windows takes them."""

import re

FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
LONGEST = 80  # characters of a name: Windows counts the whole path


def safe(text: str, *, longest: int = LONGEST) -> str:
    """A name that Windows takes: Chinese stays, signs that name places go, and so do endings in dots and spaces."""
    stem, dot, ending = plain(text).strip(" .").rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = (f"{stem}.{ending}" if dot else ending), ""
    stem = stem[:longest].rstrip(" .") or "未命名"
    name = f"{stem}.{ending}" if ending else stem
    return f"_{name}" if RESERVED.fullmatch(name) else name


def plain(text: str) -> str:
    """A part of a name, without the signs that no name may have."""
    return FORBIDDEN.sub("_", text)


def listed(parts: list[str], *, room: int) -> str:
    """As many parts as fit into so many bytes of UTF-8 (file systems count those), and how many all of them are."""
    told = ""
    for part in parts:
        longer = f"{told}、{part}" if told else part
        if len(longer.encode()) > room:
            return f"{told}等{len(parts)}项条件" if told else f"{len(parts)}项条件"
        told = longer
    return told
