"""Planning a broadcast: who hosts it and when, what it counts as, that it moves or is called off, that it goes on air.

The times are the school's; how one state leads to another is told in live.states.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import tally
from lms.models import Activity, User

from . import keys, moderation, permissions, reminders, rooms, states
from .models import Broadcast, Host, Room

State = Broadcast.State
OPENS = timedelta(minutes=30)  # before the beginning: the waiting room, and the key of the encoder
MOST_MINUTES = 480
LATEST = timedelta(days=366)
PLAN = (
    "title", "title_en", "summary", "summary_en", "track", "lesson", "audience", "capacity", "organisers",
    "region_code", "campaigns", "minutes", "threshold", "sign_ins_needed", "replay_counts",
)  # fmt: skip
SENDING = [Host.Role.TRAINER, Host.Role.ASSISTANT]
STANDING = [State.DRAFT, State.SCHEDULED, State.READY]


ASKED = ("minutes", "threshold", "sign_ins_needed")


class Refused(Exception):
    """The message says why, in the reader's language; `field` is what of the plan it is about."""

    field = "starts_at"


class AskedMore(Refused):
    field = "minutes"


def create(*, by: User, starts_at: datetime, title: str, **plan: Any) -> Broadcast:
    """A draft with its room. Who plans it hosts it, until others are named. `plan` is fields of PLAN."""
    _check(starts_at, plan.get("minutes", 90))
    with transaction.atomic():
        fields = {name: value for name, value in plan.items() if name in PLAN}
        made = Broadcast.objects.create(title=title, starts_at=starts_at, created_by=by, **fields)
        Room.objects.create(broadcast=made)
        Host.objects.create(broadcast=made, user=by, role=Host.Role.TRAINER)
    return made


def change(broadcast: Broadcast, *, starts_at: datetime | None = None, by: User, **plan: Any) -> Broadcast:
    """Another plan. A new time of an announced broadcast is a move; who booked hears of it."""
    with transaction.atomic():
        row = _locked(broadcast)
        if row.state not in STANDING and any(plan.get(name, 0) > getattr(row, name) for name in ASKED):
            raise AskedMore(
                _("The broadcast has begun: more time, a larger share or more sign-ins cannot be asked for.")
            )
        changed = [name for name in PLAN if name in plan and getattr(row, name) != plan[name]]
        for name in changed:
            setattr(row, name, plan[name])
        if changed:
            row.version += 1  # calendars that subscribed take the event anew
            row.save(update_fields=[*changed, "version"])
        if starts_at and starts_at != row.starts_at:
            _check(starts_at, row.minutes)
            _move(row, starts_at, by)
        if row.state in STANDING:  # afterwards history is not rewritten by a form
            _enter(row, by)
    broadcast.refresh_from_db()
    return broadcast


def announce(broadcast: Broadcast, *, by: User) -> Broadcast:
    """Into the lobby, and into the book of record as an activity. Announcing twice is announcing once."""
    with transaction.atomic():
        row = _locked(broadcast)
        if row.state == State.DRAFT:
            _check(row.starts_at, row.minutes)
            if not row.hosts.filter(role=Host.Role.TRAINER).exists():
                raise Refused(_("Name a trainer first."))
            row.activity = _activity(row)
            row.save(update_fields=["activity"])
        states.move(row, State.SCHEDULED, reason="announced", actor=by)
    broadcast.refresh_from_db()
    return broadcast


def _activity(row: Broadcast) -> Activity:
    return tally.activity(key=f"broadcast:{row.uuid}", kind=Activity.Kind.BROADCAST, **_facts(row))


def _enter(row: Broadcast, by: User) -> None:
    """What has changed of an announced one, into the book of record."""
    if row.activity:
        tally.change(row.activity, by=by, **_facts(row))


def _facts(row: Broadcast) -> dict[str, Any]:
    """As what it is announced in the book of record."""
    return {
        "title": row.title,
        "starts_on": timezone.localtime(row.starts_at).date(),
        "ends_on": timezone.localtime(row.planned_end).date(),
        "organisers": row.organisers,
        "region_code": row.region_code,
        "campaigns": row.campaigns,
    }


