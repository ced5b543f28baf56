"""The encoding of a text that came without one: Unicode, the national standard GB 18030, Big5, or Western.

A general guesser was tried and takes two of seven short GBK files for Big5: it needs more text than a caption has.
Here only what reaches a school in Sichuan is considered, and everyday characters decide, GB 18030 first.
"""

import codecs
from collections.abc import Callable

SAMPLE = 4000  # characters beyond ASCII that are looked at
DOUBT = 0.5  # below this share of everyday characters a text is not Chinese
WESTERN = set("‘’“”–—…·°§©®™«»àáâäæçèéêëìíîïñòóôöøùúûüßœÀÁÂÄÆÇÈÉÊËÍÎÑÓÔÖØÚÛÜ")
CONTROL = dict.fromkeys(map(chr, [*range(9), *range(14, 32), 127]))


class Unknown(ValueError):
    """Bytes in none of these encodings, or no text at all."""


def decode(content: bytes) -> str:
    """Raises Unknown."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _text(content, encoding)
    if wide := _without_mark(content):
        return _text(content, wide)
    try:
        return _text(content, "utf-8")
    except Unknown:
        return _chinese(content)


def _text(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unknown(encoding) from error
    if not CONTROL.keys().isdisjoint(text):
        raise Unknown("control characters")
    return text


def _without_mark(content: bytes) -> str:
    """UTF-16 shows in the zeros beside its ASCII, which a caption file has on every second line."""
    head = content[:2000]
    high, low = head[0::2].count(0), head[1::2].count(0)
    if max(high, low) * 8 < len(head) or min(high, low) * 8 > len(head):
        return ""
    return "utf-16-be" if high > low else "utf-16-le"


def _chinese(content: bytes) -> str:
    found = []
    for encoding, everyday in (("gb18030", _everyday_gb), ("big5", _everyday_big5), ("cp1252", _western)):
        try:
            text = _text(content, encoding)
        except Unknown:
            continue
        found.append((_share(text, everyday), text))
        if encoding != "cp1252" and found[-1][0] == 1:
            break
    best = max(found, key=lambda pair: pair[0], default=(0.0, ""))  # the first of equals
    if best[0] < DOUBT:
        raise Unknown("no encoding fits")
    return best[1]


def _share(text: str, everyday: Callable[[str], bool]) -> float:
    beyond = [character for character in text if character > "\x7f"][:SAMPLE]
    return sum(map(everyday, beyond)) / max(1, len(beyond))


def _everyday_gb(character: str) -> bool:
    """Punctuation, or one of the 3755 common characters of GB 2312."""
    code = character.encode("gb18030")
    return len(code) == 2 and code[1] >= 0xA1 and (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7)


def _everyday_big5(character: str) -> bool:
    """Punctuation, or one of the 5401 common characters of Big5."""
    return 0xA1 <= character.encode("big5")[0] <= 0xC6


def _western(character: str) -> bool:
    return character in WESTERN
