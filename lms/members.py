"""The people of an enterprise, as its training manager keeps them: confirmed, invited, let go.

Who works where is said by the person; the enterprise confirms or denies it. Until then the person counts as said.
Nobody becomes somebody's employee by being on a list: an invitation waits for whoever proves that number.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import enterprises, messages, school
from .models import Enterprise, Invitation, MemberDecision, Membership, User

log = structlog.get_logger(__name__)
INVITED = "invited_by_enterprise"  # the kind of the text message
TELL_AT_ONCE = 100  # in a round of the periodic duty
QUIET = timedelta(days=7)  # in which a number is told once, whoever invites
DAY = timedelta(days=1)  # in which an enterprise has messages for twice its people and some
SOME = 200
KEPT = timedelta(days=30)  # invitations that are over


class Refused(Exception):
    """The message says why, in the reader's language."""


def confirm(membership: Membership, *, by: User) -> Membership:
    """One of ours. Doing it twice leaves one decision."""
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.ended_on:
            raise Refused(_("%(name)s no longer belongs to this enterprise.") % {"name": row.user.name})
        if row.confirmed_at is None:
            row.confirmed_at = timezone.now()
            row.save(update_fields=["confirmed_at"])
            MemberDecision.objects.create(membership=row, by=by, confirmed=True, at=row.confirmed_at)
    return row


def deny(membership: Membership, *, by: User, reason: str) -> Membership:
    """Not, or no longer, one of ours: the membership ends today; records of the time before stay. Raises Refused."""
    if not reason.strip():
        raise Refused(_("Say why this person is not, or no longer, one of yours. They will read it."))
    with transaction.atomic():
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.ended_on is None:
            row.ended_on = max(enterprises.today(), row.started_on)
            row.save(update_fields=["ended_on"])
            MemberDecision.objects.create(
                membership=row, by=by, confirmed=False, reason=reason.strip()[:200], at=timezone.now()
            )
    return row


def last_denial(user: User) -> MemberDecision | None:
    """Why the person belongs nowhere now, if an enterprise said so."""
    denials = MemberDecision.objects.filter(membership__user=user, confirmed=False)
    return denials.select_related("membership__enterprise").order_by("-pk").first()


def invite(enterprise: Enterprise, people: Iterable[tuple[str, str, str]], *, by: User) -> int:
    """Invite (name, mobile, post) by clean numbers; an open invitation takes the new name and post. Says how many are
    new. Text messages leave afterwards, by `tell`."""
    wanted = {mobile: (name, post) for name, mobile, post in people}
    now = timezone.now()
    with transaction.atomic():
        _expire(enterprise)
        open_ones = Invitation.objects.select_for_update().filter(
            enterprise=enterprise, mobile__in=wanted, answered_at=None, withdrawn_at=None
        )
        known = {row.mobile: row for row in open_ones}
        for mobile, row in known.items():
            row.name, row.post = wanted[mobile]
        Invitation.objects.bulk_update(known.values(), ["name", "post"], batch_size=500)
        fresh = [
            Invitation(enterprise=enterprise, name=name, mobile=mobile, post=post, made_by=by, made_at=now)
            for mobile, (name, post) in wanted.items()
            if mobile not in known
        ]
        Invitation.objects.bulk_create(fresh, batch_size=500)
    return len(fresh)


def _expire(enterprise: Enterprise) -> None:
    """What nobody answered in time makes room for a new invitation."""
    now = timezone.now()
    old = Invitation.objects.filter(
        enterprise=enterprise, answered_at=None, withdrawn_at=None, made_at__lte=now - Invitation.VALID
    )
    old.update(withdrawn_at=now)


def waiting_for(user: User) -> QuerySet[Invitation]:
    """Invitations that this person may answer: of the number that they proved."""
    if not (user.is_authenticated and user.mobile and user.mobile_verified):
        return Invitation.objects.none()
    found = Invitation.objects.open(timezone.now()).filter(mobile=user.mobile)
    return found.select_related("enterprise").order_by("pk")


