"""Opening balances: what was counted before the school began, signed, shown apart and never added to the ledger's."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import OpeningBalance, User
from .periods import Refused

FIGURES = ("sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "minutes", "graduates")


def sign(
    *,
    key: str,
    title: str,
    since: date,
    until: date,
    source: str,
    approver: str,
    author: User,
    city_code: str = "",
    **figures: int | Decimal,
) -> OpeningBalance:
    """Write a balance down with where it comes from and who approved it. The same key again is the row of the first
    time. Raises Refused without a source or an approver, for a period that ends before it begins, or without figures.
    """
    if not source.strip() or not approver.strip():
        raise Refused(_("Say where the figures come from and who approved them."))
    if until < since:
        raise Refused(_("The period ends before it begins."))
    if set(figures) - set(FIGURES) or not any(figures.values()) or any(value < 0 for value in figures.values()):
        raise Refused(_("Give at least one figure, none of them negative."))
    row, _created = OpeningBalance.objects.get_or_create(
        key=key,
        defaults={
            "title": title, "since": since, "until": until, "city_code": city_code, "source": source.strip(),
            "approver": approver.strip(), "author": author.ledger_key, "signed_at": timezone.now(), **figures,
        },
    )  # fmt: skip
    return row


def withdraw(balance: OpeningBalance, *, author: User, reason: str) -> OpeningBalance:
    """Take a balance back by a row that says who and why. Withdrawing twice is one row."""
    if not reason.strip():
        raise Refused(_("Say why these figures are withdrawn."))
    if balance.withdraws_id:
        raise Refused(_("A withdrawal cannot be withdrawn. Sign the figures anew."))
    row, _created = OpeningBalance.objects.get_or_create(
        key=f"withdrawal:{balance.pk}",
        defaults={
            "title": balance.title, "since": balance.since, "until": balance.until, "city_code": balance.city_code,
            "source": balance.source, "approver": balance.approver, "author": author.ledger_key,
            "signed_at": timezone.now(), "withdraws": balance, "reason": reason.strip(),
        },
    )  # fmt: skip
    return row


def standing(city_code: str | None = None, *, as_of: datetime | None = None) -> QuerySet[OpeningBalance]:
    """The balances that nobody withdrew, of all or of one city ("" are those of no city), as it was known then."""
    rows = OpeningBalance.objects.filter(withdraws=None)
    if as_of is None:
        rows = rows.filter(withdrawn_by=None)
    else:
        later = Q(withdrawn_by=None) | Q(withdrawn_by__signed_at__gt=as_of)
        rows = rows.filter(later, signed_at__lte=as_of)
    return rows if city_code is None else rows.filter(city_code=city_code)
