"""One certificate in the editors' office: its life, a correction, a file made by hand; and what is still to issue."""

from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.generic import EditView, InspectView
from wagtail.admin.widgets.button import HeaderButton

from courses import attestation, certificates, papers, printing
from courses.models import Certificate, CertificateSeries, ProgrammePage
from courses.permissions import manages_certificates
from lms.numbers import whole

from .certificate_actions import PublicReasonForm

Status = Certificate.Status
INSPECT = "certificate:inspect"


def keepers_only(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not manages_certificates(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


class CertificateInspectView(InspectView):
    template_name = "courses/admin/certificate_inspect.html"

    def get_object(self, queryset=None):
        return get_object_or_404(Certificate.objects.told(), pk=self.pk)

    @cached_property
    def header_buttons(self):
        return _buttons(self.object)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        told = self.object.snapshot
        return context | {
            "told": told,
            "period": " – ".join(told["period"]),
            "verify_url": attestation.verify_url(self.object),
            "events": self.object.events.select_related("author"),
            "lines": _lines(self.object),
        }


def _lines(certificate):
    """The certificates that this one took the place of, and those that follow it."""
    rows = [
        (_("Replaces"), certificate.supersedes),
        (_("Replaced by"), certificate.superseded_by),
        (_("Renews"), certificate.renews),
        (_("Renewed by"), certificate.renewed_by),
    ]
    return [(label, row, reverse(INSPECT, args=[row.pk])) for label, row in rows if row]


def _buttons(certificate):
    here = reverse(INSPECT, args=[certificate.pk])
    buttons = [
        HeaderButton(_("Page of the holder"), reverse("certificate", args=[certificate.number]), icon_name="view")
    ]
    if certificate.status in (Status.VALID, Status.EXPIRED):
        buttons += [
            HeaderButton(
                _("Correct a certificate"), reverse("certificate_correct", args=[certificate.pk]), icon_name="edit"
            ),
            HeaderButton(_("Issue anew"), _bulk("reissue", certificate, here), icon_name="rotate"),
            HeaderButton(_("Revoke"), _bulk("revoke", certificate, here), icon_name="cross"),
        ]
    buttons.append(HeaderButton(_("Print again"), _bulk("print", certificate, here), icon_name="doc-full"))
    if certificate.print_state == Certificate.Print.REVIEW:
        buttons.append(
            HeaderButton(_("File a PDF"), reverse("certificate_file", args=[certificate.pk]), icon_name="upload")
        )
    return buttons


def _bulk(action, certificate, back):
    address = reverse("wagtail_bulk_action", args=["courses", "certificate", action])
    return f"{address}?{urlencode({'id': certificate.pk, 'next': back})}"


class CorrectionForm(PublicReasonForm):
    name = forms.CharField(label=_("Full name"), max_length=40)
    enterprise = forms.CharField(label=_("Enterprise"), max_length=200, required=False)
    programme = forms.CharField(label=_("Programme"), max_length=255)
    programme_en = forms.CharField(label=_("Programme in English"), max_length=255, required=False)
    hours = forms.RegexField(r"^[0-9]{1,3}(\.5)?\Z", label=_("Credit hours"))

    field_order = ["name", "enterprise", "programme", "programme_en", "hours", "reason"]

    def __init__(self, *args, certificate, **kwargs):
        """Hours may be left out where the certificate has none. A name that was corrected since is offered."""
        told = certificate.snapshot
        self.printed = {name: told[name] for name in self.base_fields if name in told}
        now = certificate.user.name.strip() if certificate.user else ""
        super().__init__(*args, initial={**self.printed, "name": now or told["name"]}, **kwargs)
        self.fields["hours"].required = told["hours"] != ""
        if now and now != told["name"]:
            self.fields["name"].help_text = _("Printed: %(printed)s. The account now says: %(now)s.") % {
                "printed": told["name"],
                "now": now,
            }

    @property
    def changes(self):
        """What differs from the certificate, whatever the form offered."""
        return {
            name: self.cleaned_data[name] for name, value in self.printed.items() if self.cleaned_data[name] != value
        }


@keepers_only
def correct(request, pk):
    certificate = get_object_or_404(Certificate.objects.told(), pk=pk)
    form = CorrectionForm(request.POST or None, certificate=certificate)
    if form.is_valid():
        try:
            made = certificates.supersede(
                certificate, changes=form.changes, author=request.user, reason=form.cleaned_data["reason"]
            )
        except certificates.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Certificate %s takes the place of the old one.") % made.number)
            return redirect(INSPECT, made.pk)
    title = _("Correct a certificate")
    text = _("A new certificate is issued with a number of its own; the old one will verify as superseded.")
    return _form(request, certificate, form=form, title=title, text=text, submit=_("Issue the corrected certificate"))


class FilingForm(forms.Form):
    file = forms.FileField(label=_("PDF"), widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}))
    reason = forms.CharField(label=_("How it was made"), max_length=certificates.REASON_LENGTH)


@keepers_only
def file_by_hand(request, pk):
    certificate = get_object_or_404(Certificate.objects.told(), pk=pk)
    form = FilingForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            papers.file_by_hand(
                certificate,
                data=file.read(papers.PDF_LIMIT + 1),
                author=request.user,
                reason=form.cleaned_data["reason"],
            )
        except papers.Refused as refused:
            form.add_error("file", str(refused))
        else:
            messages.success(request, _("The file is there. The holder can download it now."))
            return redirect(INSPECT, certificate.pk)
    title = _("File a PDF")
    text = _("For a name that our fonts do not have: make the sheet elsewhere, with this number and code: %s")
    text %= attestation.verify_url(certificate)
    return _form(request, certificate, form=form, title=title, text=text, submit=_("Save the file"))


def _form(request, certificate, *, form, title, text, submit):
    context = {
        "form": form,
        "text": text,
        "page_title": title,
        "page_subtitle": f"{certificate.number} {certificate.snapshot['name']}",
        "header_icon": "doc-full",
        "back": reverse(INSPECT, args=[certificate.pk]),
        "action_url": request.path,
        "submit_button_label": submit,
    }
    return render(request, "courses/admin/certificate_form.html", context, status=422 if form.errors else 200)


@keepers_only
def due(request):
    """Completions without a certificate, by programme: those from before the programme had a series."""
    if request.method == "POST":
        programme = get_object_or_404(ProgrammePage, pk=whole(request.POST.get("programme")))
        made = certificates.issue_due(programme, author=request.user)
        done = ngettext("%d certificate was issued.", "%d certificates were issued.", len(made)) % len(made)
        messages.success(request, done)
        return redirect("certificates_due")
    present = Q(enrolments__completed_at__isnull=False, enrolments__user__closed_at=None)
    lacking = Count("enrolments", filter=present & Q(enrolments__certificates=None))
    rows = ProgrammePage.objects.exclude(series=None).select_related("series").annotate(lacking=lacking)
    return render(request, "courses/admin/certificates_due.html", {"programmes": rows.filter(lacking__gt=0)})


class SeriesEditView(EditView):
    @cached_property
    def header_buttons(self):
        return [HeaderButton(_("See a sample"), reverse("certificate_sample", args=[self.object.pk]), icon_name="view")]


@keepers_only
def sample(request, pk):
    """What the series looks like, as PDF."""
    sheet = attestation.sample(get_object_or_404(CertificateSeries, pk=pk))
    return HttpResponse(printing.certificate(sheet), content_type="application/pdf")
