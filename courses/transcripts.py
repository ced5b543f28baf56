"""What is said in the films of lessons: the words beside a film, and where in a film something is said."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import get_language

from media import captions
from media.models import Caption

from . import moments, search
from .chapters import Row
from .models import LessonPage

EARLY = 0.3  # seconds that a sentence may begin before the chapter it belongs to
SPOTS = 2  # of one lesson, in a list of what was found
WORDS = 10  # of a query that are looked for


@dataclass(frozen=True)
class Line:
    """One caption: `at` as links into the film say it."""

    start: float
    at: str
    text: str


@dataclass(frozen=True)
class Part:
    """The lines of one chapter; without a title where the film has no chapters, or before the first."""

    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Transcript:
    """In one of the `languages` there are, the school's own first."""

    language: str
    languages: list[str]
    parts: list[Part]


def of(lesson: LessonPage, *, language: str, chapters: Sequence[Row] = ()) -> Transcript | None:
    """Under the titles of the chapters; in another language when this one has none. None without a word. One query."""
    video = lesson.video
    shown, cues, languages = captions.transcript(video, language) if video else ("", [], [])
    if not cues:
        return None
    titles = [("", -1.0), *((chapter.title, chapter.start) for chapter in chapters)]
    starts = [start for _title, start in titles]
    parts = [Part(title, []) for title, _start in titles]
    for cue in cues:
        line = Line(cue.start, moments.in_link(round(cue.start * 1000)), cue.text)
        parts[bisect_right(starts, cue.start + EARLY) - 1].lines.append(line)
    return Transcript(shown, languages, [part for part in parts if part.lines])


@dataclass(frozen=True)
class Spot:
    """Where something is said, in whole seconds, and the captions that say it."""

    at: int
    text: str


@dataclass
class _Place:
    """What of a query begins in one caption, and the last caption it reaches into."""

    words: set[str] = field(default_factory=set)
    until: int = 0


def spots(lessons: Sequence[LessonPage], query: str, *, most: int = SPOTS) -> dict[int, list[Spot]]:
    """Lesson → the captions that say most of the query's words, in order of time. Two queries."""
    films = _films(lessons)
    bodies: dict[int, dict[str, str]] = defaultdict(dict)
    for caption in Caption.objects.filter(video__in=set(films.values())):
        bodies[caption.video_id][caption.language] = caption.body
    language = get_language() or ""
    found = {}
    for lesson, video in films.items():
        kept = bodies.get(video)
        body = kept.get(language) or next(iter(kept.values())) if kept else ""
        said = _spots(body, query, most) if body else []
        if said:
            found[lesson] = said
    return found


def _films(lessons: Sequence[LessonPage]) -> dict[int, int]:
    """Lesson → its film, without asking for each of them."""
    bodies = LessonPage.objects.filter(pk__in=[lesson.pk for lesson in lessons]).values_list("pk", "body")
    films = {}
    for lesson, body in bodies:
        video = next((block["value"] for block in body.raw_data if block["type"] == "video"), None)
        if video:
            films[lesson] = video
    return films


def _spots(body: str, query: str, most: int) -> list[Spot]:
    cues, places = captions.parsed(body), _places(body, query)
    best = sorted(places, key=lambda at: (-len(places[at].words), at))[:most]
    return [
        Spot(int(cues[at].start), " ".join(cue.text for cue in cues[at : places[at].until + 1])) for at in sorted(best)
    ]


@lru_cache(maxsize=captions.PARSED)
def searchable(body: str) -> tuple[list[int], search.Folded]:
    """Where in the text of all captions each begins, and that text; remembered by the words themselves."""
    starts, text = [], ""
    for cue in captions.parsed(body):
        starts.append(len(text))
        text += cue.text + " "
    return starts, search.folded(text)


def _places(body: str, query: str) -> dict[int, _Place]:
    """Caption → what is said from there on. A sentence is often cut, so a word may begin in one and end in the next."""
    starts, text = searchable(body)
    places: dict[int, _Place] = defaultdict(_Place)
    for word in list(dict.fromkeys(search.WORD.findall(search.normal(query))))[:WORDS]:
        for start, end in search.spans(text, word):
            place = places[bisect_right(starts, start) - 1]
            place.words.add(word)
            place.until = max(place.until, bisect_right(starts, end - 1) - 1)
    return dict(places)
