"""The list of courses with its filters. The address says all of it, so that it can be shared."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses import catalogue, reports, transcripts

PER_PAGE = 10
SHOWN_HITS = 3
SHOWN_CHOICES = 8
FIELDS = {"track": "tracks", "level": "levels", "chain": "chains", "standard": "standards"}


def asked(query) -> catalogue.Narrowing:
    return catalogue.Narrowing(
        q=query.get("q", "").strip()[:100],
        sort=query.get("sort", "") if query.get("sort") in catalogue.SORTS else "",
        **{name: tuple(query.getlist(field)) for field, name in FIELDS.items()},
    )


@require_safe
def courses(request):
    narrowing = asked(request.GET)
    found = catalogue.find(narrowing, language=get_language())
    page = Paginator(found.entries, PER_PAGE).get_page(request.GET.get("page"))
    states = _states(request.user)
    for entry in page:
        entry.state = states.get(entry.course.translation_key)
        entry.shown_hits = entry.hits[:SHOWN_HITS]
        entry.more_hits = len(entry.hits) - SHOWN_HITS
    _say_where(page, narrowing.q)
    context = {
        "narrowing": narrowing,
        "found": found,
        "facets": [_parted(facet) for facet in found.facets if facet.choices],
        "page_obj": page,
        "count_words": _count_words(found, narrowing),
        "chosen": list(_chosen(request, found)),
        "sorts": catalogue.SORTS.items(),
        "here": reverse("catalogue"),
    }
    response = render(request, "courses/catalogue.html", context)
    if request.htmx:
        response["HX-Push-Url"] = _address(request.GET)
    return response


def _say_where(entries, q):
    """Where in its film each lesson on the list says what was asked for."""
    shown = [lesson for entry in entries for lesson in entry.shown_hits]
    spots = transcripts.spots(shown, q) if shown else {}
    for lesson in shown:
        lesson.spots = spots.get(lesson.pk, [])


def _address(query):
    """What the browser's bar shows after narrowing: without the fields that nobody filled in."""
    said = query.copy()
    for name in query:
        said.setlist(name, [value for value in query.getlist(name) if value])
    return f"{reverse('catalogue')}?{said.urlencode()}" if said.urlencode() else reverse("catalogue")


def _states(user):
    """By translation key, in words, how far the reader is."""
    if not user.is_authenticated:
        return {}
    return {row.enrolment.course.translation_key: _state(row) for row in reports.overview(user)}


def _state(row):
    if row.done:
        return {"kind": "ok", "label": _("Completed")}
    if row.lessons_done:
        words = ngettext("%(n)d lesson done", "%(n)d lessons done", row.lessons_done) % {"n": row.lessons_done}
        return {"kind": "partial", "label": words}
    return {"kind": "partial", "label": _("Enrolled")}


def _count_words(found, narrowing):
    count = len(found.entries)
    words = ngettext("%(n)d course", "%(n)d courses", count) % {"n": count}
    if not narrowing.q or not found.lesson_hits:
        return words
    held = ngettext("%(n)d lesson on “%(q)s”", "%(n)d lessons on “%(q)s”", found.lesson_hits) % {
        "n": found.lesson_hits,
        "q": narrowing.q,
    }
    return _("%(courses)s, %(lessons)s") % {"courses": words, "lessons": held}


def _parted(facet):
    """A long list shows its first choices and those that are chosen; the rest folds away."""
    if len(facet.choices) <= SHOWN_CHOICES + 1:
        return {"facet": facet, "first": facet.choices, "rest": []}
    first = [choice for at, choice in enumerate(facet.choices) if at < SHOWN_CHOICES or choice.checked]
    return {"facet": facet, "first": first, "rest": [choice for choice in facet.choices if choice not in first]}


def _chosen(request, found):
    """What is chosen, each with the address without it."""
    for facet in found.facets:
        for choice in facet.choices:
            if choice.checked:
                query = request.GET.copy()
                query.setlist(facet.name, [value for value in query.getlist(facet.name) if value != choice.value])
                query.pop("page", None)
                yield {"label": choice.label, "url": _address(query)}
