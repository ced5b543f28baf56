"""Classes on site: planned, entered, signed in to at the door or by roster, and counted in the same book.

A place belongs to a mobile number. Whoever came before having an account is counted when they prove that number.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from hmac import compare_digest

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms import periods, permissions, tally
from lms.models import Activity, Participation, Region, User

from . import class_counting
from .models import (
    Attendance,
    ClassMember,
    ClassSession,
    ClassSignIn,
    LessonPage,
    LessonProgress,
    ProgrammePage,
    TrainingClass,
)

log = structlog.get_logger(__name__)
How = ClassSignIn.How
AT_ONCE = 500  # places that a round of the duty claims


class Refused(Exception):
    """The message says why, in the reader's language."""


def plan(
    *,
    title: str,
    by: User,
    starts_on: date,
    ends_on: date,
    region: Region | None = None,
    organisers: Iterable[dict[str, str]] = (),
    place: str = "",
    quota: int | None = None,
    campaigns: Iterable[str] = (),
    track: str = "",
    description: str = "",
    programme: ProgrammePage | None = None,
) -> TrainingClass:
    """A class and its activity, planned. Raises Refused when it ends before it begins."""
    check_days(starts_on, ends_on)
    with transaction.atomic():
        made = TrainingClass(programme=programme)
        made.activity = tally.activity(
            key=f"class:{made.uuid}",
            kind=Activity.Kind.CLASSROOM,
            title=title,
            starts_on=starts_on,
            ends_on=ends_on,
            organisers=organisers,
            region_code=region.code if region else "",
            campaigns=campaigns,
            track=track,
            status=Activity.Status.PLANNED,
            place=place,
            quota=quota,
            description=description,
            created_by=by,
        )
        made.save()
    log.info("class_planned", training_class=str(made.uuid), by=by.pk)
    return made


def add_session(
    training_class: TrainingClass, *, title: str, starts_at: datetime, minutes: int, lesson: LessonPage | None = None
) -> ClassSession:
    """A meeting within the days of the class. Raises Refused outside of them, and at the minute of another one."""
    with transaction.atomic():
        activity = locked(training_class)
        check_time(training_class.sessions.all(), activity, starts_at)
        made = ClassSession.objects.create(
            training_class=training_class,
            title=title,
            starts_at=starts_at,
            minutes=minutes,
            lesson=lesson.canonical() if lesson else None,
        )
        count_sessions(training_class)
    return made


def check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Refused(_("The class ends before it begins. Check the two days."))


def check_time(others: QuerySet[ClassSession], activity: Activity, starts_at: datetime) -> None:
    """Whether a meeting can begin then, beside the others of its class. Raises Refused."""
    day = timezone.localdate(starts_at)
    if not ((activity.starts_on or day) <= day <= (activity.ends_on or day)):
        raise Refused(_("The meeting lies outside the days of the class."))
    minute = starts_at.replace(second=0, microsecond=0)
    same = others.filter(starts_at__gte=minute, starts_at__lt=minute + timedelta(minutes=1)).first()
    if same:
        raise Refused(_("“%(title)s” begins at this minute already.") % {"title": same.title})


def count_sessions(training_class: TrainingClass) -> None:
    planned = training_class.sessions.count()
    Activity.objects.filter(pk=training_class.activity_id).update(planned_sessions=planned)


def cancel(training_class: TrainingClass) -> None:
    """Nobody has come yet. Raises Refused otherwise: what was held is not cancelled."""
    with transaction.atomic():
        row = Activity.objects.select_for_update().get(pk=training_class.activity_id)
        if ClassSignIn.objects.standing().filter(session__training_class=training_class).exists():
            raise Refused(_("Somebody has signed in already: this class has been held. If that is not so, take the "
                            "sign-ins back first."))  # fmt: skip
        row.status = Activity.Status.CANCELLED
        row.save(update_fields=["status"])


def visible(user: User) -> QuerySet[TrainingClass]:
    """Classes of the officer's own region with its counties, and those that the person made."""
    rows = TrainingClass.objects.select_related("activity", "activity__created_by")
    cities = permissions.visible_cities(user)
    if cities is None:
        return rows
    seen = Q(activity__created_by=user) | Q(activity__region_code__in=permissions.visible_counties(user))
    for code in cities:
        seen |= Q(activity__region_code__startswith=permissions.codes_within(code))
    return rows.filter(seen)


