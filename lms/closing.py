"""Closing an account for good: the person goes, and what is counted stays as it is.

The row of the account is cleared and kept, because evidence, decisions and authorship hang on it. The ledger knows
the person by a key that is destroyed here, so that no key joins its rows to anybody (what a comparison of times may
still tell is said in decision 0012); its totals and its chain are not touched. Other apps add what stands in the way
and what they do when somebody leaves.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_
from uuid import uuid4

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry

from . import consents, enterprises
from .models import AccountChange, Appointment, BureauPost, Invitation, Membership, Outgoing, User

log = structlog.get_logger(__name__)

NAME = "已注销账号"  # what lists show of somebody who left

hindrances: list[Callable[[User], str]] = []  # each says in words what stands in the way, or nothing
farewells: list[Callable[[User], None]] = []  # each clears what an app keeps of the person, within the transaction


class Hindered(Exception):
    """`reasons` say what stands in the way, in the reader's language."""

    def __init__(self, reasons: list[str]):
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def in_the_way(user: User) -> list[str]:
    """What must be done before the account can be closed; nothing as a rule."""
    return [reason for asked in (_last_administrator, _officer, _only_manager, *hindrances) if (reason := asked(user))]


def _last_administrator(user: User) -> str:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        return _("You are the only administrator. Appoint another one first.")
    return ""


def _officer(user: User) -> str:
    if BureauPost.objects.on(timezone.localdate()).filter(user=user).exists():
        return _("You hold a post at the bureau. Ask an administrator to end it first.")
    return ""


def _only_manager(user: User) -> str:
    current = enterprises.membership(user)
    if current is None or current.role != Membership.Role.MANAGER:
        return ""
    colleagues = Membership.objects.current().filter(enterprise=current.enterprise).exclude(user=user)
    if colleagues.exists() and not colleagues.filter(role=Membership.Role.MANAGER).exists():
        return _("You are the only training manager of your enterprise. Hand this over to a colleague first.")
    return ""


def close(user: User) -> None:
    """Clear the account and let nobody in with it any more. Doing it twice changes nothing. Raises Hindered.

    The same number or address can sign up anew, as somebody the school has never met.
    """
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.closed_at:
            return
        if reasons := in_the_way(row):
            raise Hindered(reasons)
        for farewell in farewells:
            farewell(row)
        _leave_enterprise(row)
        _forget(row)
        _clear(row)
    log.info("account_closed", user=row.pk)


def _leave_enterprise(row: User) -> None:
    enterprises.leave(row)
    for appointment in Appointment.objects.filter(user=row, ended_on=None):
        enterprises.end_appointment(appointment)


def _forget(row: User) -> None:
    """What is about the person and nothing else."""
    addresses = set(EmailAddress.objects.filter(user=row).values_list("email", flat=True))
    known = {each for each in (row.mobile, row.email, *addresses) if each}
    for change in row.changes.all():
        known |= {each for each in (change.before, change.after) if each and change.field != change.Field.NAME}
    for attempts in (AccessAttempt, AccessLog, AccessFailureLog):
        attempts.objects.filter(username__in=known).delete()
    Outgoing.objects.filter(to__in=known).delete()
    if row.mobile and row.mobile_verified:
        Invitation.objects.filter(mobile=row.mobile).delete()
    Invitation.objects.filter(answered_by=row).delete()
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=row).delete()
    _rename_in_logs(row)
    row.changes.all().delete()
    consents.withdraw(row)  # that somebody once agreed stays as evidence, without a name


def _rename_in_logs(row: User) -> None:
    """The offices of staff note whom they edited, by name."""
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).update(object_repr=NAME, change_message="")
    ModelLogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).update(label=NAME, data={})
    names = _names(row)
    for entry in _mentioning(LogEntry, "object_repr", names):
        if _is_about(entry, row, names):
            entry.object_repr, entry.change_message = _without(names, entry.object_repr)[:200], ""
            entry.save(update_fields=["object_repr", "change_message"])
    for noted in _mentioning(ModelLogEntry, "label", names):
        if _is_about(noted, row, names):
            data = {} if any(name in str(noted.data) for name in names) else noted.data
            ModelLogEntry.objects.filter(pk=noted.pk).update(label=_without(names, noted.label), data=data)


def _mentioning(model, field: str, names: list[str]):
    mentions = reduce(or_, (Q(**{f"{field}__contains": name}) for name in names))
    return model.objects.filter(mentions).select_related("content_type")


def _without(names: list[str], text: str) -> str:
    return reduce(lambda left, name: left.replace(name, NAME), names, text)


def _names(row: User) -> list[str]:
    """The present and the former ones, longest first: one may be a part of another."""
    former = row.changes.filter(field=AccountChange.Field.NAME).values_list("before", "after")
    return sorted({name for name in (row.name, *(each for pair in former for each in pair)) if name}, key=len)[::-1]


def _is_about(entry: LogEntry | ModelLogEntry, row: User, names: list[str]) -> bool:
    """Whether the entry tells of something of this person, such as a membership. Of what was deleted since nobody can
    say whose it was; there the name goes unless somebody else has it too."""
    model = entry.content_type.model_class() if entry.content_type else None
    edited = model._base_manager.filter(pk=entry.object_id) if model else User.objects.none()
    if not edited.exists():
        others = User.objects.filter(reduce(or_, (Q(name__contains=name) for name in names)))
        return not others.exclude(pk=row.pk).exists()
    assert model is not None  # a row of it exists
    owners = [Q(**{field.name: row}) for field in model._meta.fields if field.related_model is User]
    return bool(owners) and edited.filter(reduce(or_, owners)).exists()


def _clear(row: User) -> None:
    row.groups.clear()
    row.user_permissions.clear()
    row.name, row.mobile, row.email, row.mobile_verified = NAME, None, None, False
    row.is_active = row.is_staff = row.is_superuser = row.large_type = False
    row.language, row.last_login, row.closed_at = "", None, timezone.now()
    row.uuid, row.ledger_key = uuid4(), uuid4()
    row.set_unusable_password()  # ends every session: each holds a hash of the password
    row.save()
