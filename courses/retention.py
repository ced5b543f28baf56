"""How far viewers of a film get, by each per cent of it: summed up now and then, read at once, without a name.

A film that was replaced by one of another length is another timeline: its sums are begun anew, from its own records.
People are counted from what is credited: whoever covered the middle of a per cent has seen it, once, in however many
enrolments. What was played again comes from the beats, each counted once, in the order in which they were written.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice, takewhile

import structlog
from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from lms.models import User
from media.models import Video

from .intervals import Intervals, length, union
from .models import CoursePage, LessonPage, LessonProgress, Retention, RetentionMark, WatchBeat
from .models.retention import BUCKETS
from .permissions import sees_all_retention
from .records import SAME_FILM

EVERY = timedelta(minutes=10)  # a film is looked at again
FILMS = 10  # at most in one round
BEATS = 20_000  # counted in one transaction
ROUNDS = 5  # of those in one go
SETTLED = timedelta(minutes=2)  # a younger beat may still have neighbours that are being written
CHUNK = 2_000  # records read at a time
log = structlog.get_logger(__name__)
Rows = Iterator[tuple[int, int, Intervals, datetime | None]]  # person, lesson, coverage, completed


@dataclass
class Sums:
    """Of one film, in one lesson or in all. `steps` holds where people come and go between per cents."""

    viewers: int = 0
    completed: int = 0
    steps: list[int] = field(default_factory=lambda: [0] * (BUCKETS + 1))
    shares: list[int] = field(default_factory=lambda: [0] * (BUCKETS + 1))  # people by per cent of the film

    def add(self, seen: Intervals, duration: int, *, completed: bool) -> None:
        if not seen:
            return
        self.viewers += 1
        self.completed += completed
        self.shares[min(BUCKETS, length(seen) * BUCKETS // duration)] += 1
        for start, end in seen:
            self.steps[_middle(start, duration)] += 1
            self.steps[_middle(end, duration)] -= 1

    @property
    def covered(self) -> list[int]:
        found, now = [], 0
        for step in self.steps[:BUCKETS]:
            now += step
            found.append(now)
        return found

    @property
    def median(self) -> int:
        """Per cent of the film that half of the viewers reached or passed."""
        left = self.viewers / 2
        for share, people in enumerate(self.shares):
            left -= people
            if left <= 0 and self.viewers:
                return share
        return 0


def _middle(at: int, duration: int) -> int:
    """The first per cent whose middle lies at or after that moment."""
    return max(0, min(BUCKETS, -(-(2 * at * BUCKETS - duration) // (2 * duration))))


def refresh_due() -> int:
    """The periodic duty: count what was played since, and the people of films that are due. Says how many films."""
    for _round in range(ROUNDS):
        if count_played() < BEATS:
            break
    return sum(islice(filter(None, map(_refreshed, _due()[: 10 * FILMS])), FILMS))


def _refreshed(video: Video) -> bool:
    """A film that cannot be counted does not stop the others."""
    try:
        refresh(video)
    except Exception:
        log.exception("retention_not_counted", video=video.pk)
        return False
    return True


def _due() -> QuerySet[Video]:
    """Films with records whose sums are missing or older than EVERY, the longest waiting first."""
    watched = LessonProgress.objects.exclude(video=None).values("video")
    counted = Retention.objects.filter(video=OuterRef("pk"), lesson=None).values("counted_at")
    films = Video.objects.filter(pk__in=watched, duration__gt=0).annotate(counted_at=Subquery(counted[:1]))
    due = films.filter(Q(counted_at=None) | Q(counted_at__lte=timezone.now() - EVERY))
    return due.order_by(F("counted_at").asc(nulls_first=True), "pk")


def refresh(video: Video) -> bool:
    """Count the people of a film anew; False when nothing has changed since the last time. Any number of records is
    read in chunks, and only sums stay in memory."""
    now = timezone.now()
    duration = round((video.duration or 0) * 1000)
    if not duration:
        return False
    known = Retention.objects.filter(video=video, lesson=None).first()
    if known and known.film_ms and abs(known.film_ms - duration) > SAME_FILM:
        Retention.objects.filter(video=video).delete()
        known = None
    rows = _records(video, duration)
    if known and known.counted_at:
        latest = rows.aggregate(at=Max("updated_at"))["at"]
        if latest is None or latest < known.counted_at:
            Retention.objects.filter(pk=known.pk).update(counted_at=now)
            return False
    values = rows.order_by("enrolment__user_id").values_list(
        "enrolment__user_id", "lesson_id", "coverage", "completed_at"
    )
    for lesson_id, sums in _summed(values.iterator(chunk_size=CHUNK), duration).items():
        Retention.objects.update_or_create(
            video=video,
            lesson_id=lesson_id,
            defaults={
                "viewers": sums.viewers,
                "completed": sums.completed,
                "median": sums.median,
                "covered": sums.covered,
                "film_ms": duration,
                "counted_at": now,
            },
        )
    return True


def _records(video: Video, duration: int) -> QuerySet[LessonProgress]:
    """Of the film that is there now, as `records.same_film` knows it."""
    same = Q(duration_ms=0) | Q(duration_ms__range=(duration - SAME_FILM, duration + SAME_FILM))
    if video.run:
        same |= Q(ladder=video.run)
    return LessonProgress.objects.filter(same, video=video, watched_ms__gt=0)


def _summed(rows: Rows, duration: int) -> dict[int | None, Sums]:
    """By lesson; None is the film wherever it is shown. Rows come person by person."""
    found: dict[int | None, Sums] = defaultdict(Sums)
    found[None] = Sums()
    for _person, own in groupby(rows, key=lambda row: row[0]):
        seen: dict[int | None, list[Intervals]] = defaultdict(list)
        done: set[int | None] = set()
        for _user, lesson_id, coverage, completed_at in own:
            for key in (lesson_id, None):
                seen[key].append(coverage)
                done |= {key} if completed_at else set()
        for key, parts in seen.items():
            whole = union(*parts) if len(parts) > 1 else parts[0]
            found[key].add(whole, duration, completed=key in done)
    return found


def count_played() -> int:
    """Take the next beats into what was played, in one transaction, and say how many. Two at once take turns."""
    with transaction.atomic():
        RetentionMark.objects.get_or_create(pk=1)
        mark = RetentionMark.objects.select_for_update().get(pk=1)
        settled = timezone.now() - SETTLED
        beats = WatchBeat.objects.filter(pk__gt=mark.beat).order_by("pk").values_list(
            "pk", "received_at", "session__video", "session__duration_ms", "session__ladder",
            "session__video__duration", "session__video__run", "session__progress__lesson", "claimed", "credited",
            "verdict",
        )[:BEATS]  # fmt: skip
        played: dict[tuple[int, int | None], list[int]] = defaultdict(lambda: [0] * BUCKETS)
        taken = 0
        for pk, _at, video, duration, ladder, film, run, lesson, claimed, credited, verdict in takewhile(
            lambda beat: beat[1] < settled, beats.iterator(chunk_size=CHUNK)
        ):
            mark.beat, taken = pk, taken + 1
            if film and abs(film * 1000 - duration) > SAME_FILM and (ladder is None or ladder != run):
                continue  # of a film that was replaced since
            believed = claimed if verdict == WatchBeat.Verdict.OK else credited
            for key in ((video, lesson), (video, None)):
                _spread(believed, duration, played[key])
        for (video_id, lesson_id), sums in played.items():
            _add(video_id, lesson_id, sums)
        mark.save()
    return taken


def _spread(pairs: Iterable[list[int]], duration: int, into: list[int]) -> None:
    """Milliseconds of these pairs, by per cent of the film."""
    for start, end in pairs:
        at = start
        while at < end:
            bucket = min(BUCKETS - 1, at * BUCKETS // duration)
            until = min(end, -(-(bucket + 1) * duration // BUCKETS)) if bucket < BUCKETS - 1 else end
            into[bucket] += until - at
            at = until


def _add(video: int, lesson: int | None, sums: list[int]) -> None:
    row, _made = Retention.objects.select_for_update().get_or_create(video_id=video, lesson_id=lesson)
    before = row.played_ms or [0] * BUCKETS
    row.played_ms = [old + new for old, new in zip(before, sums, strict=True)]
    row.save(update_fields=["played_ms"])


def readable(user: User) -> QuerySet[Retention]:
    """The sums that somebody may read: of films they brought and of lessons they teach; editors read all."""
    rows = Retention.objects.select_related("video", "lesson")
    if sees_all_retention(user):
        return rows
    taught = Q(video__created_by=user) | Q(lesson__owner=user)
    for path in CoursePage.objects.filter(trainers__trainer__account=user).values_list("path", flat=True).distinct():
        taught |= Q(lesson__path__startswith=path)
    return rows.filter(taught)


def of(user: User, *, video: Video | None = None, lesson: LessonPage | None = None) -> Retention | None:
    """The sums of a film wherever it is shown, or of a lesson's present film, as far as that person may read them."""
    if lesson is not None:
        lesson = lesson.canonical()
        video = lesson.video
    return readable(user).filter(video=video, lesson=lesson).first() if video else None
