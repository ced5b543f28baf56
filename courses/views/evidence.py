"""One's own evidence: what was recorded of each lesson, what of it counted and why; and a request when it did not."""

import re

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import appeals, evidence, facts, reports, sittings
from courses.coverage import clock
from courses.models import Appeal, Enrolment, LessonPage
from courses.views.course import in_language
from courses.views.exams import start_url

private = cache_control(private=True, no_store=True)
SHOWN_PIECES = 60  # intervals named in words; the bar shows all
MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)")


@require_safe
@login_required
@private
def records(request):
    """All that the person has studied, the ended periods too."""
    present, ended = reports.overview(request.user), reports.overview(request.user, ended=True)
    return render(request, "courses/records.html", {"present": present, "ended": ended})


def _own(request, uuid):
    return get_object_or_404(Enrolment.objects.select_related("course"), uuid=uuid, user=request.user)


@require_safe
@login_required
@private
def record(request, uuid):
    row = _own(request, uuid)
    report, lines = evidence.lines(row)
    page = in_language([row.course])[row.course_id]
    context = {
        "enrolment": row,
        "report": report,
        "lines": lines,
        "course_url": page.get_url(request) if page.live else "",
        "decisions": row.overrides.filter(lesson=None).order_by("made_at"),
    }
    return render(request, "courses/record.html", context)


def _subject(request, uuid, pk):
    """The person's enrolment and a lesson of it, taken down or not."""
    row = _own(request, uuid)
    lesson = get_object_or_404(LessonPage, pk=pk)
    if not evidence.is_about(row, lesson):
        raise Http404
    return row, lesson


@require_safe
@login_required
@private
def lesson(request, uuid, pk):
    row, page = _subject(request, uuid, pk)
    return render(request, "courses/record_lesson.html", _told(request, row, page, AppealForm()))


def _told(request, row, page, form):
    (report,) = evidence.standing(row, [page])
    shown = in_language([page])[page.pk]
    url = shown.get_url(request) if page.live and row.ended_at is None else ""
    return {
        "enrolment": row,
        "course_title": facts.localised([row.course])[row.course_id],
        "lesson": page,
        "lesson_url": url,
        "report": report,
        "asked": [
            _asked(each, report, row, url) for each in report.verdict.requirements if each.done or not report.done
        ],
        "seen": [f"{clock(start)}–{clock(end)}" for start, end in report.coverage.seen[:SHOWN_PIECES]],
        "seen_more": max(0, len(report.coverage.seen) - SHOWN_PIECES),
        "gaps": report.coverage.gap_links,
        "proof": evidence.of_one(row, page),
        "course_decisions": row.overrides.filter(lesson=None).order_by("made_at"),
        "sheet": sittings.sheet(report.progress, number=request.GET.get("page")),
        "appeals": row.appeals.filter(lesson=page).order_by("-filed_at", "-pk"),
        "form": form if appeals.may_file(row, page, done=report.done) else None,
    }


def _asked(asked, report, row, url):
    state = "met" if asked.done or report.done else "due"
    quiz = asked.kind == "quiz" and url and state == "due"
    paper = next((each for each in report.lesson.quizzes() if each.pk == asked.ref), None) if quiz else None
    return {"state": state, "text": asked.text, "url": start_url(paper, row) if paper else ""}


class MomentField(forms.CharField):
    """A place in the film: 12:30 or 1:02:30, in milliseconds."""

    def __init__(self, **options):
        widget = forms.TextInput(attrs={"placeholder": "12:30", "autocomplete": "off", "class": "input input--short"})
        super().__init__(max_length=10, required=False, widget=widget, **options)

    def clean(self, value):
        text = super().clean(value).replace("：", ":")
        if not text:
            return None
        found = MOMENT.fullmatch(text)
        if not found:
            raise forms.ValidationError(_("Write minutes and seconds, such as 12:30."))
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return (hours * 3600 + minutes * 60 + seconds) * 1000


class AppealForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What is missing, and what you remember of it"),
        max_length=Appeal.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "class": "input"}),
        help_text=gettext_lazy("At most 1,000 characters. Say when you studied, on what, and what you saw."),
    )
    start = MomentField(label=gettext_lazy("From, in the film"))
    end = MomentField(label=gettext_lazy("To, in the film"))

    def clean(self):
        found = super().clean()
        if not self.errors and (found.get("start") is None) != (found.get("end") is None):
            self.add_error("end", _("Give both ends of the stretch, or none."))
        return found

    @property
    def stretch(self):
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        return None if start is None else (start, end)


@require_http_methods(["GET", "POST"])
@login_required
@private
def appeal(request, uuid, pk):
    """Whoever comes by GET, as after signing in on the way, finds the form below the evidence."""
    row, page = _subject(request, uuid, pk)
    if request.method == "GET":
        return redirect("evidence_lesson", row.uuid, page.pk)
    form = AppealForm(request.POST)
    if form.is_valid():
        try:
            appeals.file(
                user=request.user, enrolment=row, lesson=page, text=form.cleaned_data["text"], stretch=form.stretch
            )
        except appeals.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Your request has been filed. The answer will stand here."))
            return redirect("evidence_lesson", row.uuid, page.pk)
    return render(request, "courses/record_lesson.html", _told(request, row, page, form), status=422)


@require_POST
@login_required
def withdraw_appeal(request, uuid):
    row = get_object_or_404(Appeal.objects.select_related("enrolment"), uuid=uuid, enrolment__user=request.user)
    try:
        appeals.withdraw(user=request.user, appeal=row)
    except appeals.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Your request has been withdrawn."))
    return redirect("evidence_lesson", row.enrolment.uuid, row.lesson_id)
