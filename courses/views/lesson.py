"""A lesson as its reader finds it, the gate before it, and the address under which its film goes on."""

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from courses import chapters, coverage, enrolment, freshness, notes, study, terms, transcripts
from courses.models import LessonPage
from courses.requirements import Kind
from media import playback

IN_TEXT = ("text", "standard", "embed")


def read(request, lesson) -> study.Study:
    """Asked by the gate first and by the page afterwards: once a request."""
    kept = getattr(request, "_study", None)
    if kept is None or kept[0] != lesson.pk:
        preview = getattr(request, "is_preview", False)
        user = None if preview else getattr(request, "user", None)
        kept = request._study = lesson.pk, study.of(user, lesson, preview=preview)
    return kept[1]


def gate(request, lesson):
    """The page that names what must be done first, or None when the reader may go on.

    Raises Http404 for the translation of a lesson that was taken down: nothing can be learnt there any more.
    """
    found = read(request, lesson)
    if found.here.record.pk == lesson.pk and not lesson.canonical().live:
        raise Http404
    if not request.user.is_authenticated or found.here.needs is None:
        return None
    needs = found.here.needs
    context = {
        "lesson": lesson,
        "course": found.course,
        "needs": needs,
        "needs_url": needs.page.get_url(request),
        "course_url": found.course.get_url(request),
        "section": "catalogue",
        "other_language_url": lesson.other_language_url(request),
    }
    return render(request, "courses/locked.html", context, status=403)


def state(request, lesson):
    """What the template shows of a study."""
    found = read(request, lesson)
    ruled = found.enrolment.course if found.enrolment else found.course
    is_open = found.preview or (found.enrolment is not None and found.here.needs is None)
    asked = [each for each in found.report.verdict.requirements if each.kind not in (Kind.WATCH, Kind.ATTEND)]
    return {
        "study": found,
        "course": found.course,
        "course_url": found.course.get_url(request),
        "open": is_open,
        "counts": found.enrolment is not None and not found.preview,
        "coverage": found.report.coverage,
        "asked": [_asked(each, found) for each in asked],
        "to_watch": len(asked) < len(found.report.verdict.requirements),
        "to_read": next((each for each in asked if each.kind == Kind.READ), None),
        "outline": [_item(step, found, request) for step in found.steps],
        "next_url": found.next.page.get_url(request) if found.next and not found.next.needs else "",
        "film": film_addresses(found.here.record) if found.enrolment else {},
        "resume": found.report.coverage.resume_ms / 1000,
        "heard": int(found.here.progress.updated_at.timestamp() * 1000) if found.here.progress else 0,
        "keys": [("N", _("write a note")), ("G", _("to the next gap"))],
        "max_rate": ruled.max_rate,
        "attention": ruled.attention,
        "terms": terms.of(ruled),
        "has_text": any(block.block_type in IN_TEXT for block in lesson.body),
        "files": [block.value for block in lesson.body if block.block_type == "handout"],
        "notes": notes.of_lesson(request.user, lesson) if is_open and found.enrolment else (),
        **(_film_words(request, lesson, found) if is_open else {}),
    }


def _asked(requirement, found):
    state = "met" if requirement.done or found.report.done else "due" if found.enrolment else "open"
    return {"state": state, "text": requirement.text}


def _item(step, found, request):
    return {
        "number": step.number,
        "title": step.page.title,
        "url": "" if step.needs else step.page.get_url(request),
        "hours": coverage.hours_words(step.record.credit_hours),
        "state": "done" if step.done else "open" if step.started else "",
        "words": _words(step, found),
        "current": step is found.here,
    }


def _words(step, found):
    if step.done:
        return _("Completed")
    if step.needs:
        return _("After lesson %(n)d") % {"n": step.needs.number}
    return (_("Begun") if step.started else pgettext("learning", "Not started")) if found.enrolment else ""


def film_addresses(record):
    """Where the player asks: for a session that counts, with its beats, and for a new address of the film."""
    return {
        "player": reverse("api:open_player", args=[record.pk]),
        "beats": reverse("api:beat"),
        "leave": reverse("api:leave"),
        "renew": reverse("lesson_film", args=[record.pk]),
    }


def _film_words(request, lesson, found):
    """Chapters, and the transcript as it stands on the page: long, and the same for everybody who reads it in that
    language. ?words=en asks for another language of it than the page's."""
    rows = chapters.of(lesson, coverage=found.report.coverage)
    words = request.GET.get("words")
    language = words if words in dict(settings.LANGUAGES) else get_language()

    def made():
        return _transcript(lesson, language, rows)

    name = f"transcript:{lesson.pk}:{language}:{get_language()}"
    return {"chapters": rows, "transcript": made() if found.preview else freshness.shared(name, made)}


def _transcript(lesson, language, rows):
    transcript = transcripts.of(lesson, language=language, chapters=rows)
    if transcript is None:
        return ""
    languages = [
        {"code": code, "lang": playback.CODES.get(code, code), "label": playback.LABELS.get(code, code)}
        for code in transcript.languages
    ]
    context = {"transcript": transcript, "languages": languages, "page_language": get_language()}
    return render_to_string("courses/includes/lesson_transcript.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def film(request, pk):
    """A fresh address of the lesson's film, for somebody who may study it now."""
    lesson = get_object_or_404(LessonPage.objects.live(), pk=pk)
    if not request.user.is_authenticated or lesson.video is None:
        raise Http404
    try:
        enrolment.require(request.user, lesson.canonical())
        offer = playback.offer(lesson.video, viewer=request.user)
    except (enrolment.Refused, playback.NotReady) as refused:
        raise Http404 from refused
    return JsonResponse(offer.as_json())