def accept(invitation: Invitation, *, user: User) -> Membership:
    """Belong to the enterprise from today, leaving the present one. The enterprise has confirmed it by inviting.

    Raises Refused for somebody else's invitation and for one that was answered or withdrawn.
    """
    with transaction.atomic():
        row = _answerable(invitation, user)
        joined = enterprises.transfer(user=user, enterprise=row.enterprise, post=row.post)
        if joined.confirmed_at is None:
            joined.confirmed_at = timezone.now()
            joined.save(update_fields=["confirmed_at"])
            MemberDecision.objects.create(membership=joined, by=row.made_by, confirmed=True, at=joined.confirmed_at)
        _answer(row, user, accepted=True)
    return joined


def decline(invitation: Invitation, *, user: User) -> None:
    with transaction.atomic():
        _answer(_answerable(invitation, user), user, accepted=False)


def _answerable(invitation: Invitation, user: User) -> Invitation:
    row = Invitation.objects.select_for_update(of=("self",)).select_related("enterprise").get(pk=invitation.pk)
    if not waiting_for(user).filter(pk=row.pk).exists():
        raise Refused(_("This invitation is not open to you any more."))
    return row


def _answer(row: Invitation, user: User, *, accepted: bool) -> None:
    row.accepted, row.answered_at, row.answered_by = accepted, timezone.now(), user
    row.save(update_fields=["accepted", "answered_at", "answered_by"])


def withdraw(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk, answered_at=None).update(withdrawn_at=timezone.now())


def tell() -> int:
    """The periodic duty: text messages to those who were invited. One that does not leave is tried again next time."""
    told = 0
    name = school.facts().shown_name
    for row in _due(timezone.now()):
        words = {"school": name, "enterprise": row.enterprise.name}
        text = _(
            "[%(school)s] %(enterprise)s invites you to its training. Sign up or sign in with this number and confirm."
        )
        try:
            messages.send_sms(messages.Sms(to=row.mobile, kind=INVITED, text=str(text) % words, params=words))
        except messages.NotSent:
            log.warning("invitation_not_told", invitation=str(row.uuid))
            continue
        told += Invitation.objects.filter(pk=row.pk, told_at=None).update(told_at=timezone.now())
    return told


def _due(now: datetime) -> list[Invitation]:
    """Whose message may leave now. Nobody is pestered, whoever invites them and however often."""
    room = _room(now)
    lately = Invitation.objects.filter(told_at__gt=now - QUIET).values("mobile")
    waiting = Invitation.objects.open(now).filter(told_at=None).exclude(mobile__in=lately)
    waiting = waiting.exclude(enterprise__in=[key for key, left in room.items() if left <= 0])
    found: dict[str, Invitation] = {}
    for row in waiting.select_related("enterprise").order_by("pk")[:TELL_AT_ONCE]:
        left = room.get(row.enterprise_id, SOME)
        if left > 0 and row.mobile not in found:
            found[row.mobile], room[row.enterprise_id] = row, left - 1
    return list(found.values())


def _room(now: datetime) -> dict[int, int]:
    """How many messages are left today to each enterprise that sent some."""
    told = Invitation.objects.filter(told_at__gt=now - DAY).values_list("enterprise").annotate(Count("pk"))
    sent = dict(told.order_by())
    members = Membership.objects.current().filter(enterprise__in=sent).values_list("enterprise").annotate(Count("pk"))
    people = dict(members.order_by())
    return {key: 2 * people.get(key, 0) + SOME - count for key, count in sent.items()}


def forget_old() -> int:
    """The periodic duty: names and numbers of invitations that are over go after a while."""
    before = timezone.now() - KEPT
    over = Q(answered_at__lt=before) | Q(withdrawn_at__lt=before) | Q(made_at__lt=before - Invitation.VALID)
    return Invitation.objects.filter(over).delete()[0]
