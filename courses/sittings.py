"""One opened player as its learner reads it: which stretches were played, when the school heard, what each was worth.

Thousands of beats become a few stretches; a page holds a bounded number of players, so its cost does not grow.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import records
from .coverage import clock, spoken
from .intervals import Intervals, length, subtract, union
from .models import AttentionPrompt, LessonProgress, WatchBeat, WatchSession

PER_PAGE = 10  # players on a page
SHOWN = 60  # stretches of one player; who has more finds them in the download
JOIN = 1_500  # ms: beats that touch within this are one stretch of watching

CREDITED = "credited"
RECORDED = "recorded"
OTHER_FILM = "other_film"

WORDS: dict[str, str | Promise] = {
    CREDITED: _("Credited"),
    RECORDED: _("On record from another time"),
    OTHER_FILM: _("Played in another version of the film than the one on record"),
    WatchBeat.Verdict.TRIMMED: _("Not credited: more than could be played in the time that passed"),
    WatchBeat.Verdict.ABSENT: _("Not credited: the question whether you were there had no answer"),
    WatchBeat.Verdict.HIDDEN: _("Not credited: the page was hidden, which does not count in this course"),
}
CLOSED: dict[str, str | Promise] = {
    WatchSession.Closed.LEFT: _("You left the page."),
    WatchSession.Closed.SUPERSEDED: _("A player was opened on another page or device; from then on this one counted "
                                      "no more."),
    WatchSession.Closed.ENDED: _("This period of study ended."),
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Film played in one go, and what became of it. Film times in milliseconds."""

    kind: str  # CREDITED, RECORDED, OTHER_FILM or a verdict that credits nothing
    start: int
    end: int
    heard_from: datetime
    heard_until: datetime

    @property
    def counted(self) -> bool:
        return self.kind in (CREDITED, RECORDED)

    @property
    def words(self) -> str:
        return str(WORDS.get(self.kind) or _("Not credited: %s") % WatchBeat.Verdict(self.kind).label)

    @property
    def film(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"

    @property
    def length(self) -> str:
        return spoken(self.end - self.start)


@dataclass(frozen=True)
class Reason:
    """How much of what a player reported fell under one heading."""

    kind: str
    words: str
    time: str


@dataclass(frozen=True)
class Told:
    """A player that was open. `number` counts the lesson's players in this enrolment; no device is named."""

    row: WatchSession
    number: int
    beats: int
    stretches: tuple[Stretch, ...]
    prompts: tuple[AttentionPrompt, ...] = ()  # questions whether somebody is there

    @property
    def span(self) -> str:
        """09:00–09:40, or 09:00 when it was heard of within that minute only."""
        first, last = timezone.localtime(self.row.opened_at), timezone.localtime(self.row.last_beat_at)
        if last.date() != first.date():
            return f"{first:%H:%M}–{last:%m-%d %H:%M}"
        return f"{first:%H:%M}" if f"{first:%H:%M}" == f"{last:%H:%M}" else f"{first:%H:%M}–{last:%H:%M}"

    @property
    def shown(self) -> tuple[Stretch, ...]:
        return self.stretches[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.stretches) - SHOWN)

    @property
    def closed(self) -> str:
        return str(CLOSED.get(self.row.closed, ""))

    @property
    def credited(self) -> str:
        return spoken(sum(each.end - each.start for each in self.stretches if each.kind == CREDITED))

    @property
    def reasons(self) -> list[Reason]:
        """What was reported and not newly credited, by cause; an overlap counts once."""
        found = defaultdict(list)
        for each in self.stretches:
            found[each.kind].append([each.start, each.end])
        return [
            Reason(kind, _said(kind), spoken(length(union(pairs))))
            for kind, pairs in sorted(found.items())
            if kind != CREDITED
        ]


def _said(kind: str) -> str:
    moment = timezone.now()
    return Stretch(kind, 0, 0, moment, moment).words


@dataclass(frozen=True)
class Day:
    day: date
    sittings: tuple[Told, ...]


@dataclass(frozen=True)
class Sheet:
    """A page of players, by day, the newest first. `page_obj` is what the pagination shows."""

    page_obj: object
    days: tuple[Day, ...]
    count: int


def sheet(progress: LessonProgress | None, *, number: int | str | None = 1) -> Sheet:
    """Players of one lesson's record. Four queries, whatever the number of beats."""
    rows = WatchSession.objects.filter(progress=progress).order_by("-opened_at", "-pk")
    paginator = Paginator(rows, PER_PAGE)
    page = paginator.get_page(number)
    told = _told(progress, list(page), paginator.count - page.start_index() + 1) if progress else []
    days = groupby(told, key=lambda each: timezone.localdate(each.row.opened_at))
    return Sheet(page, tuple(Day(day, tuple(each)) for day, each in days), paginator.count)


def every(progress: LessonProgress) -> list[Told]:
    """All players of the record, newest first, for the download of one's own data."""
    rows = list(WatchSession.objects.filter(progress=progress).order_by("-opened_at", "-pk"))
    return _told(progress, rows, len(rows))


def _told(progress: LessonProgress, rows: Sequence[WatchSession], last: int) -> list[Told]:
    beats: dict[int, list[tuple]] = defaultdict(list)
    kept = WatchBeat.objects.filter(session__in=rows).order_by("received_at", "pk")
    for session_id, *beat in kept.values_list("session_id", "received_at", "claimed", "credited", "verdict"):
        beats[session_id].append(tuple(beat))
    prompts: dict[int, list[AttentionPrompt]] = defaultdict(list)
    for asked in AttentionPrompt.objects.filter(session__in=rows).order_by("issued_at", "pk"):
        prompts[asked.session_id].append(asked)
    return [
        Told(
            row=row,
            number=last - place,
            beats=len(beats[row.pk]),
            stretches=tuple(_stretches(progress, row, beats[row.pk])),
            prompts=tuple(prompts[row.pk]),
        )
        for place, row in enumerate(rows)
    ]


def _stretches(progress: LessonProgress, row: WatchSession, beats: Iterable[tuple]) -> list[Stretch]:
    """In the order in which the school heard of them; a run of beats that touch is one."""
    same = records.same_film(progress, row.video_id, row.duration_ms, row.ladder)
    on_record: Intervals = progress.coverage if same else []
    found: list[Stretch] = []
    for received_at, claimed, credited, verdict in beats:
        for kind, (start, end) in _pieces(claimed, credited, verdict, on_record):
            last = found[-1] if found else None
            if last and last.kind == kind and last.start <= start <= last.end + JOIN and end >= last.end:
                found[-1] = replace(last, end=end, heard_until=received_at)
            else:
                found.append(Stretch(kind, start, end, received_at, received_at))
    return found


def _pieces(
    claimed: Intervals, credited: Intervals, verdict: str, on_record: Intervals
) -> Iterator[tuple[str, list[int]]]:
    """A claim cut into what was credited, what is on record by now, and the rest with its cause; in film order."""
    rest = subtract(claimed, credited)
    missing = subtract(rest, on_record)
    cause = OTHER_FILM if verdict == WatchBeat.Verdict.OK else verdict
    cut = [(CREDITED, pair) for pair in credited]
    cut += [(RECORDED, pair) for pair in subtract(rest, missing)] + [(cause, pair) for pair in missing]
    yield from sorted(cut, key=lambda piece: piece[1])
