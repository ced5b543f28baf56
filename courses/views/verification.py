"""Anybody may verify a certificate: by the code on the paper, or by its number and the holder's name."""

from functools import wraps

from django import forms
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from courses import numbering, papers, verification
from courses.models import Certificate
from lms.adapters import client_ip

Status = Certificate.Status

# How a status is shown, in words first: kind of verdict, icon, sentence.
FACES = {
    Status.VALID: ("ok", "check-circle", _("This certificate was issued by the school and is valid.")),
    Status.EXPIRED: ("due", "clock", _("The certificate is genuine, but its time is over.")),
    Status.REVOKED: ("stop", "stop", _("The issuer has revoked this certificate. It is void from that day on.")),
    Status.SUPERSEDED: ("plain", "refresh", _("It was corrected and issued anew: this version no longer counts.")),
}
COMPARISONS = {
    "same": ("", "check-circle", _("The file is the certificate as issued, bit by bit.")),
    "earlier": (
        "",
        "check-circle",
        _("The file is an earlier print of this certificate: genuine, with the same content."),
    ),
    "different": (
        "stop",
        "warning",
        _(
            "The file is not the one that was issued: it was changed, or is another certificate. "
            "What counts stands above."
        ),
    ),
    "unknown": ("due", "clock", _("This certificate has no file yet, so there is nothing to compare with.")),
}


def discreet(view):
    """Not for search engines, and not to be kept: the answer may change tomorrow."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


class LookupForm(forms.Form):
    number = forms.CharField(
        label=_("Certificate number"),
        help_text=_("Printed beside the code, such as CQO202651000000017G."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Full name"),
        help_text=_("As printed on the certificate."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_number(self):
        number = self.cleaned_data["number"]
        if not numbering.is_sound(number):
            raise forms.ValidationError(
                _("One character of this number must be wrong, or one is missing: compare it with the certificate.")
            )
        return number


@discreet
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request):
    form = LookupForm(request.POST or None)
    context = {"form": form}
    if form.is_valid():
        try:
            found = verification.by_number(
                form.cleaned_data["number"], name=form.cleaned_data["name"], source=client_ip(request)
            )
        except verification.TooMany as refusal:
            return _too_many(request, form, refusal)
        if found:
            return redirect("verify_token", token=found.token)
        return render(request, "courses/verify.html", {**context, "missing": True}, status=404)
    return render(request, "courses/verify.html", context, status=422 if form.is_bound else 200)


@csrf_exempt  # changes nothing and knows nobody: a file is compared and forgotten
@discreet
@require_http_methods(["GET", "HEAD", "POST"])
def verify_token(request, token):
    certificate = verification.by_token(token)
    if _wants_json(request):
        response = _as_json(request, certificate)
    elif certificate is None:
        response = render(request, "courses/verify.html", {"form": LookupForm(), "unknown": True}, status=404)
    else:
        context = {
            "verdict": _shown(verification.verdict(certificate)),
            "form": LookupForm(),
            "comparison": COMPARISONS.get(_compared(request, certificate)),
        }
        response = render(request, "courses/verify_result.html", context)
    response["Vary"] = "Accept"
    return response


def _wants_json(request):
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _as_json(request, certificate):
    if certificate is None:
        unknown = {"status": "unknown", "code": "unknown", "message": _("No certificate fits what was asked.")}
        return JsonResponse(unknown, status=404, json_dumps_params={"ensure_ascii": False})
    document = verification.document(verification.verdict(certificate))
    if compared := _compared(request, certificate):
        document["file"] = compared
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False})


def _compared(request, certificate):
    """same, earlier, different or unknown for an uploaded file, None where none came. Ours are never that large."""
    file = request.FILES.get("file")
    if file is None:
        return None
    return "different" if file.size > papers.PDF_LIMIT else verification.compare(certificate, file.chunks())


def _too_many(request, form, refusal):
    context = {"form": form, "minutes": refusal.seconds // 60}
    response = render(request, "courses/verify.html", context, status=429)
    response["Retry-After"] = str(refusal.seconds)
    return response


def _shown(told):
    """The verdict as includes/verdict.html takes it, in the reader's language."""
    kind, icon_name, text = FACES[told.status]
    english = (get_language() or "").startswith("en")
    shown = {
        "kind": kind,
        "icon_name": icon_name,
        "word": Status(told.status).label,
        "text": text,
        "title": told.title_en if english else told.title,
        "rows": _rows(told, english),
        "checked_at": told.checked_at,
        "sha256": told.sha256,
    }
    if told.current and told.current.status == Status.VALID:
        shown |= {"act_url": _page(told.current), "act_label": _("See the one in force now")}
    elif told.current:
        shown |= {"act_url": _page(told.current), "act_label": _("See the last one")}
    elif told.successor:
        shown |= {"act_url": _page(told.successor), "act_label": _("See the new certificate")}
    elif told.renewal:
        shown |= {"act_url": _page(told.renewal), "act_label": _("See the renewed certificate")}
    return shown


def _page(certificate):
    return reverse("verify_token", args=[certificate.token])


def _rows(told, english):
    issuers = (english and told.issuers_en) or told.issuers
    rows = [
        (_("Name of the holder"), told.name, ""),
        (_("Programme"), (english and told.programme_en) or told.programme, ""),
        *([(_("Credit hours"), told.hours, "")] if told.hours else []),
        (_("Assessment result"), told.result_en if english else told.result, ""),
        (_("Period of training"), " – ".join(_day(day) for day in told.period), ""),
        (_("Certificate number"), told.number, "number"),
        (_("Date of issue"), _day(told.issued_on), ""),
        *_rows_of_status(told),
        *_rows_of_line(told),
        (_("Issuer"), (", " if english else "、").join(issuers), ""),
    ]
    return [
        {"label": label, "value": value, "number": mark == "number", "strong": mark == "strong"}
        for label, value, mark in rows
    ]


def _rows_of_status(told):
    if told.status == Status.REVOKED:
        return [(_("Revoked on"), _day(told.revoked_on), "strong"), (_("Reason for revoking"), told.reason, "")]
    if told.status == Status.SUPERSEDED:
        return [(_("Replaced on"), _day(told.replaced_on), "strong"), (_("Reason for replacing"), told.reason, "")]
    if told.expires_on:
        return [(_("Valid until"), _day(told.expires_on), "strong" if told.status == Status.EXPIRED else "")]
    return [(_("Validity"), _("Without limit"), "")]


def _rows_of_line(told):
    """The next certificate and the one at the end, where that is another; its status, where it is not in force."""
    rows = []
    if told.successor and told.successor.pk != told.current.pk:
        rows.append((_("Replaced by"), told.successor.number, "number"))
    if told.current and told.current.status == Status.VALID:
        rows.append((_("The one in force now"), told.current.number, "number"))
    elif told.current:
        label = Status(told.current.status).label
        rows.append((_("The last one"), f"{told.current.number} ({label})", "number"))
    return rows


def _day(day):
    return date_format(day, "DATE_FORMAT")
