"""What an ended broadcast leaves behind: presence, in the book of record and in the courses of those who were there.

It waits until nobody can take the broadcast up again: half an hour after its end, or when its replay was made public.
Each person is one transaction, and having been written is a row; so it may break off and go on anywhere.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses import completion
from courses.intervals import Intervals, clip
from courses.models import Enrolment, LessonPage
from lms import tally
from lms.models import Activity, Participation, User

from . import attendance, rollcalls, states
from .models import Broadcast, Deed, Presence, RollCall
from .timeline import Timeline

log = structlog.get_logger(__name__)
State = Broadcast.State
OVER = [State.ENDED, State.PROCESSING, State.REPLAY, State.REPLAY_FAILED]
PIECE = 15.0  # seconds that the duty takes at a time
LAST_WORDS = timedelta(minutes=3)  # after the end, in which pages and processes still say who was there


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Rule:
    """What the broadcast asks, and what it gives."""

    broadcast: Broadcast
    activity: Activity
    lesson: LessonPage | None
    timeline: Timeline
    window: tuple[int, int]
    calls: list[RollCall]

    @property
    def on_air_ms(self) -> int:
        return self.window[1] - self.window[0]

    @property
    def sign_ins_needed(self) -> int:
        return min(self.broadcast.sign_ins_needed, len(self.calls))


def due() -> QuerySet[Broadcast]:
    now = timezone.now()
    sure = Q(ended_at__lte=now - states.REOPEN) | (~Q(reviewed_at=None) & Q(ended_at__lte=now - LAST_WORDS))
    return Broadcast.objects.filter(sure, state__in=OVER, settled_at=None).exclude(ended_at=None)


def settle_due() -> int:
    """The periodic duty. Says how many people it wrote down."""
    until = monotonic() + PIECE
    return sum(_settle_one(broadcast, until) for broadcast in due().order_by("ended_at"))


def _settle_one(broadcast: Broadcast, until: float) -> int:
    """One that cannot be settled keeps nobody else waiting; the next round tries it again."""
    try:
        return settle(broadcast, until=until)
    except Exception:
        log.exception("broadcast_unsettled", broadcast=str(broadcast.uuid))
        return 0


def settle(broadcast: Broadcast, *, until: float | None = None) -> int:
    """Write down everybody who is not written down yet, as far as the time allows. Says how many."""
    rule = _rule(broadcast)
    settled = set(Presence.objects.filter(broadcast=broadcast).values_list("user_id", flat=True))
    answered = rollcalls.answers_in_time(broadcast)
    waiting = [person for person in attendance.everybody(broadcast, rule.timeline) if person.user_id not in settled]
    studies = _studies(rule.lesson, [person.user_id for person in waiting])
    written = failed = 0
    for person in waiting:
        if until is not None and monotonic() > until:
            return written
        try:
            _settle_person(rule, person, answered.get(person.user_id, set()), studies.get(person.user_id))
            written += 1
        except Exception:
            failed += 1
            log.exception("presence_unsettled", broadcast=str(broadcast.uuid), person=person.user_id)
    if not failed:
        Broadcast.objects.filter(pk=broadcast.pk, settled_at=None).update(settled_at=timezone.now())
        log.info("broadcast_settled", broadcast=str(broadcast.uuid), people=len(settled) + written)
    return written


def _rule(broadcast: Broadcast) -> Rule:
    timeline = Timeline.of(broadcast)
    return Rule(
        broadcast=broadcast,
        activity=broadcast.activity or _activity(broadcast),
        lesson=taught(broadcast),
        timeline=timeline,
        window=attendance.window(broadcast, timeline),
        calls=list(rollcalls.standing(broadcast)),
    )


def taught(broadcast: Broadcast) -> LessonPage | None:
    """The lesson on whose timeline the broadcast lies. Beside another film it counts as minutes live, of its own."""
    lesson = broadcast.lesson.canonical() if broadcast.lesson else None
    return None if foreign_film(broadcast) else lesson


def foreign_film(broadcast: Broadcast) -> bool:
    """The lesson has a film that is not the recording of this broadcast."""
    film = broadcast.lesson.canonical().video if broadcast.lesson else None
    return film is not None and film != broadcast.film


def _activity(broadcast: Broadcast) -> Activity:
    """Of a broadcast that went on air without having been announced."""
    made = tally.activity(
        key=f"broadcast:{broadcast.uuid}",
        kind=Activity.Kind.BROADCAST,
        title=broadcast.title,
        starts_on=timezone.localdate(broadcast.starts_at),
        ends_on=timezone.localdate(broadcast.planned_end),
        organisers=broadcast.organisers,
        region_code=broadcast.region_code,
        campaigns=broadcast.campaigns,
    )
    Broadcast.objects.filter(pk=broadcast.pk).update(activity=made)
    return made


def _studies(lesson: LessonPage | None, users: Collection[int]) -> dict[int, Enrolment]:
    if lesson is None:
        return {}
    rows = Enrolment.objects.current().filter(course=lesson.course, user__in=users)
    return {row.user_id: row for row in rows}


def _settle_person(rule: Rule, person: attendance.Person, answered: set[int], study: Enrolment | None) -> None:
    present = person.within(rule.window)
    met = rollcalls.counted(rule.calls, answered, person, rule.timeline)
    proven = met >= rule.sign_ins_needed
    credited = proven and attendance.enough(rule.broadcast, person, rule.window)
    with transaction.atomic():
        made = Presence.objects.create(
            broadcast=rule.broadcast,
            user_id=person.user_id,
            intervals=person.intervals,
            present_ms=present,
            on_air_ms=rule.on_air_ms,
            came_at=person.came_at,
            left_at=person.seen_at,
            joins=min(person.joins, 32_767),
            sign_ins=met,
            credited=credited,
            settled_at=timezone.now(),
        )
        if credited:
            _record(rule.broadcast, rule.activity, rule.lesson, made)
        if study and rule.lesson and proven and person.intervals:
            _attend(rule, rule.lesson, study, person.intervals)


def _record(broadcast: Broadcast, activity: Activity, lesson: LessonPage | None, made: Presence) -> Participation:
    """The lesson's own key and hours, so that live and replay are credited once; else the minutes of presence."""
    minutes = lesson.credit_hours * tally.HOUR if lesson else round(Decimal(made.present_ms) / 60_000, 1)
    return tally.record(
        key=f"broadcast:{broadcast.uuid}:{made.user.ledger_key}",
        kind=Participation.Kind.LESSON,
        activity=activity,
        person=made.user,
        channel=Participation.Channel.LIVE,
        minutes=minutes,
        occurred_at=broadcast.ended_at or made.settled_at,
        evidence=f"broadcast:{broadcast.uuid}",
        unit=f"lesson:{lesson.translation_key}" if lesson else f"broadcast:{broadcast.uuid}",
        unit_title=lesson.title if lesson else broadcast.title,
        correction=tally.LATE,
    )