def enter(training_class: TrainingClass, people: Collection[tuple[str, str]]) -> int:
    """Give (name, clean mobile number) a place each; how many are new. Raises Refused when places do not suffice."""
    wanted = {mobile: name for name, mobile in people}
    with transaction.atomic():
        activity = locked(training_class)
        there = set(training_class.members.filter(mobile__in=wanted).values_list("mobile", flat=True))
        fresh = [mobile for mobile in wanted if mobile not in there]
        holders = holders_of(fresh)
        for row in training_class.members.filter(user__in=holders.values()).select_related("user"):
            if row.user and row.user.mobile:  # came to the door before proving the number, or has a new one
                row.mobile = row.user.mobile
                row.save(update_fields=["mobile"])
                fresh.remove(row.mobile)
        _refuse_beyond(activity, training_class, len(fresh))
        ClassMember.objects.bulk_create(
            [
                ClassMember(
                    training_class=training_class,
                    user=holders.get(mobile),
                    name=wanted[mobile],
                    mobile=mobile,
                    entered_at=timezone.now(),
                )
                for mobile in fresh
            ],
            batch_size=100,
        )
    return len(fresh)


def holders_of(mobiles: Collection[str]) -> dict[str, User]:
    """Who proved these numbers."""
    found = User.objects.filter(mobile__in=mobiles, mobile_verified=True, is_active=True)
    return {user.mobile: user for user in found if user.mobile}


def locked(training_class: TrainingClass) -> Activity:
    """Its activity, until the end of the transaction. Raises Refused when the class was cancelled."""
    activity = Activity.objects.select_for_update().get(pk=training_class.activity_id)
    if activity.status == Activity.Status.CANCELLED:
        raise Refused(_("This class was cancelled."))
    return activity


def _refuse_beyond(activity: Activity, training_class: TrainingClass, more: int) -> None:
    if activity.quota is not None and more and training_class.members.count() + more > activity.quota:
        raise Refused(_("The class has %(quota)d places, and they do not suffice.") % {"quota": activity.quota})


def come_in(session: ClassSession, *, user: User, secret: str, at: datetime | None = None) -> ClassSignIn:
    """Sign in at the door, also when the period is locked by now: who came is never lost.

    Raises Refused for a wrong address, outside the hours of the door, and without a place.
    """
    now = at or timezone.now()
    if not compare_digest(session.door_secret.encode(), secret.encode()):
        raise Refused(_("This is not the code at the door. Please scan it once more."))
    if now < session.starts_at - ClassSession.OPENS:
        raise Refused(_("The door opens an hour before the beginning."))
    if now > session.ends_at + ClassSession.CLOSES:
        raise Refused(_("The door is closed. Ask the organiser to add you by the roster."))
    with transaction.atomic():
        activity = locked(session.training_class)
        member = _place_of(session.training_class, activity, user)
        fresh = _signed(session, [member], how=How.DOOR, at=now, by=user)
        class_counting.count_now(session, fresh, correction=tally.LATE)
        return fresh[0] if fresh else session.sign_ins.standing().get(member=member)


def _place_of(training_class: TrainingClass, activity: Activity, user: User) -> ClassMember:
    """The place of the person; a walk-in takes one while there is one."""
    mobile = user.mobile if user.mobile_verified else None
    own = Q(user=user) | Q(mobile=mobile, user=None) if mobile else Q(user=user)
    member = training_class.members.filter(own).order_by(F("user_id").asc(nulls_last=True)).first()
    if member is None:
        _refuse_beyond(activity, training_class, 1)
        return ClassMember.objects.create(
            training_class=training_class, user=user, name=user.name, mobile=mobile or "", entered_at=timezone.now()
        )
    if member.user_id is None:
        member.user = user
        member.save(update_fields=["user"])
    return member


def sign_in(
    session: ClassSession, members: Collection[ClassMember], *, by: User, reason: str = ""
) -> list[ClassSignIn]:
    """Of the organiser's list, and into the book: see `note`."""
    with transaction.atomic():
        rows = note(session, members, by=by, reason=reason)
        class_counting.count_now(session, rows, correction=reason)
    return rows


