"""What people with a role do in a room. Each act is a row that stays, and reaches open pages at once.

Nothing is erased: a deleted message is hidden, a refused one was never shown, both are kept until their term.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import frames, permissions, posting, rooms, states
from .models import Broadcast, Complaint, Deed, Host, Message, Restriction, Room

MUTES = (1, 10, 60)  # minutes
SLOWEST = 300  # seconds between two messages
EVERYONE = {Host.Role.TRAINER, Host.Role.MODERATOR, Host.Role.ASSISTANT, permissions.BUREAU}
RESPONSIBLE = {Host.Role.TRAINER, Host.Role.MODERATOR, permissions.BUREAU}
OFFICERS = {permissions.BUREAU}
State, Status = Broadcast.State, Message.Status

REASONS: dict[str, str | Promise] = {
    "forbidden": _("Your role in this room does not include that."),
    "closed": posting.REASONS["closed"],
    "unknown_message": _("There is no such message in this room."),
    "unknown_choice": _("This cannot be chosen."),
    "host": _("Whoever works in the room cannot be muted or removed. Change the hosts of the broadcast instead."),
    "reason": _("Say why. The reason is kept with your name."),
    "not_stopped": _("This broadcast is not stopped."),
    "too_long": _("A notice has at most 200 characters."),
}


class Refused(Exception):
    """`code` is for machines, `message` for the person, in the language of the moment."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        return str(REASONS[self.code])


def allowed(broadcast: Broadcast, actor: User, roles: set[str]) -> str:
    """The role in which the actor does it. Raises Refused."""
    role = permissions.role(actor, broadcast)
    if role not in roles:
        raise Refused("forbidden")
    return role


def find(broadcast: Broadcast, number: int) -> Message:
    """Locked. Raises Refused."""
    row = Message.objects.select_for_update(of=("self",)).filter(broadcast=broadcast, pk=number).first()
    if row is None:
        raise Refused("unknown_message")
    return row


def note(
    broadcast: Broadcast,
    actor: User | None,
    role: str,
    verb: str,
    *,
    row: Message | None = None,
    person: User | None = None,
    detail: str = "",
) -> Deed:
    return Deed.objects.create(
        broadcast=broadcast,
        actor=actor,
        role=role,
        verb=verb,
        message=row,
        person=person or (row.author if row else None),
        detail=detail[:200],
        at=timezone.now(),
    )


def afterwards(tell: Callable[..., None], *told: Any, **named: Any) -> None:
    """To the room, once it is true."""
    transaction.on_commit(lambda: tell(*told, **named))


# Messages


@transaction.atomic
def delete(broadcast: Broadcast, actor: User, number: int, *, reason: str = "") -> None:
    role = allowed(broadcast, actor, EVERYONE)
    row = find(broadcast, number)
    if row.status == Status.DELETED:
        return
    _decide(row, actor, Status.DELETED, reason)
    Complaint.objects.filter(message=row, closed_at=None).update(closed_at=row.decided_at, closed_by=actor)
    note(broadcast, actor, role, "delete", row=row, detail=reason)
    afterwards(rooms.deleted, broadcast.pk, row.pk)


@transaction.atomic
def approve(broadcast: Broadcast, actor: User, number: int) -> None:
    """A message that waited is shown."""
    role = allowed(broadcast, actor, EVERYONE)
    row = find(broadcast, number)
    if row.status != Status.HELD:
        return
    _decide(row, actor, Status.SHOWN, "")
    note(broadcast, actor, role, "approve", row=row)
    afterwards(rooms.said, broadcast.pk, frames.message(row), author=row.author_id, always=True)
    afterwards(rooms.announce, broadcast.pk, "decided", {"id": row.pk, "status": row.status}, to=rooms.MODERATORS)


@transaction.atomic
def refuse(broadcast: Broadcast, actor: User, number: int, *, reason: str = "") -> None:
    """A message that waited is not shown; its author is told."""
    role = allowed(broadcast, actor, EVERYONE)
    row = find(broadcast, number)
    if row.status != Status.HELD:
        return
    _decide(row, actor, Status.REFUSED, reason or "moderator")
    note(broadcast, actor, role, "refuse", row=row, detail=reason)
    told = {"id": row.pk, "key": row.key, "status": row.status}
    afterwards(rooms.tell, broadcast.pk, row.author_id, "decided", told)
    afterwards(rooms.announce, broadcast.pk, "decided", {"id": row.pk, "status": row.status}, to=rooms.MODERATORS)


def _decide(row: Message, actor: User, status: str, reason: str) -> None:
    row.status, row.reason = status, reason[:100]
    row.decided_by, row.decided_at = actor, timezone.now()
    row.save(update_fields=["status", "reason", "decided_by", "decided_at"])


# People


@transaction.atomic
def mute(broadcast: Broadcast, actor: User, number: int, minutes: int, *, reason: str = "") -> Restriction:
    """The author of that message may not talk for so many minutes."""
    role = allowed(broadcast, actor, EVERYONE)
    if minutes not in MUTES:
        raise Refused("unknown_choice")
    until = timezone.now() + timedelta(minutes=minutes)
    row = _restrict(broadcast, actor, find(broadcast, number), Restriction.Kind.MUTE, until, reason)
    note(broadcast, actor, role, "mute", person=row.user, detail=f"{minutes} min {reason}".strip())
    afterwards(rooms.tell, broadcast.pk, row.user_id, "muted", frames.restriction(row))
    return row


