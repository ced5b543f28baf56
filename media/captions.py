"""The words of a video: read from WebVTT or SRT, kept as clean WebVTT, shown as a transcript.

Of markup only what WebVTT knows is kept: who speaks, italics, a language, ruby. Words in other elements stay, the
elements go; a script goes with its words. Where a caption stands on the picture is kept as far as WebVTT can say it.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

from django.core.cache import cache
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from media import charsets
from media.models import Caption, Video

BYTES = 2 * 2**20  # of an uploaded file; a day of talk has fewer
LIMIT = 1_000_000  # characters
LONGEST = 2_000  # characters of one line, and of one caption two and a half times as many
TIME = r"(?:(\d{1,3})[:：])?([0-5]?\d)[:：]([0-5]?\d)(?:[.,．，](\d{1,3}))?"
TIMES = re.compile(rf"\s*{TIME}\s+-->\s+{TIME}(?:\s(.*))?", re.ASCII)
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z]++\d?)(?P<rest>[^<>]*+)>")
MOMENT = re.compile(r"<\d+:[\d:.]+>", re.ASCII)  # when a word lights up in karaoke: of no use here
ALLOWED = {"b", "i", "u", "v", "c", "lang", "ruby", "rt"}
REST = re.compile(r"(\.[\w.-]+)?([ \t][^<>&\"']*)?")
# Elements of HTML that editing programs write into captions, and those that somebody might try.
ELEMENT = re.compile(
    r"a|abbr|audio|body|br|button|center|div|em|embed|font|form|h[1-6]|head|hr|html|iframe|img|input|link|marquee|meta"
    r"|object|ol|p|param|path|pre|s|script|small|source|span|strike|strong|style|su[bp]|svg|table|t[dr]|textarea|tt|ul|video"
)
SILENT = re.compile(r"<(script|style)\b[^<>]*+>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
OVERRIDE = re.compile(r"\{\\[^{}]*+\}")  # {\an8}, from another format
FRESH_FOR = 60  # seconds
PARSED = 64  # transcripts that a process remembers; about half a megabyte each
SETTING = re.compile(
    r"vertical:(rl|lr)|line:-?\d{1,4}(\.\d+)?%?(,(start|center|end))?|position:\d{1,3}(\.\d+)?%(,(line-left|center|line-right))?"
    r"|size:\d{1,3}(\.\d+)?%|align:(start|center|end|left|right)",
    re.ASCII,
)

# Who wants to know that the words of a video have changed.
changed: list[Callable[[Video], None]] = []


class Unreadable(Exception):
    """The text is no caption file; `message` says where and why, in the reader's language."""

    def __init__(self, line: int, why: str | Promise):
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why

    @property
    def message(self) -> str:
        return _("Line %(line)d: %(why)s") % {"line": self.line, "why": self.why}


@dataclass(frozen=True)
class Cue:
    """Start and end in seconds; `text` without markup, `voice` the speaker if the file names one.

    `settings` say where on the picture, `number` counts from 1 in the file, `dropped` is markup that was taken out.
    """

    start: float
    end: float
    text: str
    markup: str
    voice: str = ""
    settings: str = ""
    number: int = field(default=0, compare=False)
    dropped: tuple[str, ...] = field(default=(), compare=False)


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises Unreadable."""
    if len(content) > BYTES:
        raise Unreadable(1, _("the file is too long to be captions"))
    try:
        return charsets.decode(content)
    except charsets.Unknown as refused:
        raise Unreadable(1, _("the characters of this file cannot be read; please save it as UTF-8")) from refused


def read(text: str) -> list[Cue]:
    """All captions of a WebVTT or SRT file in the order of the file, also those without words. Raises Unreadable."""
    if len(text) > LIMIT:
        raise Unreadable(1, _("the file is too long to be captions"))
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not any(map(str.strip, lines)):
        raise Unreadable(1, _("no captions with times were found"))
    found: list[Cue] = []
    for line, block in _blocks(lines):
        cue = _cue(line, block, len(found) + 1)
        if cue:
            found.append(cue)
    return found


def parse(text: str) -> list[Cue]:
    """WebVTT or SRT, in order of time. Raises Unreadable."""
    cues = [cue for cue in read(text) if cue.text]
    if not cues:
        raise Unreadable(1, _("no captions with times were found"))
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


@lru_cache(maxsize=PARSED)
def parsed(body: str) -> tuple[Cue, ...]:
    """As `parse`, remembered by the words themselves: what is shown to many is read once. Raises Unreadable."""
    return tuple(parse(body))


def attach(video: Video, language: str, text: str) -> Caption:
    """Keep the words of a video in one language; what was there before is replaced. Raises Unreadable."""
    body = render(parse(text))
    with transaction.atomic():
        caption, _created = Caption.objects.update_or_create(video=video, language=language, defaults={"body": body})
        _tell(video)
    return caption


@transaction.atomic
def detach(video: Video, language: str) -> None:
    Caption.objects.filter(video=video, language=language).delete()
    _tell(video)


def _tell(video):
    cache.delete(_kept_as(video))
    transaction.on_commit(partial(cache.delete, _kept_as(video)))
    for wanting in changed:
        transaction.on_commit(partial(wanting, video))


def cues(video: Video, language: str) -> list[Cue]:
    """The transcript; in the other language when this one has none, empty when there is none at all."""
    return transcript(video, language)[1]


def transcript(video: Video, language: str) -> tuple[str, list[Cue], list[str]]:
    """The language that is shown, its captions, and all languages there are, the school's own first."""
    said = bodies(video)
    shown = language if language in said else next(iter(said), "")
    return shown, list(parsed(said[shown])) if shown else [], list(said)