def move(broadcast: Broadcast, starts_at: datetime, *, by: User) -> Broadcast:
    """Another beginning; bookings stand and calendars follow."""
    return change(broadcast, starts_at=starts_at, by=by)


def _move(row: Broadcast, starts_at: datetime, by: User) -> None:
    if row.state not in STANDING:
        raise Refused(_("This broadcast has begun or is over: its time cannot be changed."))
    before, row.starts_at = row.starts_at, starts_at
    row.version += 1
    row.save(update_fields=["starts_at", "version"])
    if row.state != State.DRAFT:
        reminders.on_move(row, before)
    _enter(row, by)
    if row.state == State.READY and starts_at - timezone.now() > OPENS:
        states.move(row, State.SCHEDULED, reason="moved to a later time")


def cancel(broadcast: Broadcast, *, by: User, reason: str) -> Broadcast:
    """Call it off, with a reason that everybody who booked may read."""
    if not reason.strip():
        raise Refused(_("Say why it is cancelled: those who booked will read it."))
    return states.move(broadcast, State.CANCELLED, reason=reason.strip(), actor=by)


def open_room(broadcast: Broadcast, *, by: User | None = None) -> Broadcast:
    """The waiting room, before the clock does it or by it."""
    return states.move(broadcast, State.READY, reason="opened by a host" if by else "half an hour before", actor=by)


def open_due() -> int:
    """The periodic duty: open the waiting rooms whose half hour has come. Says how many."""
    now = timezone.now()
    due = Broadcast.objects.filter(state=State.SCHEDULED, starts_at__lte=now + OPENS)
    rows = list(due.filter(starts_at__gt=now - timedelta(hours=12)))
    for row in rows:
        open_room(row)
    return len(rows)


def name_hosts(
    broadcast: Broadcast, people: Mapping[int, str] | Iterable[tuple[int, str]], *, by: User | None = None
) -> None:
    """Who works in the room, by account and role. One trainer at least.

    It holds at once: open pages of those whose role changed come back in the new one, and who hosts no more is cut off
    by the ingest process within two seconds, with the studio or with the key that they made.
    """
    wanted = dict(people)
    if Host.Role.TRAINER not in wanted.values():
        raise Refused(_("A broadcast needs a trainer."))
    with transaction.atomic():
        row = _locked(broadcast)
        before = dict(row.hosts.values_list("user", "role"))
        row.hosts.exclude(user_id__in=wanted).delete()
        for user_id, role in wanted.items():
            Host.objects.update_or_create(broadcast=row, user_id=user_id, defaults={"role": role})
        changed = sorted(each for each in before | wanted if before.get(each) != wanted.get(each))
        for person in User.objects.filter(pk__in=changed).order_by("pk"):
            _change_role(row, person, before.get(person.pk, ""), wanted.get(person.pk, ""), by)
    broadcast.refresh_from_db(fields=["key_hash", "key_made_at", "key_made_by"])


def _change_role(row: Broadcast, person: User, before: str, after: str, by: User | None) -> None:
    role = permissions.role(by, row) if by else ""
    moderation.note(row, by, role, "role", person=person, detail=f"{before or '-'} → {after or '-'}")
    moderation.afterwards(rooms.role_changed, row.pk, person.pk)
    made_the_key = row.key_made_by_id in (person.pk, None)  # of a key made before it was written down, nobody knows
    if row.key_hash and made_the_key and before in SENDING and not permissions.may_host(person, row):
        keys.withdraw(row)


def _locked(broadcast: Broadcast) -> Broadcast:
    return Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)


def _check(starts_at: datetime, minutes: int) -> None:
    now = timezone.now()
    if starts_at < now - timedelta(minutes=5):
        raise Refused(_("The beginning lies in the past."))
    if starts_at > now + LATEST:
        raise Refused(_("The beginning lies more than a year ahead."))
    if not 1 <= minutes <= MOST_MINUTES:
        raise Refused(_("Plan between 1 and %(most)s minutes.") % {"most": MOST_MINUTES})
