"""People: their names, their proven numbers and addresses, what is kept about them."""

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from . import consents, permissions
from .masking import is_ideograph
from .models import AccountChange, Appointment, BureauPost, Consent, Membership, Participation, User
from .reasons import Reason

MOBILE = re.compile(r"1[3-9]\d{9}")
SEPARATORS = re.compile(r"[\s\-‐‑‒–—()（）]+")
COUNTRY = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
NAME_LENGTH = range(2, 21)
DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･．", "·"))  # what keyboards give for the dot in 阿依古丽·买买提
UNFINISHED_FOR = timedelta(days=1)


class Unfit(ValueError):
    """`reason` is the message for whoever reads it later, in any language."""

    def __init__(self, text: str, **params: object):
        self.reason = Reason(text, params)
        super().__init__(str(self.reason))


class BadName(Unfit):
    """The message says what a name may be."""


class BadMobile(Unfit):
    """The message says what a mobile number looks like."""


class Taken(Exception):
    """Another account has proved this number or address."""


def clean_name(text: str) -> str:
    """A name as certificates print it: NFC, 2 to 20 characters, letters and the dot. Raises BadName."""
    name = " ".join(unicodedata.normalize("NFC", text).translate(DOTS).split(" ")).strip()
    name = re.sub(r" {2,}", " ", name)
    if len(name) not in NAME_LENGTH:
        raise BadName(gettext_noop("A name has 2 to 20 characters."))
    strange = next((char for char in name if not _may_stand_in_name(char)), None)
    if strange:
        shown = strange if strange.isprintable() else f"U+{ord(strange):04X}"
        raise BadName(gettext_noop("“%(char)s” cannot be part of a name."), char=shown)
    return name


def _may_stand_in_name(char: str) -> bool:
    return char in "· '-." or unicodedata.category(char)[0] in "LM" or is_ideograph(char)


def clean_mobile(text: str) -> str:
    """A mainland number as 11 digits, from +86, spaces and full-width digits. Raises BadMobile."""
    digits = COUNTRY.sub("", SEPARATORS.sub("", unicodedata.normalize("NFKC", text)))
    if not MOBILE.fullmatch(digits) or not digits.isascii():
        raise BadMobile(gettext_noop("Enter a mainland mobile number: 11 digits that begin with 1."))
    return digits


