"""Files that officers take out: asked for, waited for, downloaded; and the trail of it all."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms import bureau, exports, extracts, permissions, trail
from lms.models import Export

from . import desk_question
from .desk_question import officers_only

PAGE = 50
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


class ExportForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=[(kind, kind.label) for kind in exports.ENDINGS])
    measure = forms.ChoiceField(choices=[(key, key) for key in extracts.DRILLED], required=False)
    full = forms.BooleanField(label=gettext_lazy("With full names, numbers and codes"), required=False)
    purpose = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Needed for full names. Kept with your name in the audit trail."),
    )


@officers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    if request.method == "POST":
        return _ask(request)
    found = Paginator(exports.visible(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": found, "section": "exports", "whole": permissions.is_provincial_clerk(request.user)}
    return render(request, "lms/bureau/exports.html", context)


def _ask(request):
    question_form, question = desk_question.read(request)
    form = ExportForm(request.POST)
    if question is None or not form.is_valid():
        return _again(request, form, question_form)
    data = form.cleaned_data
    try:
        made = exports.ask(
            user=request.user,
            kind=data["kind"],
            question=question,
            measure=data["measure"] or "attendances",
            full=data["full"],
            purpose=data["purpose"],
        )
    except exports.Refused as refusal:
        form.add_error("purpose", str(refusal))
        return _again(request, form, question_form, question)
    return redirect("bureau_file" if made.can_be_taken else "bureau_export", made.uuid)


def _again(request, form, question_form, question=None):
    """The form with what was typed, and what is wrong with it."""
    context = {
        "form": form,
        "question_form": question_form,
        "section": "exports",
        "whole": permissions.is_provincial_clerk(request.user),
        "back": f"{reverse('bureau')}?{desk_question.query(question)}" if question else reverse("bureau"),
    }
    return render(request, "lms/bureau/export_form.html", context, status=422)


@officers_only
@require_safe
def export(request, key):
    """How far it is; looks again by itself where there are scripts."""
    made = get_object_or_404(exports.visible(request.user), uuid=key)
    whole = permissions.is_provincial_clerk(request.user)
    template = "lms/bureau/includes/export_state.html" if request.htmx else "lms/bureau/export.html"
    return render(request, template, {"export": made, "section": "exports", "whole": whole})


@officers_only
@require_safe
def file(request, key):
    return hand_out(request, key, state="bureau_export")


def hand_out(request, key, *, state):
    """The file itself, or the page called `state` that says why there is none. Raises bureau.OutOfReach."""
    try:
        made, path = exports.take(request.user, key)
    except Export.DoesNotExist as error:
        raise Http404 from error
    except exports.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(state, key)
    response = FileResponse(path.open("rb"), content_type=TYPES[path.suffix[1:]])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=made.file_name)
    response["Cache-Control"] = "private, no-store"
    return response


@officers_only
@require_POST
def again(request, key):
    """The same question once more, as after a failure or when its days are over."""
    old = get_object_or_404(exports.visible(request.user), uuid=key)
    try:
        made = exports.ask_again(user=request.user, export=old)
    except exports.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("bureau_export", key)
    return redirect("bureau_export", made.uuid)


class TrailForm(forms.Form):
    what = forms.ChoiceField(label=gettext_lazy("What"), required=False, choices=trail.KINDS)
    since = forms.DateField(
        label=pgettext_lazy("dates", "From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=pgettext_lazy("dates", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data):
        super().__init__(data or None, auto_id="t-%s")
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


@officers_only
@require_safe
def audit(request):
    """For officers of the province: who took what out, who locked what, who took which record back."""
    if not permissions.is_provincial_clerk(request.user):
        raise bureau.OutOfReach(_("The audit trail is open to officers of the province."))
    form = TrailForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    entries = trail.entries(what=asked.get("what", ""), since=asked.get("since"), until=asked.get("until"))
    context = {
        "form": form,
        "page_obj": Paginator(entries, PAGE).get_page(request.GET.get("page")),
        "section": "trail",
        "whole": True,
    }
    return render(request, "lms/bureau/trail.html", context, status=422 if form.errors else 200)
