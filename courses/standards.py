"""The list of standards: taking it in, and finding what cites an edition that no longer counts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils.dateparse import parse_date
from wagtail.models import Page, ReferenceIndex

from courses.models import CoursePage, FilmChapter, LessonPage, Standard

# The words of the official catalogues.
STATUSES = {
    "现行": Standard.Status.CURRENT,
    "即将实施": Standard.Status.COMING,
    "被代替": Standard.Status.SUPERSEDED,
    "已被代替": Standard.Status.SUPERSEDED,
    "废止": Standard.Status.WITHDRAWN,
    "待核对": Standard.Status.UNCHECKED,
}
PLAIN = ("title", "title_en", "group", "adopts", "degree", "status_checked", "replaces", "note", "link")


class UnknownStatus(ValueError):
    """A word for a status that no catalogue uses; the message names the standard and the word."""


@dataclass(frozen=True)
class Review:
    """A course to look at again, with the lessons that cite an outdated edition."""

    course: CoursePage
    lessons: list[LessonPage]
    standards: list[Standard]


@dataclass(frozen=True)
class Treatment:
    """A lesson that cites a standard, or explains it in chapters of its film."""

    course: CoursePage
    lesson: LessonPage
    chapters: list[FilmChapter]


@transaction.atomic
def load(rows: Iterable[Mapping], *, update: bool = False) -> int:
    """Add the standards that are missing and link each to the edition it replaces; returns how many were added.

    What is there already stays as an editor left it, unless `update` is asked for.
    """
    rows = list(rows)
    known = {standard.number: standard for standard in Standard.objects.all()}
    added = 0
    for row in rows:
        standard = known.get(row["number"])
        if standard is None:
            known[row["number"]] = Standard.objects.create(number=row["number"], **_fields(row))
            added += 1
        elif update:
            for name, value in _fields(row).items():
                setattr(standard, name, value)
            standard.save()
    return added + sum(_link(known, row) for row in rows)


def _fields(row):
    word = row.get("status", "现行")
    if word not in STATUSES:
        raise UnknownStatus(f"{row['number']}: {word}")
    dates = {name: parse_date(row[name]) for name in ("issued", "effective") if row.get(name)}
    return {name: row[name] for name in PLAIN if name in row} | dates | {"status": STATUSES[word]}


def _link(known, row):
    """Point the editions that this one replaces at it; an old edition nobody entered is added by number alone."""
    added = 0
    for number in re.split(r"[、，,;；]\s*", row.get("replaces", "")):
        if not number:
            continue
        if number not in known:
            known[number] = Standard.objects.create(
                number=number,
                status=Standard.Status.SUPERSEDED,
                group=row.get("group", ""),
                status_checked=row.get("status_checked", False),
                successor=known[row["number"]],
            )
            added += 1
        elif known[number].successor_id is None:
            Standard.objects.filter(number=number).update(successor=known[row["number"]])
    return added


def cited_by(lessons: Iterable[LessonPage]) -> dict[int, list[Standard]]:
    """Lesson → the standards it cites, in its list or on a card in its text, by number. Three queries."""
    keys = [lesson.pk for lesson in lessons]
    pairs = set(
        LessonPage.standards.through.objects.filter(lessonpage_id__in=keys).values_list("lessonpage_id", "standard_id")
    )
    pairs |= {(int(page), int(standard)) for page, standard in _cards().filter(object_id__in=map(str, keys))}
    standards = Standard.objects.select_related("successor").in_bulk({standard for _, standard in pairs})
    cited: dict[int, list[Standard]] = {}
    for page, standard in pairs:
        cited.setdefault(page, []).append(standards[standard])
    return {page: sorted(found, key=lambda standard: standard.number) for page, found in cited.items()}


def _cards():
    """(page, standard) of every card in a page's text, from Wagtail's index of references."""
    return ReferenceIndex.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        to_content_type=ContentType.objects.get_for_model(Standard),
    ).values_list("object_id", "to_object_id")


def treatments(standard: Standard, *, language: str) -> list[Treatment]:
    """Where published lessons of a language treat the standard, in the order of the tree. Four queries."""
    chapters: dict[int, list[FilmChapter]] = {}
    for chapter in standard.film_chapters.order_by("start_ms"):
        chapters.setdefault(chapter.lesson_id, []).append(chapter)
    cards = _cards().filter(to_object_id=str(standard.pk)).values_list("object_id", flat=True)
    named = Q(standards=standard) | Q(pk__in=[int(page) for page in cards]) | Q(pk__in=chapters)
    lessons = LessonPage.objects.live().public().filter(named, locale__language_code=language, alias_of=None)
    lessons = list(lessons.defer("body").distinct().order_by("path"))
    courses = {
        course.path: course
        for course in CoursePage.objects.live().filter(path__in={path for each in lessons for path in _above(each)})
    }
    found = [(next((courses[path] for path in _above(each) if path in courses), None), each) for each in lessons]
    return [Treatment(course, each, chapters.get(each.pk, [])) for course, each in found if course]


def _above(lesson):
    """The paths at which its course may stand: just above, or above a chapter."""
    return lesson.path[: -LessonPage.steplen], lesson.path[: -2 * LessonPage.steplen]


def lessons_to_review() -> list[LessonPage]:
    """Live lessons that cite a superseded or withdrawn edition, each with `outdated`, its list of them."""
    outdated = {standard.pk: standard for standard in Standard.objects.outdated().select_related("successor")}
    listed = LessonPage.standards.through.objects.filter(standard_id__in=outdated)
    pairs = set(listed.values_list("lessonpage_id", "standard_id"))
    pairs |= {(int(page), int(key)) for page, key in _cards().filter(to_object_id__in=map(str, outdated))}
    lessons = LessonPage.objects.live().filter(pk__in={page for page, _ in pairs}).order_by("path")
    for lesson in lessons:
        lesson.outdated = sorted(
            (outdated[key] for page, key in pairs if page == lesson.pk), key=lambda standard: standard.number
        )
    return list(lessons)


def outdated_courses() -> list[Review]:
    """Courses that cite a superseded or withdrawn edition, in the order of the tree."""
    lessons = lessons_to_review()
    reviews = []
    for course in CoursePage.objects.live().order_by("path"):
        own = [lesson for lesson in lessons if lesson.path.startswith(course.path)]
        found = {standard.pk: standard for lesson in own for standard in lesson.outdated}
        if own:
            reviews.append(Review(course, own, sorted(found.values(), key=lambda standard: standard.number)))
    return reviews