def note(session: ClassSession, members: Collection[ClassMember], *, by: User, reason: str = "") -> list[ClassSignIn]:
    """Write down who of the organiser's list came; the book follows. Whoever has signed in already is not signed in
    again. Returns those who are new.

    Raises Refused before the beginning, and Locked when there are new ones in a locked period without a `reason`.
    """
    if not class_counting.has_begun(session):
        raise Refused(_("The meeting has not begun: nobody has come yet."))
    with transaction.atomic():
        locked(session.training_class)
        closed = periods.lock_over(session.starts_at)
        fresh = _signed(session, members, how=How.ROSTER, at=session.starts_at, by=by, reason=reason if closed else "")
        if closed and fresh and not reason:
            raise tally.Locked(closed)
    return fresh


def _signed(
    session: ClassSession, members: Collection[ClassMember], *, how: str, at: datetime, by: User, reason: str = ""
) -> list[ClassSignIn]:
    """Those who are new."""
    there = set(session.sign_ins.standing().values_list("member", flat=True))
    fresh = [
        ClassSignIn(session=session, member=member, how=how, at=at, by=by, reason=reason[:200])
        for member in members
        if member.pk not in there
    ]
    ClassSignIn.objects.bulk_create(fresh, batch_size=100)
    return fresh


def take_back(row: ClassSignIn, *, by: User, reason: str) -> ClassSignIn:
    """Somebody did not come after all: the fact is reversed, and the row stays. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why this sign-in is taken back."))
    with transaction.atomic():
        row = (
            ClassSignIn.objects.select_for_update(of=("self",)).select_related("session__training_class").get(pk=row.pk)
        )
        if row.taken_back_at:
            return row
        facts = Participation.objects.standing().filter(activity=row.session.training_class.activity_id)
        for fact in facts.filter(evidence=f"class-sign-in:{row.pk}"):
            tally.reverse(fact, author=by, reason=reason)
        # A lesson that is finished stays so; minutes of one that is not no longer speak for it.
        finished = LessonProgress.objects.exclude(completed_at=None).filter(lesson=row.session.lesson_id)
        Attendance.objects.filter(key=class_counting.fact_key(row)).exclude(
            enrolment__in=finished.values("enrolment")
        ).delete()
        row.taken_back_at, row.taken_back_by, row.reason = timezone.now(), by, reason.strip()[:200]
        row.save(update_fields=["taken_back_at", "taken_back_by", "reason"])
    return row


def claim_due() -> int:
    """The periodic duty: places of people who meanwhile proved their number become theirs, and what they attended is
    counted. In a locked period the row says why it comes late."""
    waiting = ClassMember.objects.filter(user=None).exclude(mobile="").order_by("pk")
    numbers = waiting.filter(
        mobile__in=User.objects.filter(mobile_verified=True, is_active=True).exclude(mobile=None).values("mobile")
    )
    counted = 0
    for member in numbers[:AT_ONCE]:
        holder = holders_of([member.mobile]).get(member.mobile)
        if holder:
            counted += _claim(member, holder)
    return counted


def _claim(member: ClassMember, holder: User) -> int:
    with transaction.atomic():
        places = ClassMember.objects.select_for_update(of=("self",)).filter(training_class=member.training_class_id)
        Activity.objects.select_for_update().get(training_class=member.training_class_id)
        row = places.filter(pk=member.pk, user=None).first()
        if row is None:
            return 0
        if own := places.filter(user=holder).first():
            row = _merged(row, own)
        row.user = holder
        row.save(update_fields=["user"])
        late = str(_("Registered after the class"))
        waiting = ClassSignIn.objects.uncounted().filter(class_counting.due(), member=row)
        rows = list(waiting.select_related("session", "member__user"))
        for came in rows:
            class_counting.count(came, holder, correction=came.reason or late)
    return len(rows)


def _merged(row: ClassMember, own: ClassMember) -> ClassMember:
    """Somebody with two places, such as by an old and a new number, keeps the own one with the sign-ins of both."""
    twice = row.sign_ins.standing().filter(session__in=own.sign_ins.standing().values("session"))
    ClassSignIn.objects.filter(pk__in=list(twice.values_list("pk", flat=True))).update(
        taken_back_at=timezone.now(), reason=str(_("Signed in already"))
    )
    row.sign_ins.update(member=own)
    mobile = row.mobile
    row.delete()
    own.mobile = mobile
    own.save(update_fields=["mobile"])
    return own
