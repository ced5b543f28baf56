"""Where the people of an enterprise stand: what was asked of them, what they have done, what is missing."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Sum
from django.utils import timezone

from lms.models import Appointment, Enterprise, Membership

from . import facts
from .models import (
    Assignment,
    Attempt,
    Certificate,
    Enrolment,
    LessonPage,
    LessonProgress,
    ProgrammeCourse,
    ProgrammeEnrolment,
)

SOON = timedelta(days=14)  # a last day that is near
EXPIRING = timedelta(days=60)  # certificates whose end is near


@dataclass(frozen=True)
class Row:
    """A person and one programme, or a person without any."""

    membership: Membership
    appointed: Appointment | None = None
    assignment: Assignment | None = None
    enrolment: ProgrammeEnrolment | None = None
    title: str = ""
    hours: Decimal = Decimal(0)
    needed: Decimal = Decimal(0)
    exam_open: bool = False
    last_at: datetime | None = None

    @property
    def done(self) -> bool:
        return bool(self.enrolment and self.enrolment.completed_at)

    @property
    def started(self) -> bool:
        return self.last_at is not None or self.hours > 0

    @property
    def hours_left(self) -> Decimal:
        return max(Decimal(0), self.needed - self.hours)

    @property
    def due_on(self) -> date | None:
        return self.assignment.due_on if self.assignment else None

    @property
    def overdue(self) -> bool:
        return bool(self.due_on and not self.done and self.due_on < timezone.localdate())

    @property
    def due_soon(self) -> bool:
        today = timezone.localdate()
        return bool(self.due_on and not self.done and today <= self.due_on <= today + SOON)


@dataclass(frozen=True)
class Desk:
    """The first screen: who is behind, which certificates end, who waits to be confirmed."""

    rows: tuple[Row, ...]
    people: int
    unconfirmed: tuple[Membership, ...]
    expiring: tuple[Certificate, ...]

    @property
    def behind(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.overdue or row.due_soon)

    @property
    def finished(self) -> int:
        return len({row.membership.user_id for row in self.rows if row.done})

    @property
    def learning(self) -> int:
        done = {row.membership.user_id for row in self.rows if row.done}
        return len({row.membership.user_id for row in self.rows if row.started} - done)


def desk(enterprise: Enterprise) -> Desk:
    """A constant number of queries, whatever the number of people."""
    members = list(
        Membership.objects.current().filter(enterprise=enterprise).select_related("user").order_by("started_on", "pk")
    )
    users = [row.user_id for row in members]
    return Desk(
        rows=tuple(_rows(enterprise, members)),
        people=len(members),
        unconfirmed=tuple(row for row in members if row.confirmed_at is None and row.role == Membership.Role.STAFF),
        expiring=tuple(expiring(users)),
    )


def expiring(users: Collection[int]) -> list[Certificate]:
    today = timezone.localdate()
    ending = Certificate.objects.told().expiring(before=today + EXPIRING, today=today)
    return list(ending.filter(user__in=users))


def certificates(enterprise: Enterprise) -> list[Certificate]:
    """Valid certificates of those who work there now."""
    users = Membership.objects.current().filter(enterprise=enterprise).values("user")
    return list(Certificate.objects.told().valid().filter(user__in=users).newest_first())


def _rows(enterprise: Enterprise, members: list[Membership]) -> list[Row]:
    users = [row.user_id for row in members]
    joined = {
        (row.user_id, row.programme_id): row
        for row in ProgrammeEnrolment.objects.current().filter(user__in=users).select_related("programme")
    }
    asked = {
        (row.user_id, row.programme_id): row
        for row in Assignment.objects.standing()
        .filter(enterprise=enterprise, user__in=users)
        .select_related("programme", "user", "enterprise")
    }
    programmes = {row.programme_id: row.programme for row in [*joined.values(), *asked.values()]}
    plans = _plans(programmes)
    earned = _earned(users, plans)
    passed = _passed(joined.values())
    titles = facts.localised(list(programmes.values()))
    appointed = {
        row.user_id: row for row in Appointment.objects.current().filter(enterprise=enterprise, user__in=users)
    }
    taken = defaultdict(list)
    for key in {**asked, **joined}:
        taken[key[0]].append(key)
    found = []
    for member in members:
        for key in taken[member.user_id]:
            enrolment, plan = joined.get(key), plans[key[1]]
            hours, last_at = earned.of(member.user_id, plan)
            found.append(
                Row(
                    membership=member,
                    appointed=appointed.get(member.user_id),
                    assignment=asked.get(key),
                    enrolment=enrolment,
                    title=titles[key[1]],
                    hours=enrolment.hours if enrolment and enrolment.hours is not None else hours,
                    needed=plan.needed,
                    exam_open=bool(plan.exam and not (enrolment and enrolment.pk in passed)),
                    last_at=last_at,
                )
            )
        if not taken[member.user_id]:
            found.append(Row(membership=member, appointed=appointed.get(member.user_id)))
    return sorted(found, key=_urgency)


def _urgency(row: Row) -> tuple[int, date, int]:
    """Who is late first, then by last day, then those without one, the finished at the end."""
    rank = 3 if row.done else 0 if row.overdue else 1 if row.due_on else 2
    return rank, row.due_on or date.max, row.membership.pk


@dataclass(frozen=True)
class Plan:
    """What a programme asks: its courses, and how many hours."""

    courses: frozenset[int]
    needed: Decimal
    exam: int | None


def _plans(programmes: dict) -> dict[int, Plan]:
    courses: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
    rows = ProgrammeCourse.objects.filter(programme__in=programmes).values_list(
        "programme_id", "course_id", "course__path", "required"
    )
    for programme, course, path, required in rows:
        courses[programme].append((course, path, required))
    hours = _hours_by_course({path: course for known in courses.values() for course, path, _required in known})
    plans = {}
    for key, programme in programmes.items():
        required = sum((hours[course] for course, _path, needed in courses[key] if needed), Decimal(0))
        plans[key] = Plan(
            courses=frozenset(course for course, _path, _needed in courses[key]),
            needed=programme.min_hours or required,
            exam=programme.exam_id,
        )
    return plans


def _hours_by_course(paths: dict[str, int]) -> dict[int, Decimal]:
    hours: dict[int, Decimal] = defaultdict(Decimal)
    for path, credit in LessonPage.objects.live().values_list("path", "credit_hours"):
        for above in (path[: -LessonPage.steplen], path[: -2 * LessonPage.steplen]):
            if above in paths:
                hours[paths[above]] += credit
    return hours


class Earned:
    """Hours and the last moment of study, by person and course."""

    def __init__(self, rows: Iterable[tuple[int, int, Decimal | None, datetime | None]]):
        self._known = {(user, course): (hours or Decimal(0), last) for user, course, hours, last in rows}

    def of(self, user: int, plan: Plan) -> tuple[Decimal, datetime | None]:
        found = [self._known[user, course] for course in plan.courses if (user, course) in self._known]
        moments = [last for _hours, last in found if last]
        return sum((hours for hours, _last in found), Decimal(0)), max(moments, default=None)


def _earned(users: Collection[int], plans: dict[int, Plan]) -> Earned:
    courses = {course for plan in plans.values() for course in plan.courses}
    current = Enrolment.objects.current().filter(user__in=users, course__in=courses)
    records = LessonProgress.objects.filter(enrolment__in=current).values("enrolment__user_id", "enrolment__course_id")
    summed = records.annotate(earned=Sum("hours"), last=Max("updated_at"))
    return Earned(summed.values_list("enrolment__user_id", "enrolment__course_id", "earned", "last"))


def _passed(joined: Iterable[ProgrammeEnrolment]) -> set[int]:
    """Programme enrolments whose final exam is passed."""
    exams = {row.pk: row.programme.exam_id for row in joined if row.programme.exam_id}
    found = Attempt.objects.filter(programme_enrolment__in=exams, passed=True)
    rows = found.values_list("programme_enrolment_id", "assessment_id")
    return {enrolment for enrolment, exam in rows if exams[enrolment] == exam}
