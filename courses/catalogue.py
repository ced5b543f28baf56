"""Finding a course: by words, by track, level, industry chain and standard. A fixed number of queries."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend

from courses import search
from courses.models import (
    CoursePage,
    CourseTrainer,
    LessonPage,
    ProgrammePage,
    Standard,
    TrackPage,
    Trainer,
)
from media.models import Video

FRESH_FOR = 60
SORTS = {"": _("Best first"), "new": _("Newest"), "hours": _("Fewest credit hours")}


@dataclass(frozen=True)
class Narrowing:
    """What a reader asks for. Within one facet any of the values will do, all facets together must hold."""

    q: str = ""
    tracks: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    sort: str = ""

    @property
    def chosen(self) -> int:
        return sum(len(getattr(self, name)) for name in FACETS)


@dataclass
class Entry:
    """A course as the catalogue lists it."""

    course: CoursePage
    track: str
    lessons: int = 0
    hours: Decimal = Decimal(0)
    trainers: list[Trainer] = field(default_factory=list)
    chains: dict[str, str] = field(default_factory=dict)  # code → name
    standards: set[str] = field(default_factory=set)  # numbers
    by_itself: bool = False  # the words stand in the course, not only in its lessons
    hits: list[LessonPage] = field(default_factory=list)  # lessons that hold or say the words, each with `cited`

    @property
    def cover_words(self) -> str:
        return self.course.on_cover


@dataclass(frozen=True)
class Choice:
    value: str
    label: str | Promise
    count: int
    checked: bool


@dataclass(frozen=True)
class Facet:
    name: str
    title: str | Promise
    choices: list[Choice]


@dataclass(frozen=True)
class Found:
    entries: list[Entry]
    facets: list[Facet]
    programmes: list[ProgrammePage]
    standards: list[Standard]
    lesson_hits: int


# Facet → the values an entry has in it.
NUMBER = re.compile(r"\d{2}")  # what the number of a standard holds at least
FACETS: dict[str, Callable[[Entry], Iterable[str]]] = {
    "tracks": lambda entry: [entry.track],
    "levels": lambda entry: [entry.course.level],
    "chains": lambda entry: entry.chains,
    "standards": lambda entry: entry.standards,
}


LONG = ("chains", "standards")  # lists without the choices that would show nothing


def find(narrowing: Narrowing, *, language: str) -> Found:
    """Courses of that language, those that hold the words best first, and how many each further choice would leave."""
    entries = shelf(language=language)
    if narrowing.q:
        _search(narrowing.q, entries)
        entries = [entry for entry in entries if entry.by_itself or entry.hits]
    shown = [entry for entry in entries if _fits(entry, narrowing)]
    return Found(
        entries=_sorted(shown, narrowing),
        facets=_facets(entries, narrowing),
        programmes=_programmes(narrowing, language),
        standards=_standards(narrowing.q),
        lesson_hits=sum(len(entry.hits) for entry in shown),
    )


def shelf(*, language: str) -> list[Entry]:
    """All published courses of a language in the order of the tree, with what a card says about them. Six queries."""
    tracks = dict(TrackPage.objects.live().filter(locale__language_code=language).values_list("path", "code"))
    courses = CoursePage.objects.live().public().filter(locale__language_code=language).order_by("path")
    if language != settings.LANGUAGE_CODE:
        courses = courses.filter(alias_of=None)  # an alias repeats the first language
    entries = [
        Entry(course, track=tracks[course.path[: -CoursePage.steplen]])
        for course in courses
        if course.path[: -CoursePage.steplen] in tracks
    ]
    _tell(entries)
    return entries


def _tell(entries):
    """Fill in lessons, hours, standards, chains and trainers."""
    by_pk = {entry.course.pk: entry for entry in entries}
    by_path = {entry.course.path: entry for entry in entries}
    lessons = LessonPage.objects.live().filter(locale_id__in={entry.course.locale_id for entry in entries})
    owners = {}
    for pk, path, hours in lessons.values_list("pk", "path", "credit_hours"):
        entry = _owner(by_path, path)
        if entry:
            owners[pk] = entry
            entry.lessons += 1
            entry.hours += hours
    cited = LessonPage.standards.through.objects.values_list("lessonpage_id", "standard__number")
    for lesson, number in cited:
        if lesson in owners:
            owners[lesson].standards.add(number)
    chains = CoursePage.chains.through.objects.filter(coursepage_id__in=by_pk)
    for belonging in chains.select_related("industrychain"):
        by_pk[belonging.coursepage_id].chains[belonging.industrychain.code] = str(belonging.industrychain)
    for taught in CourseTrainer.objects.filter(course_id__in=by_pk).select_related("trainer").order_by("sort_order"):
        by_pk[taught.course_id].trainers.append(taught.trainer)


def _owner(by_path, path):
    """The course above a lesson: one step up, or two where a chapter lies between."""
    step = LessonPage.steplen
    return by_path.get(path[:-step]) or by_path.get(path[: -2 * step])


def _search(q, entries):
    """Note on each entry what of it holds the words."""
    found = {course.pk for course in CoursePage.objects.live().only("pk").search(q, order_by_relevance=False)}
    by_path = {entry.course.path: entry for entry in entries}
    lessons = LessonPage.objects.live().defer("body").order_by("path").search(q, order_by_relevance=False)
    cited = _cited(lessons)
    for entry in entries:
        entry.by_itself = entry.course.pk in found
    for lesson in lessons:
        entry = _owner(by_path, lesson.path)
        if entry:
            lesson.cited = cited[lesson.pk]
            entry.hits.append(lesson)
    for entry in entries:  # first the lessons that are about it, then those that mention it
        entry.hits.sort(key=lambda lesson: not search.holds(f"{lesson.title} {lesson.summary}", q))


def _cited(lessons):
    """Lesson → the standards of its list."""
    cited = defaultdict(list)
    pairs = LessonPage.standards.through.objects.filter(lessonpage_id__in=[lesson.pk for lesson in lessons])
    for pair in pairs.select_related("standard").order_by("standard__number"):
        cited[pair.lessonpage_id].append(pair.standard)
    return cited


def _fits(entry, narrowing, *, but=""):
    return all(
        not getattr(narrowing, name) or set(getattr(narrowing, name)) & set(values(entry))
        for name, values in FACETS.items()
        if name != but
    )


def _sorted(entries, narrowing):
    if narrowing.sort == "new":
        return sorted(entries, key=lambda entry: entry.course.first_published_at, reverse=True)
    if narrowing.sort == "hours":
        return sorted(entries, key=lambda entry: entry.hours)
    if not narrowing.q:
        return entries
    return sorted(entries, key=lambda entry: (not entry.by_itself, -len(entry.hits)))


def _facets(entries, narrowing):
    return [
        Facet("track", _("Track"), _choices("tracks", TrackPage.Track.choices, entries, narrowing)),
        Facet("level", _("Level"), _choices("levels", CoursePage.Level.choices, entries, narrowing)),
        Facet("chain", _("Industry chain"), _choices("chains", _named_chains(entries), entries, narrowing)),
        Facet("standard", _("Standard"), _choices("standards", _numbers(entries, narrowing), entries, narrowing)),
    ]


def _choices(name, options, entries, narrowing):
    """How many entries each value would show, given what the other facets ask."""
    within = [entry for entry in entries if _fits(entry, narrowing, but=name)]
    counts = Counter(value for entry in within for value in FACETS[name](entry))
    chosen = getattr(narrowing, name)
    choices = [Choice(value, label, counts[value], value in chosen) for value, label in options]
    return [each for each in choices if each.count or each.checked] if name in LONG else choices


def _named_chains(entries):
    return sorted({(code, name) for entry in entries for code, name in entry.chains.items()})


def _numbers(entries, narrowing):
    """The most cited first; what is chosen stays in the list."""
    counts = Counter(number for entry in entries for number in entry.standards)
    counts.update(dict.fromkeys(set(narrowing.standards) - set(counts), 0))
    return [(number, number) for number in sorted(counts, key=lambda number: (-counts[number], number))]


def _programmes(narrowing, language):
    """Programmes that hold the words; without words they are no part of the list."""
    if not narrowing.q or narrowing.chosen:
        return []
    found = [page.pk for page in ProgrammePage.objects.live().search(narrowing.q, order_by_relevance=False)]
    return list(ProgrammePage.objects.filter(pk__in=found, locale__language_code=language).order_by("path"))


def _standards(q):
    """The editions whose number, or whose adopted number, was typed; the one in force first. Neither words nor single
    digits name one."""
    typed = " ".join(word for word in q.split() if NUMBER.search(word))
    if not typed:
        return []
    named = Standard.objects.select_related("successor").search(typed, order_by_relevance=False)
    order = [*Standard.Status.values]
    meant = [each for each in named if search.holds(f"{each.number} {each.adopts}", typed)]
    return sorted(meant, key=lambda each: (order.index(each.status), each.number))[:3]


@dataclass(frozen=True)
class Track:
    page: TrackPage
    courses: int
    hours: Decimal


def tracks(*, language: str) -> list[Track]:
    """What is open to everybody on each track, for the home page. Kept for a minute."""
    return cache.get_or_set(f"tracks:{language}", lambda: _count_tracks(language), FRESH_FOR) or []


def _count_tracks(language):
    entries = shelf(language=language)
    pages = TrackPage.objects.live().filter(locale__language_code=language).order_by("path")
    counted = []
    for page in pages:
        own = [entry for entry in entries if entry.course.path.startswith(page.path)]
        counted.append(Track(page, len(own), sum((entry.hours for entry in own), Decimal(0))))
    return counted


def renew_index(named: Standard | Trainer | Video) -> None:
    """Put the pages that name or show it into the search index anew, as after a change of its words."""
    if isinstance(named, Standard):
        pages = (
            LessonPage.get_indexed_objects().filter(Q(standards=named) | Q(film_chapters__standard=named)).distinct()
        )
    elif isinstance(named, Video):
        shown = ReferenceIndex.get_references_to(named).values_list("object_id", flat=True)
        pages = LessonPage.get_indexed_objects().filter(pk__in=[int(page) for page in shown if page.isdecimal()])
    else:
        pages = CoursePage.get_indexed_objects().filter(trainers__trainer=named)
    get_search_backend().add_bulk(pages.model, list(pages))
