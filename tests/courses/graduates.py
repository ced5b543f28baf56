"""Persons who have completed a programme, as the rules of completion would leave them."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from courses import certificates
from tests import factories

STARTED = dt.datetime(2026, 3, 11, 1, tzinfo=dt.UTC)
COMPLETED = dt.datetime(2026, 5, 24, 9, tzinfo=dt.UTC)


def programme(home, **fields):
    return factories.programme(home, [], **fields)


def completion(user, programme_page, **fields):
    fields.setdefault("started_at", STARTED)
    fields.setdefault("completed_at", COMPLETED)
    fields.setdefault("hours", Decimal("41.0"))
    return factories.programme_enrolment(user, programme_page, **fields)


def completions(programme_page, count):
    users = [factories.user(name=f"学员{number:04}") for number in range(count)]
    return [completion(user, programme_page) for user in users]


def certificate(user, programme_page, **fields):
    return certificates.issue(completion(user, programme_page, **fields))


def verbs(certificate):
    return list(certificate.events.values_list("verb", flat=True))


def now():
    return timezone.now()
