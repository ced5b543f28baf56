"""Other systems are told what becomes of a certificate, see lms.webhooks."""

from django.utils import timezone

from lms import webhooks
from lms.models import User, Webhook, WebhookDelivery

from . import attestation
from .models import CertificateEvent

CERTIFICATES = "certificates"  # the name of the cursor
Verb = CertificateEvent.Verb
TOLD = (Verb.ISSUED, Verb.REVOKED, Verb.SUPERSEDED, Verb.RENEWED)


def tell_of_certificates() -> int:
    """The periodic duty."""
    rows = CertificateEvent.objects.filter(verb__in=TOLD)
    rows = rows.select_related("certificate__user", "certificate__successor", "certificate__renewal")
    return webhooks.read_on(CERTIFICATES, rows, _news)


def _news(event: CertificateEvent) -> webhooks.News:
    certificate = event.certificate
    told = certificate.snapshot
    data = {
        "what": event.verb,
        "number": certificate.number,
        "status": certificate.status.value,
        "programme": told["programme"],
        "hours": told["hours"],
        "person": webhooks.pseudonym(certificate.user.ledger_key) if certificate.user else "",
        "issued_at": timezone.localtime(certificate.issued_at).isoformat(),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else None,
        "verify_url": attestation.verify_url(certificate),
    }
    return webhooks.News(Webhook.Event.CERTIFICATE, f"certificate:{event.pk}", event.at, data)


def forget(user: User) -> None:
    """Before an account is closed: letters about the ledger have the same pseudonym, and here it stands beside the
    number of a certificate, on which the name is printed."""
    events = CertificateEvent.objects.filter(certificate__user=user, verb__in=TOLD).values_list("pk", flat=True)
    keys = [f"certificate:{pk}" for pk in events]
    letters = list(WebhookDelivery.objects.filter(event=Webhook.Event.CERTIFICATE, key__in=keys))
    for letter in letters:
        letter.body["data"]["person"] = ""
    WebhookDelivery.objects.bulk_update(letters, ["body"])