def _attend(rule: Rule, lesson: LessonPage, study: Enrolment, intervals: Intervals) -> None:
    """As the replay is now: whoever makes it public while this goes on waits for this person, or is seen here."""
    row = Broadcast.objects.select_for_update(of=("self",)).select_related("film").get(pk=rule.broadcast.pk)
    present, duration = on_film(row, rule.timeline, intervals)
    completion.attend(
        key=attendance_key(rule.broadcast, study),
        enrolment=study,
        lesson=_as_now(row, lesson) if row.reviewed_at else lesson,
        channel=Participation.Channel.LIVE,
        intervals=present,
        duration_ms=duration,
        video=row.film if row.reviewed_at else None,
    )


def _as_now(broadcast: Broadcast, lesson: LessonPage) -> LessonPage:
    """With the film that it has by now, which may be another than the recording."""
    return broadcast.lesson.canonical() if broadcast.lesson else lesson


def attendance_keys(broadcast: Broadcast) -> str:
    """How the keys of all of its attendance begin."""
    return f"broadcast:{broadcast.uuid}:"


def attendance_key(broadcast: Broadcast, study: Enrolment) -> str:
    return f"{attendance_keys(broadcast)}{study.uuid}"


def on_film(broadcast: Broadcast, timeline: Timeline, intervals: Intervals) -> tuple[Intervals, int]:
    """Presence as milliseconds of the film that is cut from the recording, and the length of that film."""
    low, high = broadcast.cut_from_ms, min(broadcast.cut_to_ms or timeline.length, timeline.length)
    return clip(([start - low, end - low] for start, end in intervals), high - low), high - low


def correct(presence: Presence, *, credited: bool, author: User, role: str, reason: str) -> None:
    """Decide otherwise than the rule did. The ledger gets a reversal or the fact anew; the room's log the reason."""
    if not reason.strip():
        raise Refused(_("Say why. The reason is kept with your name."))
    with transaction.atomic():
        row = Presence.objects.select_for_update(of=("self",)).select_related("broadcast", "user").get(pk=presence.pk)
        if row.credited == credited:
            return
        broadcast = row.broadcast
        lesson = taught(broadcast)
        written = _record(broadcast, broadcast.activity or _activity(broadcast), lesson, row)
        if not credited:
            tally.reverse(written, author=author, reason=reason)
        row.credited = credited
        row.save(update_fields=["credited"])
        Deed.objects.create(
            broadcast=broadcast,
            actor=author,
            role=role,
            verb="credit" if credited else "uncredit",
            person=row.user,
            detail=reason.strip()[:200],
            at=timezone.now(),
        )
