"""A learning record in the editors' office: where somebody stands, the evidence, and a decision with its reason."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import IndexView, InspectView

from courses import completion, evidence
from courses.models import Enrolment, LessonPage, ProgrammeEnrolment

from .certificate_desk import keepers_only

COURSE, PROGRAMME = "enrolment:inspect", "programmeenrolment:inspect"


class EnrolmentIndexView(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("user", "course")


class ProgrammeIndexView(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("user", "programme")


class EnrolmentInspectView(InspectView):
    template_name = "courses/admin/record.html"

    def get_object(self, queryset=None):
        return get_object_or_404(Enrolment.objects.select_related("user", "course"), pk=self.pk)

    def get_context_data(self, **kwargs):
        report = completion.course_report(self.object)
        proof = evidence.of_lessons(self.object, [each.lesson for each in report.lessons])
        return super().get_context_data(**kwargs) | {
            "report": report,
            "lessons": [(each, proof[each.lesson.pk]) for each in report.lessons],
            "decisions": self.object.overrides.select_related("author", "lesson").order_by("made_at"),
        }


class ProgrammeInspectView(InspectView):
    template_name = "courses/admin/record_programme.html"

    def get_object(self, queryset=None):
        rows = ProgrammeEnrolment.objects.select_related("user", "programme__exam")
        return get_object_or_404(rows, pk=self.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "report": completion.programme_report(self.object),
            "decisions": self.object.overrides.select_related("author").order_by("made_at"),
        }


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with your name. The learner can read it."),
    )


@keepers_only
def decide_course(request, pk):
    row = get_object_or_404(Enrolment.objects.select_related("user", "course"), pk=pk)
    back = reverse(COURSE, args=[pk])
    return _decide(request, back, subtitle=f"{row.user.name} · {row.course.title}", enrolment=row)


@keepers_only
def decide_lesson(request, pk, lesson):
    row = get_object_or_404(Enrolment.objects.select_related("user", "course"), pk=pk)
    page = get_object_or_404(LessonPage.objects.descendant_of(row.course), pk=lesson)
    back = reverse(COURSE, args=[pk])
    return _decide(request, back, subtitle=f"{row.user.name} · {page.title}", enrolment=row, lesson=page)


@keepers_only
def decide_programme(request, pk):
    row = get_object_or_404(ProgrammeEnrolment.objects.select_related("user", "programme"), pk=pk)
    back = reverse(PROGRAMME, args=[pk])
    return _decide(request, back, subtitle=f"{row.user.name} · {row.programme.title}", programme_enrolment=row)


def _decide(request, back, *, subtitle, **subject):
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        try:
            completion.override(author=request.user, reason=form.cleaned_data["reason"], **subject)
        except completion.Refused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, _("Decided. It counts from now on, and recomputing does not undo it."))
            return redirect(back)
    context = {
        "form": form,
        "page_title": _("Count as met"),
        "page_subtitle": subtitle,
        "header_icon": "history",
        "back": back,
        "action_url": request.path,
        "submit_button_label": _("Count as met"),
    }
    return render(request, "courses/admin/record_decide.html", context, status=422 if form.errors else 200)
