"""Certificates for machines: verification for anybody, the list of one's own for who is signed in."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from courses import attestation, verification
from courses.models import Certificate
from lms.adapters import client_ip

from .shapes import Problem

router = Router(tags=["certificates"])


class Following(Schema):
    number: str
    status: str
    verify_url: str


class VerdictOut(Schema):
    status: str = Field(description="valid, expired, revoked or superseded")
    checked_at: str
    number: str
    title: str
    title_en: str
    name: str = Field(description="masked, unless the holder made it public")
    programme: str
    programme_en: str
    hours: str
    result: str
    result_en: str
    period: list[str]
    issuers: list[str]
    issuers_en: list[str]
    issued_on: str
    expires_on: str | None
    revoked_on: str | None
    replaced_on: str | None
    reason: str = Field(description="why it was revoked or superseded")
    sha256: str = Field(description="of the PDF as issued")
    successor: Following | None
    renewal: Following | None
    current: Following | None = Field(description="the last of those that took its place, with its status")


class Wait(Problem):
    seconds: int


class Question(Schema):
    number: str = Field(max_length=60)
    name: str = Field(max_length=60)


class OwnCertificate(Schema):
    number: str
    title: str
    title_en: str
    programme: str
    programme_en: str
    hours: str
    status: str
    issued_on: str
    expires_on: str | None
    print_state: str
    verify_url: str


@router.get(
    "/verify/{token}", response={200: VerdictOut, 404: Problem}, auth=None, summary="Verify by the address on the code"
)
def verify(request, response: HttpResponse, token: str):
    response["Cache-Control"] = "no-store"
    certificate = verification.by_token(token)
    return _answer(certificate)


@router.post(
    "/verify",
    response={200: VerdictOut, 404: Problem, 429: Wait},
    auth=None,
    summary="Verify by number and name; wrong answers are counted",
)
def look_up(request, response: HttpResponse, question: Question):
    response["Cache-Control"] = "no-store"
    try:
        certificate = verification.by_number(question.number, name=question.name, source=client_ip(request))
    except verification.TooMany as refusal:
        response["Retry-After"] = str(refusal.seconds)
        message = _("Several entries in a row did not fit. Try again later.")
        return Status(429, {"code": "too_many", "message": message, "seconds": refusal.seconds})
    return _answer(certificate)


@router.get("/mine", response=list[OwnCertificate], summary="One's own certificates, newest first")
def mine(request, response: HttpResponse):
    response["Cache-Control"] = "private, no-store"
    rows = Certificate.objects.told().filter(user=request.user).newest_first()
    return [_own(row) for row in rows]


def _answer(certificate):
    if certificate is None:
        return Status(404, {"code": "unknown", "message": _("No certificate fits what was asked.")})
    return verification.document(verification.verdict(certificate))


def _own(certificate):
    told = certificate.snapshot
    verdict = verification.document(verification.verdict(certificate))
    return {
        **{key: verdict[key] for key in ("number", "status", "issued_on", "expires_on")},
        **{key: told[key] for key in ("title", "title_en", "programme", "programme_en", "hours")},
        "print_state": certificate.print_state,
        "verify_url": attestation.verify_url(certificate),
    }
