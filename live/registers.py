"""The list of a broadcast: who came, for how long, whether they signed in, and what it comes to.

While the broadcast runs everything is read from stays; afterwards what was settled stands beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from courses.models import Enrolment
from lms import reading
from lms.masking import masked_mobile
from lms.models import Membership, User

from . import attendance, presence, rollcalls
from .attendance import Person
from .models import AudienceSample, Booking, Broadcast, Presence, RollCall, Stay
from .timeline import Timeline

PAGE = 50
YES, NO, FREE, OPEN = "yes", "no", "free", "open"  # how a person stands to a sign-in


@dataclass(frozen=True)
class Bar:
    """A stretch of presence, in thousandths of the lecture."""

    x: int
    width: int


@dataclass(frozen=True)
class Row:
    user: User
    enterprise: str
    city: str
    came_at: datetime | None = None
    left_at: datetime | None = None
    here: bool = False
    present_ms: int = 0
    missing_ms: int = 0  # of the time that is asked for
    joins: int = 0
    devices: int = 0
    bars: tuple[Bar, ...] = ()
    signs: tuple[str, ...] = ()
    signs_missing: int = 0
    presence: Presence | None = None

    @property
    def minutes(self) -> int:
        return self.present_ms // 60_000

    @property
    def missing_minutes(self) -> int:
        return -(-self.missing_ms // 60_000)

    @property
    def mobile(self) -> str:
        return masked_mobile(self.user.mobile)

    @property
    def enough(self) -> bool:
        return self.presence.credited if self.presence else not self.missing_ms and not self.signs_missing


@dataclass(frozen=True)
class Round:
    """A sign-in, and how many met it of those who were there."""

    call: RollCall
    answered: int
    late: int
    open: bool


@dataclass(frozen=True)
class Figures:
    booked: int
    people: int
    anonymous: int
    here: int
    anonymous_here: int
    peak: int
    peak_at: datetime | None
    credited: int
    enterprises: int


@dataclass
class Register:
    """What a broadcast asks, kept for all rows of a page."""

    broadcast: Broadcast
    timeline: Timeline
    window: tuple[int, int]
    calls: list[RollCall]
    current: RollCall | None = None

    @classmethod
    def of(cls, broadcast: Broadcast) -> "Register":
        timeline = Timeline.of(broadcast)
        calls = list(rollcalls.standing(broadcast))
        current = rollcalls.current(broadcast) if calls else None
        return cls(broadcast, timeline, attendance.window(broadcast, timeline), calls, current)

    @property
    def on_air_ms(self) -> int:
        return self.window[1] - self.window[0]

    @property
    def on_air_minutes(self) -> int:
        return self.on_air_ms // 60_000

    @property
    def asked_ms(self) -> int:
        return attendance.asked(self.broadcast, self.on_air_ms)

    @property
    def asked_minutes(self) -> int:
        return -(-self.asked_ms // 60_000)

    @property
    def signs_asked(self) -> int:
        return min(self.broadcast.sign_ins_needed, len(self.calls))

    def row(self, user: User, person: Person | None, answered: set[int], made: Presence | None) -> Row:
        if person is None:
            return Row(user, *_unit(user))
        present = person.within(self.window)
        signs = tuple(self._sign(call, person, answered) for call in self.calls)
        return Row(
            user,
            *_unit(user),
            came_at=person.came_at,
            left_at=person.seen_at,
            here=person.open and self.broadcast.is_on_air,
            present_ms=present,
            missing_ms=attendance.missing(self.broadcast, person, self.window),
            joins=person.joins,
            devices=person.devices,
            bars=self._bars(person),
            signs=signs,
            signs_missing=max(0, self.signs_asked - sum(sign in (YES, FREE) for sign in signs)),
            presence=made,
        )

    def _sign(self, call: RollCall, person: Person, answered: set[int]) -> str:
        if call.pk in answered:
            return YES
        if rollcalls.excused(call, person, self.timeline):
            return FREE
        return OPEN if self.current and call.pk == self.current.pk else NO

    def _bars(self, person: Person) -> tuple[Bar, ...]:
        low, length = self.window[0], max(1, self.on_air_ms)
        found = []
        for start, end in person.intervals:
            left, right = max(0, start - low), min(length, end - low)
            if right > left:
                x = 1000 * left // length
                found.append(Bar(x, max(1, 1000 * right // length - x)))
        return tuple(found)


def _unit(user: User) -> tuple[str, str]:
    """Enterprise and city, as the query put them on the person."""
    return getattr(user, "unit", None) or "", getattr(user, "city_name", None) or ""


def came(broadcast: Broadcast, search: str = "") -> QuerySet[User]:
    """People with an account who were there, by name, with their present enterprise."""
    people = User.objects.filter(pk__in=_stays(broadcast).values("user"))
    if search:
        units = Membership.objects.filter(ended_on=None, enterprise__name__icontains=search).values("user")
        people = people.filter(Q(name__icontains=search) | Q(pk__in=units))
    return _named(people)


def absent(broadcast: Broadcast) -> QuerySet[User]:
    """Booked, or enrolled in the course of the lesson, and never there."""
    meant = Q(pk__in=Booking.objects.standing().filter(broadcast=broadcast).values("user"))
    if broadcast.lesson:
        course = broadcast.lesson.canonical().course
        meant |= Q(pk__in=Enrolment.objects.current().filter(course=course).values("user"))
    return _named(User.objects.filter(meant).exclude(pk__in=_stays(broadcast).values("user")))


def _stays(broadcast: Broadcast) -> QuerySet[Stay]:
    return Stay.objects.filter(broadcast=broadcast, replay=False).exclude(user=None)


def _named(people: QuerySet[User]) -> QuerySet[User]:
    now = Membership.objects.filter(user=OuterRef("pk"), ended_on=None)
    unit, city = now.values("enterprise__name")[:1], now.values("enterprise__city__name")[:1]
    return people.annotate(unit=Subquery(unit), city_name=Subquery(city)).order_by("name", "pk")


def page(register: Register, number: str | int | None, search: str = "") -> tuple[Page, list[Row]]:
    """A page of the list, in a fixed number of queries."""
    found = Paginator(came(register.broadcast, search), PAGE).get_page(number)
    return found, list(rows(register, list(found.object_list)))


def rows(register: Register, users: Sequence[User]) -> Iterator[Row]:
    ids = [user.pk for user in users]
    people = attendance.some(register.broadcast, register.timeline, ids)
    answered = rollcalls.answers_in_time(register.broadcast, ids)
    made = {row.user_id: row for row in Presence.objects.filter(broadcast=register.broadcast, user__in=ids)}
    for user in users:
        yield register.row(user, people.get(user.pk), answered.get(user.pk, set()), made.get(user.pk))


def figures(broadcast: Broadcast) -> Figures:
    found = Stay.objects.filter(broadcast=broadcast, replay=False).aggregate(
        people=Count("user", distinct=True), anonymous=Count("pk", filter=Q(user=None))
    )
    peak = AudienceSample.objects.filter(broadcast=broadcast).order_by("-people", "at").first()
    here, anonymous_here = presence.there_now(broadcast) if broadcast.is_on_air else (0, 0)
    there = _stays(broadcast).values("user")
    units = Membership.objects.filter(ended_on=None, user__in=there).aggregate(n=Count("enterprise", distinct=True))
    return Figures(
        booked=Booking.objects.standing().filter(broadcast=broadcast).count(),
        people=found["people"],
        anonymous=found["anonymous"],
        here=here,
        anonymous_here=anonymous_here,
        peak=peak.people if peak else 0,
        peak_at=peak.at if peak else None,
        credited=Presence.objects.filter(broadcast=broadcast, credited=True).count(),
        enterprises=units["n"],
    )


def rounds(register: Register) -> list[Round]:
    in_time, late = Count("answers", Q(answers__late=False)), Count("answers", Q(answers__late=True))
    counted = rollcalls.standing(register.broadcast).annotate(in_time=in_time, too_late=late).order_by("pk")
    current = register.current.pk if register.current else None
    return [Round(call, call.in_time, call.too_late, call.pk == current) for call in counted]


def said(row: Row) -> str:
    """What it comes to, in words."""
    if row.enough:
        return _("Credited") if row.presence else _("Enough so far")
    if row.signs_missing and not row.missing_ms:
        return _("Sign-ins missing: %(n)d") % {"n": row.signs_missing}
    return _("%(n)d min missing") % {"n": row.missing_minutes}


def everybody(register: Register) -> Iterator[Row]:
    """All who came, in pieces that fit into memory, then those who did not."""
    people = came(register.broadcast)
    piece: list[User] = []
    for user in reading.through(people):
        piece.append(user)
        if len(piece) == 500:
            yield from rows(register, piece)
            piece = []
    yield from rows(register, piece)
    for user in reading.through(absent(register.broadcast)):
        yield register.row(user, None, set(), None)
