"""The sums of a lesson record, kept up beat by beat and made again from the evidence at any time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol
from uuid import UUID

from media.models import Video

from . import coverage
from .intervals import Intervals, length, union
from .models import Attendance, LessonProgress, WatchBeat

SAME_FILM = 1_000  # ms: a film replaced by one of this length, more or less, is the same film exported again


class Sums(Protocol):
    """A LessonProgress, or as much of one as beats change."""

    video_id: int | None
    ladder: UUID | None
    duration_ms: int
    coverage: Intervals
    watched_ms: int
    covered_at: datetime | None
    completed_at: datetime | None


def same_film(progress: Sums, video_id: int | None, duration_ms: int, ladder: UUID | None) -> bool:
    """Whether milliseconds of that film are milliseconds of the one on record.

    A film may get another file: of another length, it is another timeline. One ladder is one timeline, whatever length
    was expected of it while it was being made.
    """
    if progress.video_id is None:
        return True
    if ladder and progress.video_id == video_id and progress.ladder == ladder:
        return True
    if not (progress.duration_ms and duration_ms):  # one of them is not known yet
        return progress.video_id == video_id
    return abs(progress.duration_ms - duration_ms) <= SAME_FILM


def timeline_ms(progress: Sums | None, film_ms: int) -> int:
    """The length that a record is shown on: a finished lesson keeps that of the film by which it was finished."""
    return progress.duration_ms if progress and progress.completed_at and progress.duration_ms else film_ms


def lies_on(row: Attendance, video_id: int | None) -> bool:
    """Whether that presence is part of a lesson with this film. Of live minutes the film must be the recording."""
    return row.channel != Attendance.Channel.LIVE or video_id is None or row.video_id == video_id


def extend(progress: Sums, added: Intervals, *, threshold: int, at: datetime) -> bool:
    """Take more into the record, unsaved, and say whether this made it enough."""
    before = progress.watched_ms
    progress.coverage = union(progress.coverage, added)
    progress.watched_ms = length(progress.coverage)
    needed = coverage.needed(progress.duration_ms, threshold)
    if not 0 < needed <= progress.watched_ms:
        return False
    if before >= needed and progress.covered_at:
        return False
    progress.covered_at = at
    return True


def rebuild(progress: LessonProgress, *, video: Video | None, threshold: int) -> None:
    """Make the sums of a saved record, unsaved, from the evidence of this film. Does not touch a completion."""
    rows = Attendance.objects.filter(enrolment=progress.enrolment_id, lesson=progress.lesson_id)
    present = [row for row in rows if lies_on(row, video.pk if video else None)]
    film = round(video.duration * 1000) if video and video.duration else 0
    progress.video = video
    progress.ladder = video.run if video else None
    progress.duration_ms = film or max((row.duration_ms for row in present), default=0)
    progress.coverage, progress.watched_ms, progress.position_ms, progress.covered_at = [], 0, 0, None
    for at, added, position in sorted(_steps(progress, present), key=lambda step: step[0]):
        extend(progress, added, threshold=threshold, at=at)
        progress.position_ms = progress.position_ms if position is None else position


def _steps(progress: LessonProgress, present: list[Attendance]) -> Iterator[tuple[datetime, Intervals, int | None]]:
    """What was added to the record, when, and where the player then stood."""
    for row in present:
        yield row.recorded_at, row.intervals, None
    beats = WatchBeat.objects.filter(session__progress=progress).select_related("session").order_by("received_at", "pk")
    for beat in beats:
        if same_film(progress, beat.session.video_id, beat.session.duration_ms, beat.session.ladder):
            yield beat.received_at, beat.credited, beat.position_ms
