"""Flags in the editors' office: what looks strange, in figures, beside the evidence; and what people thought of it."""

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

from courses import enrolment, evidence, sittings, suspicion
from courses.models import Flag

INSPECT = "flag:inspect"
Kind = Flag.Kind
WORDS = {
    Kind.TRIMMED: _("%(claimed_seconds)s seconds of film claimed in %(beats)s beats that the clock did not allow"),
    Kind.SPEED: _("%(beats)s beats told of a speed of up to %(fastest)s, where %(limit)s is the limit"),
    Kind.FLAPPING: _("Players took over from one another %(turns)s times within an hour"),
    Kind.CLOCKWORK: _("%(beats)s beats every %(period_ms)s ms, give or take %(spread_ms)s ms, from a hidden page"),
    Kind.REPLAYED: _("The same claim under %(beats)s numbers"),
    Kind.UNDELIVERED: _(
        "%(unfetched_seconds)s of %(credited_seconds)s credited seconds of film were not fetched; segments that were: "
        "%(segments)s"
    ),
    Kind.TIRELESS: _("%(hours)s hours of film credited on one day"),
    Kind.SHARED: _("%(beats)s of %(of)s beats are those of another person at the same moment (%(people)s people)"),
    Kind.ABSENT: _("%(unanswered)s of %(asked)s questions were not answered in time"),
}


def words(flag):
    return WORDS[flag.kind] % flag.figures


def _moment(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


COLUMNS = [
    TitleColumn(
        "learner",
        label=_("Learner"),
        accessor=lambda row: row.enrolment.user.name,
        get_url=lambda row: reverse(INSPECT, args=[row.pk]),
    ),
    Column("kind", label=_("What looks strange"), sort_key="kind", accessor=lambda row: row.get_kind_display()),
    Column("words", label=_("In figures"), accessor=words),
    Column("lesson", label=_("Lesson"), accessor=lambda row: row.lesson.title if row.lesson else ""),
    Column("created_at", label=_("seen"), sort_key="created_at", accessor=lambda row: _moment(row.created_at)),
    StatusTagColumn(
        "state",
        label=_("State"),
        sort_key="state",
        accessor=lambda row: row.get_state_display(),
        primary=lambda row: row.state == Flag.State.OPEN,
    ),
]


class FlagFilters(WagtailFilterSet):
    class Meta:
        model = Flag
        fields = ["state", "kind", "enrolment__course"]


class FlagIndexView(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("enrolment__user", "enrolment__course", "lesson")

    @cached_property
    def columns(self):
        return COLUMNS


class ReviewForm(forms.Form):
    note = forms.CharField(
        label=_("What you found"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with your name. It changes no credit."),
    )


class FlagInspectView(InspectView):
    template_name = "courses/admin/flag.html"
    form = None

    def get_object(self, queryset=None):
        rows = Flag.objects.select_related("enrolment__user", "enrolment__course", "lesson")
        return get_object_or_404(rows, pk=self.pk)

    def post(self, request, *args, **kwargs):
        self.form = ReviewForm(request.POST)
        state = request.POST.get("state")
        if self.form.is_valid() and state in Flag.State.values:
            try:
                suspicion.review(
                    reviewer=request.user, flag=self.object, state=state, note=self.form.cleaned_data["note"]
                )
            except enrolment.Refused as refused:
                self.form.add_error(None, refused.message)
            else:
                messages.success(request, _("Noted. What counts is as it was."))
                return redirect(INSPECT, self.object.pk)
        return self.render_to_response(self.get_context_data(), status=422)

    def get_context_data(self, **kwargs):
        held, lesson = self.object.enrolment, self.object.lesson
        reports = evidence.standing(held, [lesson]) if lesson else []
        report = reports[0] if reports else None
        return super().get_context_data(**kwargs) | {
            "enrolment": held,
            "lesson": lesson,
            "words": words(self.object),
            "report": report,
            "sheet": sittings.sheet(report.progress if report else None, number=self.request.GET.get("page")),
            "reviews": self.object.reviews.select_related("reviewer"),
            "form": self.form or ReviewForm(),
            "states": Flag.State,
        }

    @cached_property
    def header_buttons(self):
        record = reverse("enrolment:inspect", args=[self.object.enrolment_id])
        return [HeaderButton(_("The whole record"), record, icon_name="history")]
