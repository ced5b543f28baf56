"""The book of record: who took part in what. Rows are added, never changed; lms.chain seals them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import enterprises, periods
from .models import Activity, ActivityFacts, Participation, UncountedFact, User
from .periods import Locked, Refused
from .scopes import HOUR

__all__ = ["HOUR", "LATE", "Locked", "Refused", "activity", "change", "note", "record", "reverse"]

CLOCKS_DIFFER = timedelta(minutes=2)  # what another machine's clock may be ahead
LATE = "学习证据在统计期锁定之后到达"  # the reason of what is recorded late by itself, not by a person


class Ahead(Refused):
    """The fact lies in the future: nobody has taken part in what is to come."""


def activity(
    *,
    key: str,
    kind: str,
    title: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    organisers: Iterable[dict[str, str]] = (),
    region_code: str = "",
    campaigns: Iterable[str] = (),
    track: str | Callable[[], str] = "",
    status: str = Activity.Status.HELD,
    place: str = "",
    quota: int | None = None,
    planned_sessions: int = 1,
    description: str = "",
    created_by: User | None = None,
) -> Activity:
    """The activity of that key, opened when it is first named. `organisers` is [{"role": "主办", "name": …}].

    Later calls leave it as it is. Who owns the key saves its `status` and the like; what figures go by is changed by
    `change`, so that each change is on record.
    """
    opened: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "organisers": list(organisers),
        "region_code": region_code,
        "campaigns": list(campaigns),
        "track": track,
        "status": status,
        "place": place,
        "quota": quota,
        "planned_sessions": planned_sessions,
        "description": description,
        "created_by": created_by,
    }
    with transaction.atomic(savepoint=False):
        found, created = Activity.objects.get_or_create(key=key, defaults=opened)
        if created:
            note(found, by=created_by)
    return found


def change(activity: Activity, *, by: User | None, **facts: Any) -> Activity:
    """Another title, day, place … of an activity, and a row that says who and when. Its key and kind are for ever:
    what is none of the other `Activity.FACTS` is a ValueError."""
    if wrong := set(facts) - (set(Activity.FACTS) - {"key", "kind"}):
        raise ValueError(f"no facts that change: {sorted(wrong)}")
    with transaction.atomic(savepoint=False):
        row = Activity.objects.select_for_update().get(pk=activity.pk)
        changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.save(update_fields=list(changed))
            note(row, by=by)
    return row


def note(activity: Activity, *, by: User | None = None) -> ActivityFacts:
    """Write down what an activity is from now on."""
    told = {name: getattr(activity, name) for name in Activity.FACTS}
    author = by.ledger_key if by else None
    return ActivityFacts.objects.create(activity=activity, recorded_at=timezone.now(), author=author, **told)


def record(
    *,
    key: str,
    kind: str,
    activity: Activity,
    person: User,
    channel: str,
    minutes: Decimal | int,
    occurred_at: datetime,
    unit: str,
    unit_title: str = "",
    evidence: str = "",
    correction: str = "",
) -> Participation:
    """Write a fact down with where the person stood at that moment. The same key again is the row of the first time,
    or, when that one was reversed, a row of its own: the fact is recorded anew.

    `unit` is the key of what was taken: 学时 are credited for it once. Raises ValueError without one, Ahead for what
    has not happened yet, and Locked when the fact falls into a locked period without a `correction`, the reason why
    it comes so late.
    """
    if not unit:
        raise ValueError(f"the fact {key} names no unit")
    if occurred_at > timezone.now() + CLOCKS_DIFFER:
        raise Ahead(_("This has not happened yet, so nobody is counted for it."))
    stood = enterprises.standing(person, occurred_at)
    facts = {
        "kind": kind,
        "activity": activity,
        "person": person.ledger_key,
        "channel": channel,
        "minutes": minutes,
        "occurred_at": occurred_at,
        "recorded_at": timezone.now(),
        "evidence": evidence,
        "unit": unit,
        "unit_title": unit_title,
        "enterprise_uscc": stood.uscc,
        "enterprise_name": stood.name,
        "enterprise_subject": stood.subject,
        "enterprise_size": stood.size,
        "chains": stood.chains,
        "city_code": stood.city_code,
        "city_name": stood.city_name,
        "province_code": stood.province_code,
        "county_code": stood.county_code,
        "county_name": stood.county_name,
    }
    with transaction.atomic(savepoint=False):
        closed = periods.lock_over(occurred_at)
        row = _write(key, facts, closed, correction.strip())
    if row is None:  # raised here, so that a caller's transaction goes on with its next row
        raise Locked(closed)
    return row


def _write(key: str, facts: dict[str, Any], closed: str, correction: str) -> Participation | None:
    """None when the period is closed to it. Once written, a fact is found again whatever was locked since."""
    given, number = key, 1
    while True:
        if closed and not correction and not Participation.objects.filter(key=given).exists():
            return None
        defaults = {**facts, "reason": correction if closed else ""}
        row, created = Participation.objects.get_or_create(key=given, defaults=defaults)
        if created:
            UncountedFact.objects.create(participation=row.pk)
        if created or not Participation.objects.filter(reverses=row).exists():
            return row
        number += 1
        given = f"{key}#{number}"


COPIED = (
    "activity_id", "person", "channel", "occurred_at", "evidence", "unit", "unit_title", "enterprise_uscc",
    "enterprise_name", "enterprise_subject", "enterprise_size", "chains", "city_code", "city_name", "province_code",
    "county_code", "county_name",
)  # fmt: skip


def reverse(participation: Participation, *, author: User, reason: str) -> Participation:
    """Take a fact back by a row that says who and why. It counts in the period of the fact itself.

    Raises Refused without a reason, or for a row that is itself a reversal. Reversing twice is one row.
    """
    if not reason.strip():
        raise Refused(_("Say why this record is reversed."))
    if participation.kind == Participation.Kind.REVERSAL:
        raise Refused(_("A reversal cannot be reversed. Record the fact anew."))
    with transaction.atomic(savepoint=False):
        periods.lock_over(participation.occurred_at)  # a reversal has a reason: a lock lets it pass
        row, created = Participation.objects.get_or_create(
            key=f"reversal:{participation.pk}",
            defaults={
                **{name: getattr(participation, name) for name in COPIED},
                "kind": Participation.Kind.REVERSAL,
                "minutes": -participation.minutes,
                "recorded_at": timezone.now(),
                "reverses": participation,
                "reason": reason.strip(),
                "author": author.ledger_key,
            },
        )
        if created:
            UncountedFact.objects.create(participation=row.pk)
    return row
