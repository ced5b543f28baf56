"""The register of certificates: locked, numbered and written with their events, many as cheaply as one.

Called inside a transaction by the verbs in certificates; nothing here asks whether it should be done.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, date, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from lms.models import User

from . import attestation, issuances, numbering, papers
from .models import Certificate, CertificateEvent, CertificateSeries, ProgrammeEnrolment

Verb = CertificateEvent.Verb


def lock_enrolments(keys: list[int]) -> list[ProgrammeEnrolment]:
    """In the order of their keys, so that two batches never wait for each other."""
    rows = ProgrammeEnrolment.objects.select_for_update(of=("self",)).select_related("user", "programme__series")
    return list(rows.filter(pk__in=keys).order_by("pk"))


def lock(keys: Iterable[int]) -> QuerySet[Certificate]:
    """Read after the lock and not with it: joined to it, a successor made while we waited would not be seen."""
    rows = Certificate.objects.filter(pk__in=list(keys))
    list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
    return rows.told()


def lock_one(certificate: Certificate) -> Certificate:
    return lock([certificate.pk]).get()


def present(keys: list[int]) -> dict[int | None, Certificate]:
    """The newest version of each enrolment."""
    rows = Certificate.objects.filter(programme_enrolment__in=keys).order_by("version")
    return {row.programme_enrolment_id: row for row in rows}


def to_renew(rows: list[ProgrammeEnrolment]) -> dict[int, Certificate]:
    """The certificate of the same person's earlier period of the same programme, by the new period's key."""
    later = {(row.user_id, row.programme_id): row for row in rows if row.period > 1}
    earlier = Certificate.objects.filter(
        programme_enrolment__user__in={user for user, _programme in later},
        programme_enrolment__programme__in={programme for _user, programme in later},
        revoked_at=None,
        successor=None,
        renewal=None,
    ).select_related("programme_enrolment")
    found = {}
    for certificate in earlier.order_by("programme_enrolment__period"):
        before = certificate.programme_enrolment
        row = before and later.get((before.user_id, before.programme_id))
        if before and row and before.period < row.period:
            found[row.pk] = certificate
    return found


def enter_first(
    rows: list[ProgrammeEnrolment], renewing: Mapping[int, Certificate], author: User | None
) -> list[Certificate]:
    now = timezone.now()
    told = attestation.snapshots(rows)
    drafts = []
    for row in rows:
        series, old = attestation.series_of(row), renewing.get(row.pk)
        drafts.append(
            Certificate(
                series=series,
                user=row.user,
                programme_enrolment=row,
                revision_id=row.revision_id or row.programme.live_revision_id,
                renews=old,
                snapshot=told[row.pk],
                issued_at=now,
                expires_on=last_day(timezone.localdate(now), series.validity_months, renewed=old),
            )
        )
    made = _saved(drafts, new=rows)
    note(made, Verb.ISSUED, author=author)
    note([row.renews for row in made if row.renews], Verb.RENEWED, author=author)
    return made


def enter_next(
    wanted: Mapping[Certificate, attestation.Snapshot], *, author: User | None, reason: str
) -> list[Certificate]:
    """The next versions. Validity, holder and what the holder chose to show go over; the number is new."""
    now = timezone.now()
    newest = _newest_versions(wanted)
    made = _saved(
        [
            Certificate(
                series=old.series,
                user=old.user,
                programme_enrolment_id=old.programme_enrolment_id,
                revision_id=old.revision_id,
                issuance_id=old.issuance_id,
                version=newest.get(old.programme_enrolment_id, old.version) + 1,
                supersedes=old,
                snapshot=snapshot,
                issued_at=now,
                expires_on=old.expires_on,
                shows_name=old.shows_name,
            )
            for old, snapshot in wanted.items()
        ]
    )
    Certificate.objects.filter(pk__in=[old.pk for old in wanted]).update(reason=reason)
    note(list(wanted), Verb.SUPERSEDED, author=author, reason=reason)
    note(made, Verb.ISSUED, author=author, reason=reason)
    return made


def note(rows: Iterable[Certificate], verb: str, *, author: User | None, reason: str = "") -> None:
    CertificateEvent.objects.bulk_create(
        [CertificateEvent(certificate=row, verb=verb, author=author, reason=reason) for row in rows]
    )


def last_day(issued: date, months: int | None, *, renewed: Certificate | None = None) -> date | None:
    """The last day of validity: the day before the same day that many months later. No months is for ever, and so is
    more than the calendar holds."""
    if not months:
        return None
    start = issued
    if renewed and renewed.expires_on and renewed.expires_on >= issued:
        start = renewed.expires_on + timedelta(days=1)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    if year > MAXYEAR:
        return None
    length = monthrange(year, month)[1]
    return date(year, month, start.day) - timedelta(days=1) if start.day <= length else date(year, month, length)


def _newest_versions(rows: Iterable[Certificate]) -> dict[int | None, int]:
    keys = [row.programme_enrolment_id for row in rows if row.programme_enrolment_id]
    versions = Certificate.objects.filter(programme_enrolment__in=keys).values_list("programme_enrolment")
    return dict(versions.annotate(Max("version")))


def _saved(drafts: list[Certificate], *, new: Iterable[ProgrammeEnrolment] = ()) -> list[Certificate]:
    """Numbered by series, saved, and on their way to the printer; the first ones are counted with where their holders
    stand."""
    year = timezone.localdate().year
    by_series: dict[CertificateSeries, list[Certificate]] = defaultdict(list)
    for draft in drafts:
        by_series[draft.series].append(draft)
    for series in sorted(by_series, key=lambda each: each.pk):
        serials = numbering.take(series, year=year, count=len(by_series[series]))
        for draft, serial in zip(by_series[series], serials, strict=True):
            draft.year, draft.serial = year, serial
            draft.number = numbering.number(code=series.code, year=year, region=series.region, serial=serial)
            draft.number_key = numbering.fold(draft.number)
    numbers = {draft.programme_enrolment_id or 0: draft.number for draft in drafts}
    counted = issuances.write(new, numbers)
    for draft in drafts:
        if draft.programme_enrolment_id in counted:
            draft.issuance = counted[draft.programme_enrolment_id]
    made = Certificate.objects.bulk_create(drafts)
    papers.make_later(row.pk for row in made)
    return made
