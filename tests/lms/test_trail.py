"""The trail is only added to, whoever tries."""

import pytest
from django.db import IntegrityError, transaction

from lms import trail
from lms.models import AuditEntry


def test_a_note_says_who_what_and_when(admin):
    trail.note(trail.Verb.EXPORT_ASKED, author=admin, subject="表.xlsx", rows=3)
    entry = AuditEntry.objects.get()
    assert (entry.author, entry.subject, entry.details) == (admin, "表.xlsx", {"rows": 3})


def test_no_note_can_be_changed(admin):
    trail.note(trail.Verb.EXPORT_ASKED, author=admin, subject="表.xlsx")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(subject="别的.xlsx")
    assert AuditEntry.objects.get().subject == "表.xlsx"


def test_no_note_can_be_removed(admin):
    trail.note(trail.Verb.EXPORT_ASKED, author=admin)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.count() == 1