@transaction.atomic
def ban(broadcast: Broadcast, actor: User, number: int, *, reason: str = "") -> Restriction:
    """The author of that message has to leave the room and cannot come back."""
    role = allowed(broadcast, actor, RESPONSIBLE)
    row = _restrict(broadcast, actor, find(broadcast, number), Restriction.Kind.BAN, None, reason)
    note(broadcast, actor, role, "ban", person=row.user, detail=reason)
    afterwards(rooms.thrown_out, broadcast.pk, row.user_id, None)
    return row


def _restrict(broadcast: Broadcast, actor: User, message: Message, kind: str, until: Any, reason: str) -> Restriction:
    if permissions.role(message.author, broadcast):
        raise Refused("host")
    return Restriction.objects.create(
        broadcast=broadcast,
        user=message.author,
        kind=kind,
        until=until,
        reason=reason[:100],
        made_by=actor,
        made_at=timezone.now(),
    )


@transaction.atomic
def lift(broadcast: Broadcast, actor: User, number: int) -> None:
    """The author of that message may come in and talk again."""
    role = allowed(broadcast, actor, RESPONSIBLE)
    message = find(broadcast, number)
    now = timezone.now()
    if Restriction.objects.at(now).filter(broadcast=broadcast, user=message.author).update(lifted_at=now):
        note(broadcast, actor, role, "lift", person=message.author)
        afterwards(rooms.tell, broadcast.pk, message.author_id, "unmuted", {})


# The room


@transaction.atomic
def change(broadcast: Broadcast, actor: User, **wanted: Any) -> Room:
    """Who may talk and how: mode, slow_seconds, checked_first, links_allowed, overlay, notice."""
    role = allowed(broadcast, actor, RESPONSIBLE)
    room = Room.objects.select_for_update().get(broadcast=broadcast)
    changed = {name: value for name, value in wanted.items() if getattr(room, name) != value}
    _check(changed)
    if not changed:
        return room
    for name, value in changed.items():
        setattr(room, name, value)
    room.version += 1
    room.save(update_fields=[*changed, "version"])
    for name, value in changed.items():
        note(broadcast, actor, role, "pin" if name == "notice" else name[:20], detail=str(value))
    afterwards(rooms.announce, broadcast.pk, "room", frames.room(room))
    return room


def _check(wanted: dict[str, Any]) -> None:
    if wanted.get("mode", Room.Mode.OPEN) not in Room.Mode.values or not 0 <= wanted.get("slow_seconds", 0) <= SLOWEST:
        raise Refused("unknown_choice")
    if len(wanted.get("notice", "")) > 200:
        raise Refused("too_long")


@transaction.atomic
def stop(broadcast: Broadcast, actor: User, *, reason: str) -> None:
    """The officer on duty ends the broadcast at once. Raises states.Refused when it cannot be stopped."""
    role, reason = _officer(broadcast, actor, reason)
    states.move(broadcast, State.BLOCKED, reason=reason, actor=actor)
    _talking(broadcast, Room.Mode.OFF)
    note(broadcast, actor, role, "stop", detail=reason)
    afterwards(rooms.announce, broadcast.pk, "state", frames.state(broadcast))


@transaction.atomic
def resume(broadcast: Broadcast, actor: User, *, reason: str) -> None:
    """The officer takes the stop back: a replay stands where it was, of all else one is made. People may talk as
    before. Raises states.Refused."""
    role, reason = _officer(broadcast, actor, reason)
    if broadcast.state != State.BLOCKED:
        raise Refused("not_stopped")
    # A broadcast that was taken up again still has the film of its first end, so the film does not tell.
    stopped = broadcast.transitions.filter(after=State.BLOCKED).last()
    to = State.REPLAY if stopped and stopped.before == State.REPLAY else State.ENDED
    states.move(broadcast, to, reason=reason, actor=actor)
    chosen = Deed.objects.filter(broadcast=broadcast, verb="mode").order_by("pk").last()
    _talking(broadcast, chosen.detail if chosen else Room.Mode.OPEN)
    note(broadcast, actor, role, "resume", detail=reason)
    afterwards(rooms.announce, broadcast.pk, "state", frames.state(broadcast))


def _officer(broadcast: Broadcast, actor: User, reason: str) -> tuple[str, str]:
    """The role, and the words, which have to be there. Raises Refused."""
    role = allowed(broadcast, actor, OFFICERS)
    if not reason.strip():
        raise Refused("reason")
    return role, reason.strip()


def _talking(broadcast: Broadcast, mode: str) -> None:
    """Without a deed of its own: the last one is what somebody chose. Open pages hear of it by the row's version."""
    Room.objects.filter(broadcast=broadcast).update(mode=mode, version=F("version") + 1)


# Complaints


@transaction.atomic
def complain(broadcast: Broadcast, user: User, number: int, *, reason: str = "") -> None:
    """A participant finds a message not right. Once is enough."""
    row = find(broadcast, number)
    if row.status != Status.SHOWN:
        return
    _complaint, new = Complaint.objects.get_or_create(
        message=row, user=user, defaults={"reason": reason[:100], "at": timezone.now()}
    )
    if new:
        told = {
            "id": row.pk,
            "reason": reason[:100],
            "complaints": row.complaints.count(),
            "message": frames.message(row),
        }
        afterwards(rooms.announce, broadcast.pk, "complaint", told, to=rooms.MODERATORS)


@transaction.atomic
def dismiss(broadcast: Broadcast, actor: User, number: int) -> None:
    """The message may stay."""
    role = allowed(broadcast, actor, EVERYONE)
    row = find(broadcast, number)
    closed = Complaint.objects.filter(message=row, closed_at=None)
    if closed.update(closed_at=timezone.now(), closed_by=actor):
        note(broadcast, actor, role, "dismiss", row=row)
        told = {"id": row.pk, "status": row.status}
        afterwards(rooms.announce, broadcast.pk, "decided", told, to=rooms.MODERATORS)
