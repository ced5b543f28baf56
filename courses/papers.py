"""The files of certificates: a PDF and a picture each, under CERTIFICATE_ROOT, made after the row was saved.

The hash of every PDF ever made is kept with the event that made it, so that a paper from before a new print
is still recognised.
"""

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZipFile

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from lms.models import User

from . import attestation, printing
from .models import Certificate, CertificateEvent

CHUNK = 100  # sheets of one task: two seconds or so
LATE = timedelta(minutes=5)
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 10, 60, 360)]  # after a failure; one more goes to a person
PDF_LIMIT = 5 * 1024 * 1024
PRINTED = ["print_state", "print_note", "print_tries", "print_after", "sha256"]  # what printing writes down
Print, Verb = Certificate.Print, CertificateEvent.Verb
log = structlog.get_logger(__name__)


class Refused(Exception):
    """The message says what happened, in the reader's language."""


class NeedsAPerson(Exception):
    """The sheet cannot be printed as it is: somebody of the school has to look at it."""


@dataclass(frozen=True)
class Outcome:
    """A printed sheet, or what stopped it."""

    pdf: bytes = b""
    note: str = ""
    unforeseen: bool = False  # worth another try: it may be the machine and not the sheet

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.pdf).hexdigest() if self.pdf else ""


def pdf(certificate: Certificate) -> Path:
    """The file, printed now if it is not there yet. Raises NeedsAPerson."""
    if not is_intact(certificate):
        make([certificate.pk])
        certificate.refresh_from_db(fields=["print_state", "print_note", "sha256"])
    if certificate.print_state != Print.READY:
        raise NeedsAPerson(certificate.print_note)
    return path_of(certificate)


def picture(certificate: Certificate) -> Path:
    """The sheet as PNG, drawn at the first request. Raises NeedsAPerson, also for a file that was made by hand."""
    pdf(certificate)
    path = _picture_path(certificate)
    if not path.exists():
        try:
            _write(path, printing.certificate_png(attestation.sheet(certificate)))
        except printing.Unprintable as unprintable:
            raise NeedsAPerson(_note(unprintable)) from unprintable
    return path


def path_of(certificate: Certificate) -> Path:
    """By the number, which never changes, and not by the token, which a directory listing must not tell."""
    return Path(settings.CERTIFICATE_ROOT) / str(certificate.year) / f"{certificate.number}.pdf"


def is_intact(certificate: Certificate) -> bool:
    """The file is there and is the one that was recorded."""
    path = path_of(certificate)
    return certificate.print_state == Print.READY and path.exists() and digest(path) == certificate.sha256


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_later(keys: Iterable[int]) -> None:
    """Print after the present transaction, in chunks that several workers can share."""
    waiting = list(keys)
    for start in range(0, len(waiting), CHUNK):
        transaction.on_commit(partial(make_waiting.enqueue, waiting[start : start + CHUNK]))


@task
def make_waiting(keys: list[int]) -> int:
    return make(keys)


def make(keys: Sequence[int]) -> int:
    """Print what has no file yet; gives how many files were made. Printing again gives the same bytes."""
    rows = Certificate.objects.filter(pk__in=keys).exclude(print_state=Print.REVIEW)
    return _record({row.pk: _printed(row) for row in rows if not is_intact(row)})


def catch_up() -> int:
    """Print what waits too long, as after a crash between issuing and queueing. A periodic duty.

    A sheet that failed waits longer each time, behind those that were not tried yet.
    """
    now = timezone.now()
    due = Q(print_after=None) | Q(print_after__lte=now)
    late = Certificate.objects.filter(due, print_state=Print.WAITING, created_at__lt=now - LATE)
    return make(list(late.order_by("print_tries", "pk").values_list("pk", flat=True)[:CHUNK]))


def make_again(keys: Sequence[int], *, author: User | None, reason: str = "") -> int:
    """Print anew after a change of fonts or template, those that waited for a person too; gives how many differ.

    A sheet that cannot be printed leaves a file that was filed by hand as it is.
    """
    rows = Certificate.objects.filter(pk__in=keys)
    return _record({row.pk: _printed(row) for row in rows}, author=author, reason=reason)


