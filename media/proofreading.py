"""What an editor should look at in captions that can be read. It advises and never blocks.

The limits are the usual ones of subtitling: what people can read while they also watch.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from media.captions import Cue

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
PER_SECOND = {"han": 9.0, "latin": 20.0}  # characters
PER_LINE = {"han": 20, "latin": 42}
LINES = 2
SILENCE = 30.0  # seconds without a word
EDGE = 0.5  # seconds past the end that nobody notices
SHOWN = 200  # findings; a file with more has one fault throughout


class Kind(Enum):
    EMPTY = _("no words in it; it is left out")
    ORDER = _("begins before the caption above it; the order is put right when you save")
    OVERLAP = _("begins before the caption above it has gone (%(seconds).1f s)")
    FAST = _("%(rate).0f characters a second; people read about %(most).0f")
    LINE = _("a line of %(length)d characters; %(most)d fit on a phone")
    LINES = _("%(lines)d lines; more than two hide the picture")
    PAST = _("stands after the end of the film (%(end)s)")
    GAP = _("%(seconds).0f s without a caption before it; right if nobody speaks there")
    MARKUP = _("%(markup)s is no markup of captions and is taken out")


@dataclass(frozen=True)
class Finding:
    """`number` of the caption in the file, from 1; `start` in seconds."""

    kind: Kind
    number: int
    start: float
    words: str


def review(cues: Sequence[Cue], *, duration: float | None = None) -> list[Finding]:
    """Of captions in the order of their file, as `captions.read` gives them; at most SHOWN, by number."""
    found = [*_of_each(cues, duration), *_between(cues)]
    return sorted(found, key=lambda finding: (finding.number, finding.kind.name))[:SHOWN]


def _finding(kind: Kind, cue: Cue, **values: Any) -> Finding:
    return Finding(kind, cue.number, cue.start, str(kind.value) % values)


def _of_each(cues: Iterable[Cue], duration: float | None) -> Iterator[Finding]:
    for cue in cues:
        for markup in cue.dropped[:1]:
            yield _finding(Kind.MARKUP, cue, markup=markup[:40])
        if not cue.text:
            yield _finding(Kind.EMPTY, cue)
            continue
        script = _script(cue.text)
        rate = len(cue.text.replace(" ", "") if script == "han" else cue.text) / (cue.end - cue.start)
        if rate > PER_SECOND[script]:
            yield _finding(Kind.FAST, cue, rate=rate, most=PER_SECOND[script])
        yield from _lines(cue, script)
        if duration and (cue.start >= duration or cue.end > duration + EDGE):
            yield _finding(Kind.PAST, cue, end=_clock(duration))


def _script(text: str) -> str:
    """Each Chinese character says about as much as four letters."""
    return "han" if len(HAN.findall(text)) * 4 >= len(text) else "latin"


def _lines(cue: Cue, script: str) -> Iterator[Finding]:
    lines = [re.sub(r"<[^<>]*>", "", line) for line in cue.markup.split("\n")]
    longest = max(map(len, lines))
    if longest > PER_LINE[script]:
        yield _finding(Kind.LINE, cue, length=longest, most=PER_LINE[script])
    if len(lines) > LINES:
        yield _finding(Kind.LINES, cue, lines=len(lines))


def _between(cues: Sequence[Cue]) -> Iterator[Finding]:
    for before, cue in pairwise(cues):
        if cue.start < before.start:
            yield _finding(Kind.ORDER, cue)
    shown = sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start, cue.end))
    until = 0.0
    for cue in shown:
        if cue.start < until - 0.001:
            yield _finding(Kind.OVERLAP, cue, seconds=until - cue.start)
        if cue.start - until >= SILENCE:
            yield _finding(Kind.GAP, cue, seconds=cue.start - until)
        until = max(until, cue.end)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
