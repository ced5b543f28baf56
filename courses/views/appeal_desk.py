"""Requests for missing credit in the editors' office: what is asked beside what is on record, and the answer."""

import django_filters
from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.widgets.button import HeaderButton

from courses import appeals, evidence, sittings
from courses.models import Appeal
from lms.models import User

INSPECT = "appeal:inspect"


def _moment(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


COLUMNS = [
    TitleColumn(
        "learner",
        label=_("Learner"),
        accessor=lambda row: row.enrolment.user.name,
        get_url=lambda row: reverse(INSPECT, args=[row.pk]),
    ),
    Column("lesson", label=_("Lesson"), accessor=lambda row: row.lesson.title),
    Column("course", label=_("Course"), accessor=lambda row: row.enrolment.course.title),
    Column("filed_at", label=_("filed at"), sort_key="filed_at", accessor=lambda row: _moment(row.filed_at)),
    StatusTagColumn(
        "state",
        label=_("State"),
        sort_key="state",
        accessor=lambda row: row.get_state_display(),
        primary=lambda row: row.is_open,
    ),
    Column("decided_by", label=_("By"), accessor=lambda row: row.decided_by.name if row.decided_by else ""),
]


def _deciders(_request):
    return User.objects.filter(pk__in=Appeal.objects.exclude(decided_by=None).values("decided_by")).order_by("name")


class AppealFilters(WagtailFilterSet):
    decided_by = django_filters.ModelChoiceFilter(label=_("decided by"), queryset=_deciders)

    class Meta:
        model = Appeal
        fields = ["state", "decided_by", "enrolment__course"]


class AppealIndexView(IndexView):
    def get_base_queryset(self):
        return (
            super().get_base_queryset().select_related("enrolment__user", "enrolment__course", "lesson", "decided_by")
        )

    @cached_property
    def columns(self):
        return COLUMNS


class AnswerForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=Appeal.ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with your name. The learner can read it."),
    )


class AppealInspectView(InspectView):
    template_name = "courses/admin/appeal.html"
    page_title = _("Request for credit")
    form = None

    def get_object(self, queryset=None):
        rows = Appeal.objects.select_related("enrolment__user", "enrolment__course", "lesson", "decided_by")
        return get_object_or_404(rows, pk=self.pk)

    def get_page_subtitle(self):
        return f"{self.object.enrolment.user.name} · {self.object.lesson.title}"

    def post(self, request, *args, **kwargs):
        decide = {"grant": appeals.grant, "decline": appeals.decline}.get(request.POST.get("decision"))
        self.form = AnswerForm(request.POST)
        if self.form.is_valid() and decide:
            try:
                decide(author=request.user, appeal=self.object, reason=self.form.cleaned_data["reason"])
            except appeals.Refused as refused:
                self.form.add_error(None, str(refused))
            else:
                messages.success(request, _("Decided. The learner is told."))
                return redirect(INSPECT, self.object.pk)
        return self.render_to_response(self.get_context_data(), status=422)

    def get_context_data(self, **kwargs):
        enrolment, lesson = self.object.enrolment, self.object.lesson
        (report,) = evidence.standing(enrolment, [lesson])
        return super().get_context_data(**kwargs) | {
            "enrolment": enrolment,
            "lesson": lesson,
            "report": report,
            "proof": evidence.of_one(enrolment, lesson),
            "sheet": sittings.sheet(report.progress, number=self.request.GET.get("page")),
            "form": self.form or AnswerForm(),
            "others": enrolment.appeals.filter(lesson=lesson).exclude(pk=self.object.pk),
        }

    @cached_property
    def header_buttons(self):
        record = reverse("enrolment:inspect", args=[self.object.enrolment_id])
        return [HeaderButton(_("The whole record"), record, icon_name="history")]
