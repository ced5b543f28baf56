"""Other systems are told what becomes of a certificate, see lms.webhooks."""

from django.utils import timezone

from lms import webhooks
from lms.models import Webhook

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
