"""What a message may not contain: control characters, links, and the words of the list.

Words are found whatever the width, the case, and the spaces or invisible characters between their letters.
"""

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .models import Word

MASK = "＊"
FRESH = 5.0  # seconds in which another process may not have seen a change of the list
SEVEREST = [Word.Action.BLOCK, Word.Action.HOLD, Word.Action.MASK]
ENDINGS = "com|cn|net|org|gov|edu|info|top|vip|xyz|shop|site|club|cc|tv|me|io|app|link|ink|wang|中国|网址|公司|网络"
LINK = re.compile(rf"https?:|www\.|[\w-]\.({ENDINGS})(?![a-z0-9])")
CHINESE_STOP = re.compile("。(?=[a-z])")  # typed for a dot
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"}
KEPT_FORMATS = {"\u200d"}  # joins emoji
BLANKS = set("\u115f\u1160\u2800\u3164\uffa0")  # letters by name, drawn as nothing


@dataclass(frozen=True)
class Found:
    """The severest thing the list says about a text, the word, and the text with words to be masked."""

    action: str
    word: str
    masked: str


def tidy(text: str) -> str:
    """One line without control characters, marks of direction, or spaces around; empty if nothing of it can be seen."""
    spaced = "".join(" " if character in "\r\n\t\u2028\u2029" else character for character in text)
    kept = (c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} or c in KEPT_FORMATS)
    line = unicodedata.normalize("NFC", "".join(kept)).strip()
    return line if any(map(_is_seen, line)) else ""


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in INVISIBLE and character not in BLANKS


def normal(text: str) -> str:
    return "".join(letter for letter, _place in _letters(text))


def has_link(text: str) -> bool:
    return bool(LINK.search(CHINESE_STOP.sub(".", unicodedata.normalize("NFKC", text).casefold())))


def _letters(text: str) -> list[tuple[str, int]]:
    """Each letter that counts, with the place in the text where it comes from."""
    found = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if _is_seen(letter):
                found.append((letter, place))
    return found


class WordList:
    """Words by their first letter: a text is walked through once."""

    def __init__(self, words: Iterable[tuple[str, str]]) -> None:
        self._by_letter: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for word, action in words:
            if word:
                self._by_letter[word[0]].append((word, action))

    def look(self, text: str) -> Found | None:
        letters = _letters(text)
        folded = "".join(letter for letter, _place in letters)
        hits = [
            (word, action, start)
            for start, letter in enumerate(folded)
            for word, action in self._by_letter.get(letter, ())
            if folded.startswith(word, start)
        ]
        if not hits:
            return None
        word, action, _start = min(hits, key=lambda hit: SEVEREST.index(Word.Action(hit[1])))
        return Found(action, word, _masked(text, letters, hits))


_kept: list[tuple[float, WordList]] = []


def current() -> WordList:
    """The list of the school. A list of ten thousand words is not read for every message."""
    if not _kept or time.monotonic() - _kept[-1][0] > FRESH:
        _kept[:] = [(time.monotonic(), WordList(Word.objects.values_list("normal", "action")))]
    return _kept[-1][1]


def fold(instance: Word, **_signal: object) -> None:
    """Before a word is kept."""
    instance.normal = normal(instance.text)[:40]


def forget(**_signal: object) -> None:
    """The list has been changed in this process."""
    _kept.clear()


def _masked(text: str, letters: list[tuple[str, int]], hits: list[tuple[str, str, int]]) -> str:
    shown = list(text)
    for word, action, start in hits:
        if action == Word.Action.MASK:
            for place in range(letters[start][1], letters[start + len(word) - 1][1] + 1):
                shown[place] = MASK
    return "".join(shown)
