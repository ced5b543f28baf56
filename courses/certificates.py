"""The life of a certificate: issued once, revoked, superseded after a correction, renewed for a new period.

Each verb owns its transaction, writes an event with who and why, can be repeated without a second effect,
and raises Refused where it makes no sense. Printing follows after the commit, see papers.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import attestation, register
from .models import Certificate, CertificateEvent, ProgrammeEnrolment, ProgrammePage

Verb = CertificateEvent.Verb
CORRECTABLE = (
    "name",
    "enterprise",
    "programme",
    "programme_en",
    "period",
    "hours",
    *attestation.Wording.__annotations__,
)
REASON_LENGTH = 200


class Refused(Exception):
    """The message says what happened, in the reader's language."""


def issue(programme_enrolment: ProgrammeEnrolment) -> Certificate | None:
    """The certificate of a completed programme, made at the first call; None where the programme gives none.

    The completion must be saved. In the caller's transaction, if there is one: no number is lost with it.
    """
    issued = issue_batch([programme_enrolment])
    return issued[0] if issued else None


def issue_batch(programme_enrolments: Iterable[ProgrammeEnrolment], *, author: User | None = None) -> list[Certificate]:
    """The certificates of these completions, those that were there already included, in the enrolments' order."""
    keys = [row.pk for row in programme_enrolments]
    with transaction.atomic():
        rows = register.lock_enrolments(keys)
        found = register.present(keys)
        present = [row for row in rows if not row.user.closed_at]  # what the others held was cut off from them
        lacking = [row for row in present if row.pk not in found and row.programme.series_id]
        if unfinished := [row for row in lacking if row.completed_at is None]:
            raise Refused(_("Not completed yet: %s") % ", ".join(str(row) for row in unfinished[:3]))
        for certificate in register.enter_first(lacking, register.to_renew(lacking), author):
            found[certificate.programme_enrolment_id] = certificate
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def issue_due(programme: ProgrammePage, *, author: User | None = None, limit: int = 500) -> list[Certificate]:
    """New certificates for completions that have none, as when a programme got its series later."""
    return issue_batch(due(programme).order_by("completed_at", "pk")[:limit], author=author)


def due(programme: ProgrammePage) -> QuerySet[ProgrammeEnrolment]:
    rows = ProgrammeEnrolment.objects.completed().filter(user__closed_at=None)
    return rows.filter(programme=programme, certificates=None)


def renew(
    certificate: Certificate, *, programme_enrolment: ProgrammeEnrolment, author: User | None = None
) -> Certificate:
    """A certificate for the new period, that says which one it follows. Its validity goes on from the old one's
    last day, when that is still to come. The old certificate keeps its status."""
    with transaction.atomic():
        old = register.lock_one(certificate)
        if old.renewed_by and old.renewed_by.programme_enrolment_id == programme_enrolment.pk:
            return old.renewed_by
        _refuse_renewal(old, programme_enrolment)
        (row,) = register.lock_enrolments([programme_enrolment.pk])
        if row.completed_at is None or not row.programme.series_id:
            raise Refused(_("The programme of the renewal is not completed, or gives no certificate."))
        present = register.present([row.pk]).get(row.pk)
        if present is None:
            (present,) = register.enter_first([row], {row.pk: old}, author)
        elif present.renews_id:
            raise Refused(_("Certificate %s already renews another one.") % present.number)
        else:
            present.renews = old
            present.save(update_fields=["renews"])
            register.note([old], Verb.RENEWED, author=author, reason=present.number)
    return present


def revoke(certificate: Certificate, *, author: User, reason: str) -> Certificate:
    """Strangers will read the reason. A second time with the same reason changes nothing."""
    why = _reason(reason)
    with transaction.atomic():
        row = register.lock_one(certificate)
        if row.status == Certificate.Status.REVOKED:
            if row.reason == why:
                return row
            raise Refused(_("Certificate %s was already revoked, for another reason.") % row.number)
        _refuse_superseded(row)
        row.revoked_at, row.reason = timezone.now(), why
        row.save(update_fields=["revoked_at", "reason"])
        register.note([row], Verb.REVOKED, author=author, reason=why)
    return row


