"""Who becomes an officer of the bureau, or ceases to be one, while rooms are open: their pages come back as what they
are now.

Hosts who are named or removed are told by the one who does it. A post is given in the administration, begins and ends
by the calendar, and knows of no room, so rooms ask: one look a second for all that are open in a process.
"""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from lms.models import BureauPost, User

from . import permissions, threads
from .hubs import Hub
from .models import Broadcast

ROUNDS = 5  # a change is gone into for so many rounds: who came in meanwhile came as what they were before

Posts = frozenset[tuple[int, int | None]]  # person and region; no region is everything


class Watch:
    """What the rooms of one event loop know of the posts."""

    def __init__(self) -> None:
        self.posts: Posts | None = None
        self.changed: dict[int, int] = {}  # rounds that are left, by person

    async def look(self, hubs: Iterable[Hub]) -> None:
        now = await threads.ask(posts)
        before = _claimed(hubs) if self.posts is None else self.posts
        self.changed |= dict.fromkeys({person for person, _region in now ^ before}, ROUNDS)
        self.posts = now
        if not self.changed:
            return
        here = {hub.broadcast_id: _sitting(hub, self.changed) for hub in hubs}
        right = await threads.ask(_roles, {number: set(people) for number, people in here.items() if people})
        for hub in hubs:
            for person, role in here[hub.broadcast_id].items():
                if role != right[hub.broadcast_id].get(person, ""):
                    hub.send_back(person)
        self.changed = {person: left - 1 for person, left in self.changed.items() if left > 1}


def posts() -> Posts:
    """Those of today, and who may do everything."""
    held = BureauPost.objects.on(timezone.localdate()).filter(duty=BureauPost.Duty.BUREAU, user__is_active=True)
    all_over = User.objects.filter(is_active=True, is_superuser=True).values_list("pk", flat=True)
    return frozenset(held.values_list("user", "region")) | {(person, None) for person in all_over}


def _claimed(hubs: Iterable[Hub]) -> Posts:
    """At the first look: whoever has come in as an officer may have ceased to be one since."""
    return frozenset((seat.user_id or 0, -1) for hub in hubs for seat in hub.seats if seat.role == permissions.BUREAU)


def _sitting(hub: Hub, people: Mapping[int, int]) -> dict[int, str]:
    """As what they have the room open."""
    return {seat.user_id: seat.role for seat in hub.seats if seat.user_id is not None and seat.user_id in people}


def _roles(asked: Mapping[int, set[int]]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    for broadcast in Broadcast.objects.filter(pk__in=asked):
        people = User.objects.filter(pk__in=asked[broadcast.pk])
        found[broadcast.pk] = {person.pk: permissions.role(person, broadcast) for person in people}
    return found
