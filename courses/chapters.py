"""The chapters of a lesson's film, as its page lists them: when, what, which clause, and how much of it was seen."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from . import intervals, moments
from .coverage import SHOWN_GAP, Coverage, clock
from .models import FilmChapter, LessonPage, Standard


@dataclass(frozen=True)
class Row:
    """Times in milliseconds. `seen` is all, part, gap, none, or empty where nothing is on record."""

    start_ms: int
    end_ms: int
    title: str
    standard: Standard | None
    clause: str
    seen: str = ""
    words: str = ""

    @property
    def start(self) -> float:
        return self.start_ms / 1000

    @property
    def at(self) -> str:
        return moments.in_link(self.start_ms)


def of(lesson: LessonPage, *, coverage: Coverage | None = None) -> list[Row]:
    """In the order of the film; what begins after its end is left out. With `coverage`, how much of each was seen."""
    video = lesson.video
    if video is None:
        return []
    length = round((video.duration or 0) * 1000)
    chapters = _sorted(lesson.film_chapters.select_related("standard"))
    if length:
        chapters = [chapter for chapter in chapters if chapter.start_ms < length]
    ends = [chapter.start_ms for chapter in chapters[1:]] + [length or 10**9]
    return [_row(chapter, end, coverage) for chapter, end in zip(chapters, ends, strict=False)]


def _sorted(chapters: Iterable[FilmChapter]) -> list[FilmChapter]:
    """A draft in its preview holds them in the order in which they were typed."""
    return sorted(chapters, key=lambda chapter: chapter.start_ms)


def _row(chapter: FilmChapter, end: int, coverage: Coverage | None) -> Row:
    seen, words = _seen(chapter.start_ms, end, coverage) if coverage and coverage.duration_ms else ("", "")
    return Row(chapter.start_ms, end, chapter.title, chapter.standard, chapter.clause, seen, words)


def _seen(start: int, end: int, coverage: Coverage) -> tuple[str, str]:
    holes = intervals.subtract([[start, end]], coverage.seen)
    missing = [hole for hole in holes if hole[1] - hole[0] >= SHOWN_GAP]
    if not missing:
        return "all", _("Watched to its end")
    if intervals.length(holes) >= end - start:
        return "none", _("Not watched yet")
    if missing[0][0] < coverage.furthest_ms:
        return "gap", _("Left out %(from)s–%(to)s") % {"from": clock(missing[0][0]), "to": clock(missing[0][1])}
    return "part", _("Watched up to %(time)s") % {"time": clock(missing[0][0])}
