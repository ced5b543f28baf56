"""For the platform around the school: counts and the status of certificates, with a token instead of a session."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from ninja.security import HttpBearer

from courses import attestation, numbering
from courses.models import Certificate
from lms import bureau, definitions, permissions, reports, timespans, tokens
from lms.models import Activity, ApiToken, Enterprise, Participation, Region
from lms.tracks import TRACKS

from .shapes import Problem

router = Router(tags=["platform"])


class Bearer(HttpBearer):
    """`Authorization: Bearer cqo_…` with a scope."""

    def __init__(self, scope: str):
        super().__init__()
        self.scope = scope

    def authenticate(self, request, token):
        return tokens.check(token, self.scope)


class CountsQuestion(Schema):
    since: date = Field(alias="from", description="the first day")
    until: date = Field(alias="to", description="the last day, included")
    by: Literal[tuple(bureau.GROUPS)] = Field("city", description="what there is a row for")  # type: ignore[valid-type]
    region: str = Field("", description="code of a city, county or province; empty for all that the token may read")
    county: str = Field("", description="code; - for those who gave none, here and below where it makes sense")
    kind: str = Field("", description="of activity: " + ", ".join(Activity.Kind.values))
    channel: str = Field("", description="way of taking part: " + ", ".join(Participation.Channel.values))
    track: str = Field("", description=", ".join(TRACKS))
    campaign: str = Field("", description="label of a campaign")
    chain: str = Field("", description="code of an industry chain")
    size: str = Field("", description="of enterprise: " + ", ".join(Enterprise.Size.values))
    activity: str = Field("", description="key of one activity, as `by=activity` names it")
    as_of: datetime | None = Field(None, description="the book as it stood then; now, if empty")

    @property
    def conditions(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in bureau.HEADS}


class Figures(Schema):
    sessions: int
    attendances: int
    persons: int
    enterprise_attendances: int
    enterprises: int
    hours: str = Field(description="of 45 minutes, to one decimal")
    graduates: int
    certificates: int


class Line(Figures):
    code: str
    name: str


class CountsOut(Schema):
    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    by: str
    region: str
    filters: dict[str, str] = Field(description="the conditions that were given")
    as_of: str
    edition: str = Field(description="of the definitions by which this was counted")
    total: Figures
    rows: list[Line]


class CertificateOut(Schema):
    number: str
    status: str = Field(description="valid, expired, revoked or superseded")
    programme: str
    hours: str
    issued_on: date
    expires_on: date | None
    revoked_on: date | None
    successor: str | None = Field(description="the number of the version that took its place")
    verify_url: str


@router.get(
    "/counts",
    response={200: CountsOut, 403: Problem, 404: Problem, 422: Problem},
    auth=Bearer(ApiToken.Scope.COUNTS),
    by_alias=True,
    summary="The figures of a period, as the desk of the bureau shows them",
)
def counts(request, response: HttpResponse, asked: Query[CountsQuestion]):
    response["Cache-Control"] = "no-store"
    try:
        region = _region(request.auth, asked.region)
        span = timespans.between(asked.since, asked.until, today=timezone.localdate())
        as_of = timespans.moment(asked.as_of)
        filters = bureau.narrowed(asked.conditions)
    except bureau.Unknown as refusal:
        return Status(422, {"code": "bad_filter", "message": str(refusal)})
    except timespans.Refused as refusal:
        return Status(422, {"code": "bad_period", "message": str(refusal)})
    except bureau.OutOfReach as refusal:
        return Status(403, {"code": "region", "message": str(refusal)})
    except Region.DoesNotExist:
        return Status(404, {"code": "no_such_region", "message": _("There is no such region.")})
    table = reports.table(bureau.Question(span, region, filters, as_of).scope(), by=asked.by)
    return {
        "since": span.first,
        "until": span.last,
        "by": asked.by,
        "region": region.code if region else "",
        "filters": filters,
        "as_of": (as_of or timezone.now()).isoformat(),
        "edition": definitions.EDITION,
        "total": _figures(table.total),
        "rows": [{"code": row.code, "name": row.name, **_figures(row.measures)} for row in table.rows],
    }


def _region(token: ApiToken, code: str) -> Region | None:
    """What is asked for, if the token covers it; else all that it does cover."""
    if not code:
        return token.region
    region = bureau.find(code)
    if token.region and not permissions.covers(token.region, region):
        raise bureau.OutOfReach(_("This token reads the figures of %(region)s only.") % {"region": token.region})
    return region


def _figures(measures: reports.Measures) -> dict[str, Any]:
    return {name: getattr(measures, name) for name in Figures.model_fields} | {"hours": str(measures.hours)}


@router.get(
    "/certificates/{number}",
    response={200: CertificateOut, 404: Problem},
    auth=Bearer(ApiToken.Scope.CERTIFICATES),
    summary="The status of a certificate by its number; nobody is named",
)
def certificate(request, response: HttpResponse, number: str):
    response["Cache-Control"] = "no-store"
    found = Certificate.objects.told().filter(number_key=numbering.fold(number)[:40]).first()
    if found is None:
        return Status(404, {"code": "unknown", "message": _("No certificate fits what was asked.")})
    return {
        "number": found.number,
        "status": found.status.value,
        "programme": found.snapshot["programme"],
        "hours": found.snapshot["hours"],
        "issued_on": timezone.localdate(found.issued_at),
        "expires_on": found.expires_on,
        "revoked_on": timezone.localdate(found.revoked_at) if found.revoked_at else None,
        "successor": found.superseded_by.number if found.superseded_by else None,
        "verify_url": attestation.verify_url(found),
    }