def file_by_hand(certificate: Certificate, *, data: bytes, author: User, reason: str) -> Certificate:
    """Take a PDF that a person made, for a name that our fonts do not have. Filing the same file twice is once."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-1024:]:
        raise Refused(_("This is not a complete PDF file."))
    if len(data) > PDF_LIMIT:
        raise Refused(_("The file is larger than 5 MB."))
    _record({certificate.pk: Outcome(pdf=data)}, author=author, reason=reason, verb=Verb.FILED)
    certificate.refresh_from_db(fields=["print_state", "print_note", "sha256"])
    return certificate


def bundle(keys: Sequence[int], *, author: User) -> IO[bytes]:
    """The files as one ZIP; a list in it names the certificates that have none. Who took which is written down."""
    make(keys)
    rows = list(Certificate.objects.filter(pk__in=keys).order_by("number"))
    archive = SpooledTemporaryFile(max_size=PDF_LIMIT)  # noqa: SIM115, the answer closes it
    with ZipFile(archive, "w") as files:
        ready = [row for row in rows if row.print_state == Print.READY]
        for row in ready:
            files.write(path_of(row), f"{row.number}-{row.snapshot['name']}.pdf")
        if lacking := [row for row in rows if row.print_state != Print.READY]:
            lines = "\n".join(f"{row.number} {row.snapshot['name']} {row.print_note}" for row in lacking)
            files.writestr("not-printed.txt", "\ufeff" + lines)
    CertificateEvent.objects.bulk_create(
        [CertificateEvent(certificate=row, verb=Verb.TAKEN, author=author) for row in ready]
    )
    archive.seek(0)
    return archive


def _printed(certificate: Certificate) -> Outcome:
    if not certificate.snapshot["name"]:
        return Outcome(note=str(_("The name is empty.")))
    try:
        return Outcome(pdf=printing.certificate(attestation.sheet(certificate)))
    except printing.Unprintable as unprintable:
        return Outcome(note=_note(unprintable))
    except Exception as error:
        log.exception("certificate_not_printed", certificate=certificate.number)
        return Outcome(note=f"{type(error).__name__}: {error}"[:200], unforeseen=True)


def _picture_path(certificate: Certificate) -> Path:
    """Named after the PDF that it shows, so that it is never one of another print."""
    return path_of(certificate).with_suffix(f".{certificate.sha256[:16]}.png")


def _note(unprintable: printing.Unprintable) -> str:
    return ", ".join(f"{_visible(char)} U+{ord(char):04X}".strip() for char in unprintable.characters)[:200]


def _visible(character: str) -> str:
    """Not one that breaks the line or turns it around; a reader's own fonts may have what ours do not."""
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character


def _record(
    outcomes: dict[int, Outcome], *, author: User | None = None, reason: str = "", verb: str = Verb.PRINTED
) -> int:
    """Save the outcomes under the rows' locks; of two that printed at once the second finds nothing to do."""
    events = []
    with transaction.atomic():
        rows = list(Certificate.objects.select_for_update().filter(pk__in=outcomes).order_by("pk"))
        for row in rows:
            outcome = outcomes[row.pk]
            if outcome.pdf:
                events += _file(row, outcome, author=author, reason=reason, verb=verb)
            elif outcome.unforeseen and row.print_tries < len(PAUSES):
                _put_off(row, outcome.note)
            elif not is_intact(row):
                events += _hold(row, outcome.note, author=author)
        Certificate.objects.bulk_update(rows, PRINTED, batch_size=CHUNK)
        CertificateEvent.objects.bulk_create(events)
    return sum(1 for event in events if event.sha256)


def _file(row: Certificate, outcome: Outcome, *, author: User | None, reason: str, verb: str) -> list[CertificateEvent]:
    known = row.sha256 == outcome.sha256 and row.print_state == Print.READY
    if not known or not is_intact(row):
        _write(path_of(row), outcome.pdf)
    if known:
        return []
    _picture_path(row).unlink(missing_ok=True)
    row.print_state, row.print_note, row.sha256 = Print.READY, "", outcome.sha256
    row.print_tries, row.print_after = 0, None
    return [CertificateEvent(certificate=row, verb=verb, author=author, reason=reason, sha256=outcome.sha256)]


def _put_off(row: Certificate, note: str) -> None:
    """A file that is there stays; one that is not is tried again later."""
    if is_intact(row):
        return
    row.print_state, row.print_note = Print.WAITING, note
    row.print_after = timezone.now() + PAUSES[row.print_tries]
    row.print_tries += 1


def _hold(row: Certificate, note: str, *, author: User | None) -> list[CertificateEvent]:
    if row.print_state == Print.REVIEW and row.print_note == note:
        return []
    row.print_state, row.print_note, row.sha256 = Print.REVIEW, note, ""
    return [CertificateEvent(certificate=row, verb=Verb.HELD, author=author, reason=note)]


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, for somebody may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
