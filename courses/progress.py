"""Watching, and what of it counts. A player tells what it played; the server's clock decides how much it credits.

The verbs are here, the arithmetic of the clock is in `allowance`, what is written in `intake`; `gathering` lets beats
share a transaction.
"""

from functools import partial
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User
from media.models import Video

from . import attention, completion, enrolment, gathering, intake, players, records
from .allowance import Beat
from .coverage import Coverage
from .enrolment import Refused
from .intake import NEXT_BEAT, Asked, Closed, Ended, FilmReplaced, LessonGone, NotFound, Receipt
from .models import Attendance, Enrolment, LessonPage, LessonProgress, WatchSession
from .requirements import Kind

__all__ = [
    "NEXT_BEAT",
    "Beat",
    "Ended",
    "FilmReplaced",
    "Forged",
    "LessonGone",
    "NotFound",
    "NotReady",
    "NothingToRead",
    "Receipt",
    "Superseded",
    "coverage_of",
    "finish_reading",
    "leave",
    "open_player",
    "read_token",
    "token",
    "watch",
    "watched",
]

SALT = "courses.watch"


class Forged(Refused):
    code = "forged"
    text = _("This player is not yours. Sign in and open the lesson again.")


class Superseded(Refused):
    """`receipt` is what still counted, up to the moment when the other player opened."""

    code = "superseded"
    text = _("You are watching on another page or device. Continue there, or press play to continue here.")

    def __init__(self, receipt: Receipt):
        super().__init__()
        self.receipt = receipt


class NotReady(Refused):
    code = "not_ready"
    text = _("The film of this lesson is not ready yet.")


class NothingToRead(Refused):
    code = "nothing_to_read"
    text = _("This lesson is not finished by reading. See what it asks.")


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
        opened = WatchSession.objects.create(
            user=user,
            progress=_record(held, lesson, video),
            opened_at=now,
            last_beat_at=now,
            video=video,
            ladder=video.run,
            duration_ms=round(video.duration * 1000),
            rate_cap=held.course.max_rate,
            pause_when_hidden=held.course.pause_when_hidden,
        )
        attention.begin(opened, course=held.course)
        transaction.on_commit(partial(players.superseded, user.pk, opened.uuid))
    return opened


def _record(held: Enrolment, lesson: LessonPage, video: Video) -> LessonProgress:
    """The record that the player feeds. Another film in the lesson is another timeline: its own evidence counts."""
    progress, _created = LessonProgress.objects.get_or_create(enrolment=held, lesson=lesson)
    film = round((video.duration or 0) * 1000)
    if progress.completed_at or (progress.video_id, progress.ladder, progress.duration_ms) == (
        video.pk,
        video.run,
        film,
    ):
        return progress
    if video.run:  # players that were open before the ladder was whole knew the length that was expected
        progress.sessions.filter(ladder=video.run).update(duration_ms=film)
    records.rebuild(progress, video=video, threshold=held.course.threshold)
    progress.save()
    if progress.covered_at:  # the film turned out shorter than expected, and enough of it was watched before
        completion.settle(held)
        progress.refresh_from_db()
    return progress


def watch(*, user: User, session: UUID, beat: Beat, leaving: bool = False) -> Receipt:
    """Take a beat in and say, after the commit, what it was worth. The same sequence again is the same receipt.

    A claim beyond what the clock allows is trimmed, never refused. Raises NotFound, Ended, LessonGone, FilmReplaced, or
    Superseded when another player has been opened since: time up to that moment was still credited.
    """
    return _answer(intake.take([Asked(user.pk, session, beat, leaving)])[0])


async def watched(*, user: User, session: UUID, beat: Beat) -> Receipt:
    """The same as `watch` for a caller that can wait: beats that come meanwhile share one transaction.

    Raises gathering.Unwritten, too, when the database does not take it; sent again later, it is the same beat.
    """
    return _answer(await gathering.here().add(Asked(user.pk, session, beat)))


def leave(*, user: User, session: UUID, beat: Beat) -> Receipt:
    """The last beat of a page that closes. What it could not send may still follow; the clock stops here."""
    return watch(user=user, session=session, beat=beat, leaving=True)


def _answer(outcome: Receipt | Refused) -> Receipt:
    if isinstance(outcome, Refused):
        raise outcome
    if outcome.superseded:
        raise Superseded(outcome)
    return outcome


def coverage_of(session: WatchSession) -> Coverage:
    """What is covered at the moment when a player opens."""
    record = session.progress
    return Coverage(
        duration_ms=records.timeline_ms(record, session.duration_ms),
        threshold=record.enrolment.course.threshold,
        seen=record.coverage,
        position_ms=record.position_ms,
        complete=record.completed_at is not None,
        hours=record.lesson.credit_hours,
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