def bodies(video: Video) -> dict[str, str]:
    """By language, the school's own first; kept for a minute, since every page of the film asks."""
    kept: dict[str, str] | None = cache.get(_kept_as(video))
    if kept is None:
        kept = dict(video.captions.values_list("language", "body"))
        cache.set(_kept_as(video), kept, FRESH_FOR)
    return kept


def _kept_as(video: Video) -> str:
    return f"captions-{video.pk}"


def spoken(video: Video, language: str) -> str:
    """All that is said, without times, as the transcript shows it in that language."""
    return " ".join(cue.text for cue in cues(video, language))


def render(cues: list[Cue]) -> str:
    """WebVTT with nothing in it but times, places and words."""
    blocks = [f"{stamp(cue.start)} --> {stamp(cue.end)} {cue.settings}".rstrip() + f"\n{cue.markup}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that belong together, each with the number of its first line.

    An empty line ends one, and so does the next line of times where the empty line was forgotten.
    """
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if len(line) > LONGEST:
            raise Unreadable(number, _("this line is too long to be read on a picture"))
        if line.strip() and not (_is_time(line) and any(map(_is_time, block))):
            block.append(line)
            continue
        kept = []
        if line.strip() and len(block) > 2 and block[-1].strip().isdecimal():
            kept = [block.pop()]  # the number of the caption that begins here
        if block:
            yield number - len(kept) - len(block), block
        block = [*kept, line] if line.strip() else []


def _is_time(line: str) -> bool:
    return "-->" in line and TIMES.fullmatch(line) is not None


def _cue(number: int, block: list[str], count: int) -> Cue | None:
    """A cue, or None for the heading, notes and styles of a WebVTT file. `number` is the line it begins on."""
    at = next((n for n, line in enumerate(block) if _is_time(line)), None)
    if at is None or (at > 1 and not block[0].startswith("WEBVTT")):
        at = next((n for n, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None and block[0].startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
        return None
    if at is None:
        raise Unreadable(number, _("a time such as 00:01:02.000 --> 00:01:05.000 is missing"))
    match = TIMES.fullmatch(block[at])
    if not match:
        raise Unreadable(number + at, _("this time cannot be read"))
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:8])
    if end <= start:
        raise Unreadable(number + at, _("the caption ends before it begins"))
    words = "\n".join(line.strip() for line in block[at + 1 :])
    if len(words) > LONGEST * 5 // 2:
        raise Unreadable(number + at, _("this caption is too long to be read on a picture"))
    markup, dropped = _clean(words)
    voice = re.search(r"<v(?:\.[^\s>]*)?[ \t]([^<>]*)>", markup)
    return Cue(
        start,
        end,
        _plain(markup),
        markup,
        voice[1].strip() if voice else "",
        " ".join(each for each in (match[9] or "").split() if SETTING.fullmatch(each)),
        count,
        dropped,
    )


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    milliseconds = int((parts[3] or "0").ljust(3, "0"))
    return ((hours * 60 + minutes) * 60_000 + seconds * 1000 + milliseconds) / 1000


def _clean(words: str) -> tuple[str, tuple[str, ...]]:
    """Markup that WebVTT knows, all else as plain characters; and what was taken out."""
    dropped = [found[0] for found in SILENT.finditer(words)] + OVERRIDE.findall(words)
    words = OVERRIDE.sub("", MOMENT.sub("", SILENT.sub("", words)))
    clean, end = "", 0
    for tag in TAG.finditer(words):
        name = tag["name"].lower()
        if name not in ALLOWED and not ELEMENT.fullmatch(name):
            continue  # a sign of comparison, or a word in brackets
        clean += _escaped(words[end : tag.start()])
        end = tag.end()
        if name in ALLOWED and REST.fullmatch(tag["rest"]):
            clean += f"<{tag['close']}{name}{tag['rest']}>"
        else:
            dropped.append(tag[0])
            clean += f"<{tag['close']}{name}>" if name in ALLOWED else "\n" if name == "br" else ""
    lines = (clean + _escaped(words[end:])).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip()), tuple(dropped)


def _escaped(words: str) -> str:
    return html.escape(html.unescape(words), quote=False)


def _plain(markup: str) -> str:
    return " ".join(html.unescape(TAG.sub("", markup)).split())
