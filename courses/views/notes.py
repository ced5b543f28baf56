"""Notes without a script: written, changed and deleted by forms. With one, the lesson's page asks the API."""

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from courses import enrolment, notes
from courses.models import LessonPage, Note

AT_ONCE = 100  # notes on a page
PRIVATE = cache_control(private=True, no_store=True)


@login_required
@require_http_methods(["GET", "POST"])
@PRIVATE
def lesson_notes(request, pk):
    """My notes of a lesson; a refused one is shown again with what was typed."""
    lesson = get_object_or_404(LessonPage.objects.live(), pk=pk).localized
    refusal, draft = "", {"text": "", "minutes": "", "seconds": ""}
    if request.method == "POST":
        draft = {name: request.POST.get(name, "") for name in draft}
        try:
            notes.write(user=request.user, lesson=lesson, position_ms=_position(draft), text=draft["text"])
        except enrolment.Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, _("Your note is saved."))
            return redirect(f"{lesson.get_url(request)}#notes")
    context = {
        "lesson": lesson,
        "lesson_url": lesson.get_url(request),
        "notes": notes.of_lesson(request.user, lesson),
        "refusal": refusal,
        "draft": draft,
        "section": "catalogue",
    }
    return render(request, "courses/lesson_notes.html", context, status=422 if refusal else 200)


def _position(draft):
    """What was typed as a time, nothing else: a wrong one must not cost the note."""
    minutes, seconds = (
        int(draft[name]) if draft[name].isascii() and draft[name].isdigit() and len(draft[name]) < 5 else 0
        for name in ("minutes", "seconds")
    )
    return (minutes * 60 + seconds) * 1000


@login_required
@require_http_methods(["GET", "POST"])
@PRIVATE
def note(request, uuid):
    """One note of mine, to change or delete it. Somebody else's is 404."""
    found = get_object_or_404(Note.objects.select_related("lesson"), uuid=uuid, user=request.user)
    lesson = found.lesson.localized
    back = f"{lesson.get_url(request)}#notes" if lesson.live else ""
    refusal, text = "", found.text
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            _change(request, uuid, text)
        except enrolment.Refused as refused:
            refusal = refused.message
        else:
            return redirect(back or "my_notes")
    context = {"note": found, "lesson": lesson, "back": back, "text": text, "refusal": refusal, "section": "catalogue"}
    return render(request, "courses/note.html", context, status=422 if refusal else 200)


def _change(request, uuid, text):
    if "delete" in request.POST:
        notes.delete(user=request.user, uuid=uuid)
        messages.success(request, _("Your note is deleted."))
    else:
        notes.revise(user=request.user, uuid=uuid, text=text)
        messages.success(request, _("Your note is saved."))


@login_required
@require_safe
@PRIVATE
def my_notes(request):
    """All notes of mine, lesson by lesson."""
    rows = Note.objects.filter(user=request.user).select_related("lesson__locale")
    page = Paginator(rows.order_by("lesson__path", "position_ms", "pk"), AT_ONCE).get_page(request.GET.get("page"))
    shown = _shown(row.lesson for row in page)
    lessons = [
        {"page": shown.get(lesson.translation_key, lesson), "open": lesson.translation_key in shown, "notes": list(own)}
        for lesson, own in groupby(page, key=lambda row: row.lesson)
    ]
    context = {"lessons": lessons, "page_obj": page, "section": "my_learning"}
    return render(request, "courses/my_notes.html", context)


def _shown(lessons):
    """By translation key the published page to link to, in the reader's language where there is one."""
    keys = {lesson.translation_key for lesson in lessons}
    pages = LessonPage.objects.live().filter(translation_key__in=keys).select_related("locale").defer("body")
    ours = sorted(pages, key=lambda page: page.locale.language_code == get_language())
    return {page.translation_key: page for page in ours}
