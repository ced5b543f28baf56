"""Watching, and what of it counts. A player tells what it played; the server's clock decides how much it credits.

The verbs are here, the arithmetic of the clock is in `allowance`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User
from media.models import Video

from . import allowance, completion, enrolment, records
from .allowance import Beat
from .coverage import Coverage
from .enrolment import Refused
from .intervals import length
from .models import Attendance, Enrolment, LessonPage, LessonProgress, WatchBeat, WatchSession
from .requirements import Kind

NEXT_BEAT = 10  # seconds
SALT = "courses.watch"
Closed = WatchSession.Closed


class NotFound(Refused):
    """No such player of this person."""

    code = "not_found"
    text = _("This player is not known. Reload the page; what was recorded is kept.")


class Forged(Refused):
    code = "forged"
    text = _("This player is not yours. Sign in and open the lesson again.")


class Superseded(Refused):
    """`receipt` is what still counted, up to the moment when the other player opened."""

    code = "superseded"
    text = _("You are watching on another page or device. Continue there, or press play to continue here.")

    def __init__(self, receipt: "Receipt"):
        super().__init__()
        self.receipt = receipt


class Ended(Refused):
    code = "enrolment_ended"
    text = _("This enrolment has ended; its record is kept. Open the lesson again to continue.")


class LessonGone(Refused):
    code = "lesson_gone"
    text = _("This lesson has been taken down. What you watched is kept.")


class NotReady(Refused):
    code = "not_ready"
    text = _("The film of this lesson is not ready yet.")


class NothingToRead(Refused):
    code = "nothing_to_read"
    text = _("This lesson is not finished by reading. See what it asks.")


@dataclass(frozen=True)
class Receipt:
    sequence: int
    credited_ms: int
    verdict: str  # see WatchBeat.Verdict
    coverage: Coverage
    next_beat: int = NEXT_BEAT
    superseded: bool = False


def token(session: WatchSession) -> str:
    """What a page holds to speak for its player: bound to the player and to the person."""
    return signing.dumps([session.uuid.hex, session.user_id], salt=SALT, compress=False)


def read_token(given: str, user: User) -> UUID:
    """Raises Forged for a token that was not made here, or for somebody else."""
    try:
        uuid, user_id = signing.loads(given, salt=SALT)
    except signing.BadSignature as error:
        raise Forged from error
    if not user.is_authenticated or user.pk != user_id:
        raise Forged
    return UUID(uuid)


def open_player(user: User, lesson: LessonPage) -> WatchSession:
    """Open the person's one player on a lesson; any other that is open stops counting now.

    Raises LessonGone, NotEnrolled, Locked or NotReady.
    """
    lesson = lesson.canonical()
    if not lesson.live:
        raise LessonGone
    found = enrolment.require(user, lesson)
    video = lesson.video
    if video is None or not video.duration:
        raise NotReady
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two pages that open at once take turns
        held = completion.locked(found)
        now = timezone.now()
        user.watch_sessions.all().close(at=now, reason=Closed.SUPERSEDED)
        return WatchSession.objects.create(
            user=user,
            progress=_record(held, lesson, video),
            opened_at=now,
            last_beat_at=now,
            video=video,
            duration_ms=round(video.duration * 1000),
            rate_cap=held.course.max_rate,
            pause_when_hidden=held.course.pause_when_hidden,
        )


def _record(held: Enrolment, lesson: LessonPage, video: Video) -> LessonProgress:
    """The record that the player feeds. Another film in the lesson is another timeline: its own evidence counts."""
    progress, _created = LessonProgress.objects.get_or_create(enrolment=held, lesson=lesson)
    if progress.video_id == video.pk or progress.completed_at:
        return progress
    records.rebuild(progress, video=video, threshold=held.course.threshold)
    progress.save()
    return progress


def watch(*, user: User, session: UUID, beat: Beat, leaving: bool = False) -> Receipt:
    """Take a beat in and say, after the commit, what it was worth. The same sequence again is the same receipt.

    A claim beyond what the clock allows is trimmed, never refused. Raises NotFound, Ended, LessonGone, or Superseded
    when another player has been opened since: time up to that moment was still credited.
    """
    with transaction.atomic():
        receipt = _take(user, session, beat, leaving)
    if receipt.superseded:
        raise Superseded(receipt)
    return receipt


def leave(*, user: User, session: UUID, beat: Beat) -> Receipt:
    """The last beat of a page that closes. What it could not send may still follow; the clock stops here."""
    return watch(user=user, session=session, beat=beat, leaving=True)


def _take(user: User, session: UUID, beat: Beat, leaving: bool) -> Receipt:
    row, rule = _locked(user, session)
    progress, now = row.progress, timezone.now()
    if beat.sequence <= row.last_sequence:
        known = row.beats.filter(sequence=beat.sequence).first()
        if known:
            return _receipt(row, rule, known)
    made = _account(row, beat, now)
    just_covered = records.extend(progress, made.credited, threshold=rule.threshold, at=now)
    if records.same_film(progress, row.video_id, row.duration_ms):
        progress.position_ms = made.position_ms
    progress.save(update_fields=["coverage", "watched_ms", "covered_at", "position_ms", "updated_at"])
    made.save(force_insert=True)
    row.save(update_fields=["last_beat_at", "last_sequence", "balance_ms"])
    if leaving and row.closed_at is None:
        # By a condition of its own: a player opened on another course meanwhile may have closed this one.
        WatchSession.objects.filter(pk=row.pk).close(at=now, reason=Closed.LEFT)
        row.closed_at, row.closed = now, Closed.LEFT
    if just_covered:
        completion.settle(progress.enrolment, at=now)
        progress.refresh_from_db(fields=["completed_at"])
    return _receipt(row, rule, made)


@dataclass(frozen=True)
class _Rule:
    threshold: int
    hours: Decimal


def _locked(user: User, session: UUID) -> tuple[WatchSession, _Rule]:
    """The player with its record, under the lock of the enrolment: beats of one person follow one another."""
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True)
    held = rows.filter(lessons__sessions__uuid=session, lessons__sessions__user=user).first()
    if held is None:
        raise NotFound
    if held.ended_at:
        raise Ended
    row = (
        WatchSession.objects.select_related("progress")
        .annotate(
            published=F("progress__lesson__live"),
            hours=F("progress__lesson__credit_hours"),
            threshold=F("progress__enrolment__course__threshold"),
        )
        .get(uuid=session)
    )
    if not row.published:
        raise LessonGone
    row.progress.enrolment = held
    return row, _Rule(row.threshold, row.hours)


def _account(row: WatchSession, beat: Beat, now: datetime) -> WatchBeat:
    """Draw on the account. A record that was finished with another film takes in nothing of this one."""
    same = records.same_film(row.progress, row.video_id, row.duration_ms)
    drawn = allowance.draw(row, beat, covered=row.progress.coverage if same else None, now=now)
    return WatchBeat(
        session=row, sequence=beat.sequence, received_at=now, rate=beat.rate, visible=beat.visible, **vars(drawn)
    )


def _receipt(row: WatchSession, rule: _Rule, made: WatchBeat) -> Receipt:
    return Receipt(
        sequence=made.sequence,
        credited_ms=length(made.credited),
        verdict=str(made.verdict),
        coverage=_coverage(row, rule),
        superseded=row.closed == Closed.SUPERSEDED,
    )


def coverage_of(session: WatchSession) -> Coverage:
    """What is covered at the moment when a player opens."""
    record = session.progress
    return _coverage(session, _Rule(record.enrolment.course.threshold, record.lesson.credit_hours))


def _coverage(row: WatchSession, rule: _Rule) -> Coverage:
    return Coverage(
        duration_ms=row.duration_ms,
        threshold=rule.threshold,
        seen=row.progress.coverage,
        position_ms=row.progress.position_ms,
        complete=row.progress.completed_at is not None,
        hours=rule.hours,
    )


def finish_reading(user: User, lesson: LessonPage) -> Attendance:
    """Somebody says that they have read a lesson that asks for nothing else.

    Raises LessonGone, NotEnrolled, Locked or NothingToRead.
    """
    lesson = lesson.canonical()
    if not lesson.live:
        raise LessonGone
    found = enrolment.require(user, lesson)
    asked = completion.lesson_report(found, lesson).verdict.requirements
    if [requirement.kind for requirement in asked] != [Kind.READ]:
        raise NothingToRead
    return completion.attend(
        key=f"read:{found.uuid}:{lesson.translation_key}",
        enrolment=found,
        lesson=lesson,
        channel=Attendance.Channel.READING,
        recorded_by=user,
    )
