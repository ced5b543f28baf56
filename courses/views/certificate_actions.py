"""What the keepers of certificates do with many at once. One certificate is a list of one."""

from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from courses import certificates, papers
from courses.models import Certificate
from courses.permissions import manages_certificates

from .certificate_list import listed

MOST = 1000  # of one action, so that its answer comes within seconds


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=certificates.REASON_LENGTH, help_text=_("Kept with the certificate for ever.")
    )


class PublicReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=certificates.REASON_LENGTH,
        help_text=_("Everybody who verifies the certificate reads this sentence. Name no third person."),
    )


class CertificateAction(BulkAction):
    """Asks for a reason, acts on all or on none, and tells what came of it."""

    models = [Certificate]
    template_name = "courses/admin/certificate_action.html"
    form_class = ReasonForm
    explanation = ""

    def dispatch(self, request, *args, **kwargs):
        if not manages_certificates(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def get_queryset(cls, model, object_ids):
        return list(model.objects.told().filter(pk__in=object_ids).order_by("number"))

    def get_all_objects_in_listing_query(self, parent_id):
        """All that the list showed with its filters, and not all that there is."""
        return listed(QueryDict(urlsplit(self.next_url).query), self.request)

    def form_valid(self, form):
        rows, _denied = self.get_actionable_objects()
        try:
            if len(rows) > MOST:
                raise certificates.Refused(_("Choose at most %d certificates at a time.") % MOST)
            with transaction.atomic():
                answer = self.act(rows, form.cleaned_data)
        except (certificates.Refused, papers.Refused) as refused:
            messages.error(self.request, str(refused))
            return redirect(self.next_url)
        if isinstance(answer, str):
            messages.success(self.request, answer)
            return redirect(self.next_url)
        return answer

    def act(self, rows, data):
        """Words for the notice, or a response."""
        raise TypeError(f"{type(self).__name__} does not say what it does")


class RevokeAction(CertificateAction):
    display_name = _("Revoke")
    action_type = "revoke"
    aria_label = _("Revoke the selected certificates")
    explanation = _("Revoked certificates are void from now on. This cannot be undone; the record stays.")
    form_class = PublicReasonForm
    action_priority = 40
    classes = {"serious"}

    def act(self, rows, data):
        for row in rows:
            certificates.revoke(row, author=self.request.user, reason=data["reason"])
        return ngettext("%d certificate was revoked.", "%d certificates were revoked.", len(rows)) % len(rows)


class ReissueAction(CertificateAction):
    display_name = _("Issue anew")
    action_type = "reissue"
    aria_label = _("Issue the selected certificates anew")
    explanation = _(
        "Those whose holder's name or series' wording has changed get a new certificate with the present one; "
        "the old certificates will verify as superseded. All others are left as they are."
    )
    form_class = PublicReasonForm
    action_priority = 30

    def act(self, rows, data):
        chosen = Certificate.objects.filter(pk__in=[row.pk for row in rows])
        made = certificates.reissue(chosen, author=self.request.user, reason=data["reason"])
        return ngettext("%d certificate was issued anew.", "%d certificates were issued anew.", len(made)) % len(made)


class PrintAction(CertificateAction):
    display_name = _("Print again")
    action_type = "print"
    aria_label = _("Print the selected certificates again")
    explanation = _(
        "Makes the files once more with the present fonts and template, those that waited for a person too. "
        "Files that were handed out before are still recognised."
    )
    action_priority = 20

    def act(self, rows, data):
        made = papers.make_again([row.pk for row in rows], author=self.request.user, reason=data["reason"])
        return ngettext("%d file has changed.", "%d files have changed.", made) % made


class TakeAction(CertificateAction):
    display_name = _("Download")
    action_type = "take"
    aria_label = _("Download the selected certificates")
    explanation = _("One ZIP file with the PDFs. It is written down who took them: they hold personal data.")
    form_class = forms.Form
    action_priority = 10

    def act(self, rows, data):
        archive = papers.bundle([row.pk for row in rows], author=self.request.user)
        return FileResponse(archive, as_attachment=True, filename=f"certificates-{timezone.localdate():%Y%m%d}.zip")


ACTIONS = [TakeAction, PrintAction, ReissueAction, RevokeAction]