def supersede(certificate: Certificate, *, changes: Mapping[str, object], author: User, reason: str) -> Certificate:
    """A corrected version with a number and token of its own; the old one points to it. `changes` are fields of
    the snapshot. Asking again for the same changes gives the version that was made."""
    why = _reason(reason)
    if unknown := set(changes) - set(CORRECTABLE):
        raise Refused(_("These fields cannot be corrected: %s") % ", ".join(sorted(unknown)))
    with transaction.atomic():
        row = register.lock_one(certificate)
        wanted = cast(attestation.Snapshot, {**row.snapshot, **changes})
        if row.superseded_by and row.superseded_by.snapshot == wanted:
            return row.superseded_by
        _refuse_superseded(row)
        if row.status == Certificate.Status.REVOKED:
            raise Refused(_("Certificate %s was revoked and is not issued again.") % row.number)
        if wanted == row.snapshot:
            raise Refused(_("Nothing in certificate %s would change.") % row.number)
        (made,) = register.enter_next({row: wanted}, author=author, reason=why)
    return made


def reissue(certificates: QuerySet[Certificate], *, author: User | None, reason: str) -> list[Certificate]:
    """New versions with the holders' present names and the series' present wording, of those where that differs.

    The enterprise, programme, period and hours stay as they were earned. Revoked and superseded ones are passed over.
    """
    why = _reason(reason)
    keys = list(certificates.values_list("pk", flat=True))
    with transaction.atomic():
        rows = register.lock(keys).select_related("programme_enrolment__programme").order_by("pk")
        standing = [row for row in rows if not row.revoked_at and not row.superseded_by]
        decided = attestation.decisions([row.programme_enrolment for row in standing if row.programme_enrolment])
        wanted = {row: _refreshed(row, decided.get(row.programme_enrolment_id or 0)) for row in standing}
        return register.enter_next(
            {row: snapshot for row, snapshot in wanted.items() if snapshot != row.snapshot}, author=author, reason=why
        )


def show_name(certificate: Certificate, *, shown: bool, author: User) -> Certificate:
    """Whether strangers read the full name: the holder's own choice."""
    with transaction.atomic():
        row = register.lock_one(certificate)
        if row.shows_name != shown:
            row.shows_name = shown
            row.save(update_fields=["shows_name"])
            register.note([row], Verb.NAME_SHOWN if shown else Verb.NAME_HIDDEN, author=author)
    return row


def data(user: User) -> list[dict]:
    """What the school keeps about a person's certificates, in plain types, for the download of one's own data."""
    rows = Certificate.objects.told().filter(user=user).order_by("issued_at", "pk").prefetch_related("events")
    return [
        {
            "number": row.number,
            "status": row.status.value,
            "issued_at": row.issued_at,
            "expires_on": row.expires_on,
            "revoked_at": row.revoked_at,
            "reason": row.reason,
            "full_name_public": row.shows_name,
            "says": row.snapshot,
            "events": [{"what": event.verb, "at": event.at, "reason": event.reason} for event in row.events.all()],
        }
        for row in rows
    ]


def _refreshed(row: Certificate, decided: date | None) -> attestation.Snapshot:
    """What the certificate would say if its holder's name and the series' wording were taken today."""
    told: attestation.Snapshot = row.snapshot
    name = row.user.name.strip() if row.user else ""
    enrolment = row.programme_enrolment
    examined = enrolment is None or enrolment.programme.exam_id is not None
    wording = attestation.wording(row.series, examined=examined, decided=decided)
    if enrolment is None:  # nobody knows any more whether there was an exam: the sentence stays as it was issued
        wording |= {"statement": told["statement"], "statement_en": told["statement_en"]}
    return {**told, **wording, "name": name or told["name"]}


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Refused(_("Give a reason: it stays with the certificate."))
    if len(reason) > REASON_LENGTH:
        raise Refused(_("The reason is longer than %d characters.") % REASON_LENGTH)
    return reason


def _refuse_superseded(row: Certificate) -> None:
    if row.superseded_by:
        raise Refused(
            _("Certificate %(number)s was replaced by %(successor)s: act on that one.")
            % {"number": row.number, "successor": row.superseded_by.number}
        )


def _refuse_renewal(old: Certificate, enrolment: ProgrammeEnrolment) -> None:
    if old.user_id is None or old.user_id != enrolment.user_id:
        raise Refused(_("A certificate is renewed by its own holder."))
    if old.programme_enrolment_id == enrolment.pk:
        raise Refused(_("A certificate is renewed by a new period, not by the one that earned it."))
    if old.status == Certificate.Status.REVOKED:
        raise Refused(_("Certificate %s was revoked and is not renewed.") % old.number)
    if old.renewed_by:
        raise Refused(_("Certificate %s was already renewed.") % old.number)
    _refuse_superseded(old)
