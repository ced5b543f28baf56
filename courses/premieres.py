"""The films of the demo lessons: which are still wanted, and how a finished one comes onto the pages."""

from django.conf import settings
from django.db import transaction
from filer.models import File

from media.models import Video

from . import demonstration
from .films import Film
from .models import FilmChapter, LessonPage

# The headings of the slides, as slides.typ sets them, in both languages.
HEADINGS = {
    "缘由": ("这一课解决什么问题", "What this lesson answers"),
    "要点": ("记住要点", "What to remember"),
    "自查": ("停一下，想一想", "Stop and think"),
    "小结": ("答案与小结", "Answer and summary"),
}
# What the main slide of a lesson explains, by number alone.
CLAUSES = {
    "tqm-basics-03": "4.4",
    "std-qms-02": "4–5",
    "std-qms-03": "6",
    "std-qms-04": "7",
    "std-qms-05": "8",
    "std-qms-06": "9–10",
    "std-qms-07": "6",
    "excellence-brand-02": "4.1–4.3",
    "excellence-brand-03": "4.4–4.5",
    "excellence-brand-04": "4.6",
}


def wanted() -> list[LessonPage]:
    """Demo lessons without a film, in the order of need: the first course, then a first lesson of each."""
    slugs = [lesson["id"] for course in demonstration.data("courses.json")["courses"] for lesson in course["lessons"]]
    first = slugs[:3]
    rest = sorted(slugs[3:], key=lambda slug: (slug.rsplit("-", 1)[1], slugs.index(slug)))
    pages = LessonPage.objects.filter(slug__in=slugs, locale__language_code=settings.LANGUAGE_CODE)
    found = {page.slug: page for page in pages if page.video is None}
    return [found[slug] for slug in [*first, *rest] if slug in found]


def show(lesson: LessonPage, video: Video, film: Film, deck: dict, *, slides: File) -> None:
    """Put the film with its chapters at the head of the lesson and its slides at the end, in every language."""
    with transaction.atomic():
        for page in lesson.get_translations(inclusive=True).select_related("locale"):
            draft = page.get_latest_revision_as_object()
            draft.body.insert(0, ("video", video))
            title = "Slides of this lesson (in Chinese)" if page.locale.language_code == "en" else "本节幻灯片"
            draft.body.append(("handout", {"title": title, "file": slides}))
            draft.film_chapters = chapters(film, deck, page)
            draft.save_revision(changed=True).publish()


def chapters(film: Film, deck: dict, page: LessonPage) -> list[FilmChapter]:
    """One for each slide, called as the slide is headed, from the moment at which the film shows it."""
    standard = page.standards.order_by("number").first()
    made = []
    for start, scene in film.chapters:
        chapter = FilmChapter(start_ms=round(start * 1000), title=_heading(scene, deck, page))
        if scene == "要点" and standard:
            chapter.standard, chapter.clause = standard, _clause(page, standard)
        made.append(chapter)
    return made


def _heading(scene: str, deck: dict, page: LessonPage) -> str:
    english = page.locale.language_code == "en"
    if scene in HEADINGS:
        return HEADINGS[scene][english]
    if scene == "图解":
        return "The diagram" if english else deck["diagram"]["title"]
    return page.title[:80]


def _clause(page, standard):
    """Only of the standard that the list above means."""
    meant = ("GB/T 19001-2016", "GB/T 19580-2012", "GB/T 19011-2021")
    return CLAUSES.get(page.slug, "") if standard.number in meant else ""