def clean_login(text: str) -> tuple[str, str]:
    """(mobile, "") or ("", e-mail), whichever was typed. Raises BadMobile for neither."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if "@" not in typed:
        return clean_mobile(typed), ""
    try:
        validate_email(typed)
    except ValidationError as error:
        raise BadMobile(gettext_noop("This e-mail address is not complete. Please check it.")) from error
    return "", typed.lower()


def create(*, name: str, password: str | None, mobile: str = "", email: str = "", language: str = "") -> User:
    """An account whose number and address are known to be right, made by the school and not by sign-up."""
    with transaction.atomic():
        user = User.objects.create_user(
            email=email or None,
            password=password,
            name=clean_name(name),
            mobile=clean_mobile(mobile) if mobile else None,
            mobile_verified=bool(mobile),
            language=language,
        )
        if email:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        consents.review(user)
    return user


def find(*, mobile: str = "", email: str = "") -> User | None:
    """The active account that proved this number or address."""
    if mobile:
        return User.objects.filter(mobile=mobile, mobile_verified=True, is_active=True).first()
    proved = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    address = proved.select_related("user").first()
    return address.user if address else None


def taken(*, mobile: str = "", email: str = "") -> bool:
    """Whether an account other than an unfinished sign-up holds this number or address."""
    if mobile:
        return User.objects.filter(mobile=mobile).exclude(pk__in=unfinished().values("pk")).exists()
    held = models.Q(email__iexact=email) | models.Q(emailaddress__email__iexact=email)
    return User.objects.filter(held).exclude(pk__in=unfinished().values("pk")).exists()


def rename(*, user: User, name: str, by: User) -> bool:
    """Correct a name; False when it was that already. Raises BadName."""
    name = clean_name(name)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.name == name:
            return False
        _note(row, AccountChange.Field.NAME, row.name, name, by)
        row.name = name
        row.save(update_fields=["name"])
    user.name = name
    return True


def vouch(*, user: User, before: User | None, by: User) -> None:
    """Staff entered or changed the account: its number and address count as proved, and changes are recorded.

    `before` is the row as it was, None for a new account.
    """
    with transaction.atomic():
        if bool(user.mobile) != user.mobile_verified:
            user.mobile_verified = bool(user.mobile)
            user.save(update_fields=["mobile_verified"])
        if user.email:
            EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
            EmailAddress.objects.update_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        if before:
            for field in AccountChange.Field.values:
                old, new = getattr(before, field) or "", getattr(user, field) or ""
                if old != new:
                    _note(user, field, old, new, by)


def prove_mobile(user: User, mobile: str) -> None:
    """The person holds this number now. Raises Taken when another account has proved it."""
    with transaction.atomic():
        forget_unfinished(mobile=mobile, besides=user)
        if User.objects.filter(mobile=mobile).exclude(pk=user.pk).exists():
            raise Taken(mobile)
        if user.mobile_verified and user.mobile != mobile:
            _note(user, AccountChange.Field.MOBILE, user.mobile or "", mobile, user)
        user.mobile, user.mobile_verified = mobile, True
        user.save(update_fields=["mobile", "mobile_verified"])


def note_email(user: User, before: str) -> None:
    """Remember that the proven e-mail address changed from `before` to what it is now."""
    if before and before != user.email:
        _note(user, AccountChange.Field.EMAIL, before, user.email or "", user)


def _note(user: User, field: str, before: str, after: str, by: User) -> None:
    AccountChange.objects.create(user=user, field=field, before=before, after=after, by=by)


def unfinished():
    """Sign-ups that never proved a number or an address and so never got in."""
    return User.objects.filter(
        last_login=None,
        mobile_verified=False,
        is_staff=False,
        is_superuser=False,
        groups=None,
        memberships=None,
        consents__isnull=False,
    ).exclude(emailaddress__verified=True)


def forget_unfinished(*, mobile: str = "", email: str = "", besides: User | None = None) -> int:
    """An unproven sign-up must not keep the owner of the number or address out, nor leave a password behind."""
    rows = unfinished().filter(mobile=mobile) if mobile else unfinished().filter(email__iexact=email)
    return _delete(rows.exclude(pk=besides.pk) if besides else rows)


def forget_abandoned() -> int:
    """Sign-ups that nobody finished within a day."""
    return _delete(unfinished().filter(date_joined__lt=timezone.now() - UNFINISHED_FOR))


def _delete(rows) -> int:
    found = list(rows.distinct().values_list("pk", flat=True))
    if found:
        User.objects.filter(pk__in=found).delete()
    return len(found)


def prepare_groups() -> None:
    """The groups that pages and permissions speak of; staff groups may enter the content desk."""
    enter = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    for name in permissions.GROUPS:
        group, _made = Group.objects.get_or_create(name=name)
        if name != permissions.BUREAU:
            group.permissions.add(enter)


# What the school keeps about a person, by section of the download. Other apps add theirs when they start.
contributors: dict[str, Callable[[User], Any]] = {}


def data(user: User) -> dict[str, Any]:
    """All that is kept about the person, in plain types."""
    own = {
        "account": _account(user),
        "changes": list(user.changes.values("field", "before", "after", "at")),
        "consents": list(
            Consent.objects.filter(user=user).values("terms__title", "version", "sha256", "given_at", "withdrawn_at")
        ),
        "memberships": list(
            Membership.objects.filter(user=user).values(
                "enterprise__uscc", "enterprise__name", "post", "role", "started_on", "ended_on"
            )
        ),
        "appointments": list(
            Appointment.objects.filter(user=user).values(
                "enterprise__uscc", "enterprise__name", "title", "document", "started_on", "ended_on"
            )
        ),
        "invitations": list(
            user.invitations.values("enterprise__name", "name", "post", "made_at", "answered_at", "accepted")
        ),
        "bureau_posts": list(
            BureauPost.objects.filter(user=user).values("region__code", "region__name", "started_on", "ended_on")
        ),
        "ledger": list(
            Participation.objects.filter(person=user.ledger_key)
            .order_by("id")
            .values("kind", "activity__title", "unit_title", "channel", "minutes", "occurred_at", "enterprise_name")
        ),
    }
    return own | {name: contribute(user) for name, contribute in contributors.items()}


def _account(user: User) -> dict[str, Any]:
    return {
        "uuid": str(user.uuid),
        "name": user.name,
        "mobile": user.mobile,
        "email": user.email,
        "language": user.language,
        "large_type": user.large_type,
        "joined": user.date_joined,
        "last_sign_in": user.last_login,
        "groups": list(user.groups.values_list("name", flat=True)),
    }
