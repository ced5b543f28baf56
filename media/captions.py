"""The words of a video: read from WebVTT or SRT, kept as clean WebVTT, shown as a transcript."""

import html
import re
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from media.models import Caption, Video

LIMIT = 2_000_000  # characters; a day of talk has fewer
TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
TIMES = re.compile(rf"\s*{TIME}\s+-->\s+{TIME}(?:\s.*)?", re.ASCII)
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z]*)(?P<rest>[^<>]*)>")
MOMENT = re.compile(r"<\d+:[\d:.]+>", re.ASCII)  # when a word lights up in karaoke: of no use here
ALLOWED = {"b", "i", "u", "v", "c", "lang", "ruby", "rt"}
REST = re.compile(r"(\.[\w.-]+)?([ \t][^<>&\"']*)?")


class Unreadable(Exception):
    """The text is no caption file; `message` says where and why, in the reader's language."""

    def __init__(self, line: int, why: str):
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why

    @property
    def message(self) -> str:
        return _("Line %(line)d: %(why)s") % {"line": self.line, "why": self.why}


@dataclass(frozen=True)
class Cue:
    """Start and end in seconds; `text` without markup, `voice` the speaker if the file names one."""

    start: float
    end: float
    text: str
    markup: str
    voice: str = ""


def decode(content: bytes) -> str:
    """The text of an uploaded file: Unicode, or else the national standard GB 18030. Raises Unreadable."""
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(1, _("the characters of this file cannot be read; please save it as UTF-8"))


def parse(text: str) -> list[Cue]:
    """WebVTT or SRT, in order of time. Raises Unreadable."""
    if len(text) > LIMIT:
        raise Unreadable(1, _("the file is too long to be captions"))
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues = [cue for number, block in _blocks(lines) if (cue := _cue(number, block))]
    if not cues:
        raise Unreadable(1, _("no captions with times were found"))
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def attach(video: Video, language: str, text: str) -> Caption:
    """Keep the words of a video in one language; what was there before is replaced. Raises Unreadable."""
    body = render(parse(text))
    with transaction.atomic():
        caption, _created = Caption.objects.update_or_create(video=video, language=language, defaults={"body": body})
    return caption


def detach(video: Video, language: str) -> None:
    Caption.objects.filter(video=video, language=language).delete()


def cues(video: Video, language: str) -> list[Cue]:
    """The transcript; in the other language when this one has none, empty when there is none at all."""
    kept = {caption.language: caption.body for caption in video.captions.all()}
    body = kept.get(language) or next(iter(kept.values()), "")
    return parse(body) if body else []


def render(cues: list[Cue]) -> str:
    """WebVTT with nothing in it but times and words."""
    blocks = [f"{stamp(cue.start)} --> {stamp(cue.end)}\n{cue.markup}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _blocks(lines):
    """Runs of lines without an empty one between them, each with the number of its first line."""
    start = 0
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        if number > start:
            yield start + 1, lines[start:number]
        start = number + 1


def _cue(number, block):
    """A cue, or None for the heading, notes and styles of a WebVTT file."""
    at = next((n for n, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None and block[0].startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
        return None
    if at is None:
        raise Unreadable(number, _("a time such as 00:01:02.000 --> 00:01:05.000 is missing"))
    match = TIMES.fullmatch(block[at])
    if not match:
        raise Unreadable(number + at, _("this time cannot be read"))
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end <= start:
        raise Unreadable(number + at, _("the caption ends before it begins"))
    markup = "\n".join(_clean(number + n, block[n].strip()) for n in range(at + 1, len(block)))
    if not markup:
        return None
    voice = re.search(r"<v(?:\.[^\s>]*)?\s+([^>]+)>", markup)
    return Cue(start, end, _plain(markup), markup, voice[1].strip() if voice else "")


def _seconds(parts):
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60_000 + seconds * 1000 + milliseconds) / 1000


def _clean(number, line):
    """The line if its markup is what WebVTT knows; everything else in it is written as plain characters."""
    line = MOMENT.sub("", line)
    clean, end = "", 0
    for tag in TAG.finditer(line):
        if tag["name"].lower() not in ALLOWED or not REST.fullmatch(tag["rest"]):
            raise Unreadable(number, _("%(tag)s is not allowed in captions") % {"tag": tag[0]})
        clean += _escaped(line[end : tag.start()]) + tag[0]
        end = tag.end()
    return clean + _escaped(line[end:])


def _escaped(words):
    return html.escape(html.unescape(words), quote=False)


def _plain(markup):
    return " ".join(html.unescape(TAG.sub("", markup)).split())
