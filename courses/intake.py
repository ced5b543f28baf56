"""Taking beats in: of one learner or of a hundred, in one transaction, with the same result as one after another.

Everything that may change is read under the lock of the enrolments, in every transaction, so any number of processes
may write. The number of queries does not depend on the number of beats.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import PageLogEntry

from . import attention, completion, records
from .allowance import Beat
from .attention import Question
from .coverage import Coverage, needed
from .enrolment import Refused
from .intervals import Intervals, length
from .models import AttentionPrompt, Enrolment, LessonProgress, WatchBeat, WatchSession, batches

NEXT_BEAT = 10  # seconds
Closed = WatchSession.Closed


class NotFound(Refused):
    """No such player of this person."""

    code = "not_found"
    text = _("This player is not known. Reload the page; what was recorded is kept.")


class Ended(Refused):
    code = "enrolment_ended"
    text = _("This enrolment has ended; its record is kept. Open the lesson again to continue.")


class LessonGone(Refused):
    """What was played up to the moment when it was taken down was still credited."""

    code = "lesson_gone"
    text = _("This lesson has been taken down. What you watched is kept.")


class FilmReplaced(Refused):
    """The player plays a film whose file has been replaced by one of another length; its evidence is history."""

    code = "film_replaced"
    text = _(
        "The film of this lesson has been replaced by a newer one. Press play to watch that one; what you watched of "
        "the old one is kept as history."
    )


@dataclass(slots=True)
class Asked:
    """A beat, who sends it, and for which player."""

    user_id: int
    session: UUID
    beat: Beat
    leaving: bool = False


@dataclass(slots=True)
class Receipt:
    sequence: int
    credited_ms: int
    verdict: str  # see WatchBeat.Verdict
    coverage: Coverage
    next_beat: int = NEXT_BEAT
    superseded: bool = False
    question: Question | None = None  # whether somebody is there


@dataclass(slots=True)
class Record:
    """The sums of a LessonProgress, and what is asked of its lesson now."""

    pk: int
    enrolment_id: int
    video_id: int | None
    ladder: UUID | None
    duration_ms: int
    coverage: Intervals
    watched_ms: int
    position_ms: int
    covered_at: datetime | None
    completed_at: datetime | None
    ended_at: datetime | None  # of the enrolment
    published: bool
    hours: Decimal
    threshold: int


@dataclass(slots=True)
class Player:
    """A WatchSession with its account of time. Opened twice on one lesson, both feed the same record."""

    record: Record
    pk: int
    uuid: UUID
    user_id: int
    video_id: int
    ladder: UUID | None
    duration_ms: int
    rate_cap: Decimal
    pause_when_hidden: bool
    closed_at: datetime | None
    closed: str
    last_beat_at: datetime
    last_sequence: int
    balance_ms: int
    attention_minutes: int
    attention_seconds: int
    attention_left_ms: int
    replaced: bool = False  # by a film on another timeline


PLAYER = list(Player.__slots__)[1:-1]
RECORD = [
    *("progress__" + name for name in list(Record.__slots__)[:10]),
    "progress__enrolment__ended_at",
    "progress__lesson__live",
    "progress__lesson__credit_hours",
    "progress__enrolment__course__threshold",
]
FILM = ["video__run", "video__duration"]
MOVED = ["duration_ms", "last_beat_at", "last_sequence", "balance_ms", "attention_left_ms"]
SUMS = ["duration_ms", "coverage", "watched_ms", "covered_at", "position_ms", "updated_at"]
PROOF = ["session", "sequence", "received_at", "claimed", "credited", "rate", "visible", "position_ms", "verdict"]


def take(asked: Sequence[Asked]) -> list[Receipt | Refused]:
    """What became of each, in the same order, once all of it is committed. An error of the database undoes all."""
    with transaction.atomic():
        players = _locked({each.session for each in asked})
        _stop_at_taking_down(players.values())
        prompts = attention.pending(each.pk for each in players.values() if each.attention_minutes)
        batch = Batch(players, prompts, timezone.now())
        batch.recall(asked)
        for each in asked:
            batch.enter(each)
        batch.write()
        batch.settle()
    return batch.outcomes


def _locked(sessions: Iterable[UUID]) -> dict[UUID, Player]:
    """The players with their records, under the locks of their enrolments: beats of one person follow one another."""
    wanted = list(sessions)
    if connection.features.has_select_for_update:  # otherwise the transaction as a whole is the lock
        rows = Enrolment.objects.select_for_update(of=("self",), no_key=True)
        list(rows.filter(lessons__sessions__uuid__in=wanted).order_by("pk").values_list("pk"))
    found: dict[UUID, Player] = {}
    held: dict[int, Record] = {}
    for row in WatchSession.objects.filter(uuid__in=wanted).values_list(*PLAYER, *FILM, *RECORD):
        record = Record(*row[len(PLAYER) + len(FILM) :])
        player = Player(held.setdefault(record.pk, record), *row[: len(PLAYER)])
        _measure(player, *row[len(PLAYER) : len(PLAYER) + len(FILM)])
        found[player.uuid] = player
    return found


def _measure(player: Player, run: UUID | None, seconds: float | None) -> None:
    """A film that was still being made when the player opened may have turned out longer or shorter than expected. One
    that was replaced since is another timeline when its length is another."""
    if run is None or not seconds:
        return
    film = round(seconds * 1000)
    if player.ladder != run:
        player.replaced = abs(player.duration_ms - film) > records.SAME_FILM
        return
    player.duration_ms = film
    if player.record.ladder == run and player.record.completed_at is None:
        player.record.duration_ms = player.duration_ms


def _stop_at_taking_down(players: Iterable[Player]) -> None:
    """The clock of a player whose lesson was taken down stopped at that moment, as if the player had closed then."""
    stopped = [player for player in players if not player.record.published]
    if not stopped:
        return
    entries = PageLogEntry.objects.filter(
        action__startswith="wagtail.unpublish", page__lessonpage__progress__in={each.record.pk for each in stopped}
    )
    moments = dict(entries.values_list("page__lessonpage__progress").annotate(Max("timestamp")))
    for player in stopped:
        moment = moments.get(player.record.pk, player.last_beat_at)
        player.closed_at = min(moment, player.closed_at or moment)


@dataclass
class Batch:
    players: dict[UUID, Player]
    prompts: dict[int, AttentionPrompt]  # by player, where one waits for its answer
    now: datetime
    outcomes: list[Receipt | Refused] = field(default_factory=list)
    whose: list[Record | None] = field(default_factory=list)  # beside the outcomes
    proof: dict[tuple[int, int], tuple[Intervals, str]] = field(default_factory=dict)  # by player and sequence
    made: list[tuple] = field(default_factory=list)  # rows of PROOF
    moved: dict[int, Player] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    covered: list[tuple[int, Record]] = field(default_factory=list)  # by which outcome

    def recall(self, asked: Sequence[Asked]) -> None:
        """What is asked again is answered as it was the first time."""
        known = [(self.players.get(each.session), each.beat.sequence) for each in asked]
        again = {(player.pk, sequence) for player, sequence in known if player and sequence <= player.last_sequence}
        if again:
            players, sequences = zip(*again, strict=True)
            rows = WatchBeat.objects.filter(session__in=players, sequence__in=sequences)
            for player, sequence, credited, verdict in rows.values_list("session", "sequence", "credited", "verdict"):
                self.proof[player, sequence] = credited, verdict

    def enter(self, asked: Asked) -> None:
        player = self.players.get(asked.session)
        self.whose.append(player.record if player else None)
        if player is None or player.user_id != asked.user_id:
            self.outcomes.append(NotFound())
        elif player.record.ended_at:
            self.outcomes.append(Ended())
        elif not player.record.published:
            self._receipt(player, asked)
            self.outcomes.append(LessonGone())
        elif player.replaced:
            self._receipt(player, asked)
            self.outcomes.append(FilmReplaced())
        else:
            self.outcomes.append(self._receipt(player, asked))

    def _receipt(self, player: Player, asked: Asked) -> Receipt:
        key = player.pk, asked.beat.sequence
        if key not in self.proof:
            self._account(player, asked)
        credited, verdict = self.proof[key]
        return Receipt(
            sequence=asked.beat.sequence,
            credited_ms=length(credited),
            verdict=verdict,
            coverage=_coverage(player),
            superseded=player.closed == Closed.SUPERSEDED,
            question=attention.question(self.prompts.get(player.pk), self.now),
        )

    def _account(self, player: Player, asked: Asked) -> None:
        """Draw on the account. A record that was finished with another film takes in nothing of this one."""
        record, beat = player.record, asked.beat
        same = records.same_film(record, player.video_id, player.duration_ms, player.ladder)
        prompt, covered = self.prompts.get(player.pk), record.coverage if same else None
        drawn = attention.draw(player, prompt, beat, covered=covered, now=self.now)
        if records.extend(record, drawn.credited, threshold=record.threshold, at=self.now):
            self.covered.append((len(self.outcomes), record))
        if same:
            record.position_ms = drawn.position_ms
        if asked.leaving and player.closed_at is None:
            self.left.add(player.pk)
            player.closed_at, player.closed = self.now, Closed.LEFT
        if prompt is None and player.attention_minutes:
            self._perhaps_ask(player, drawn.credited)
        self.moved[player.pk] = player
        self.proof[player.pk, beat.sequence] = drawn.credited, drawn.verdict
        told = (drawn.claimed, drawn.credited, beat.rate, beat.visible, drawn.position_ms, drawn.verdict)
        self.made.append((player.pk, beat.sequence, self.now, *told))

    def _perhaps_ask(self, player: Player, credited: Intervals) -> None:
        missing = needed(player.duration_ms, player.record.threshold) - player.record.watched_ms
        if attention.is_due(player, credited, missing=missing):
            self.prompts[player.pk] = attention.ask(player.pk, player, self.now)

    def write(self) -> None:
        players = self.moved.values()
        sums = {each.record.pk: each.record for each in players}.values()
        batches.insert(WatchBeat, PROOF, self.made)
        batches.update(
            LessonProgress,
            SUMS,
            [
                (each.duration_ms, each.coverage, each.watched_ms, each.covered_at, each.position_ms, self.now, each.pk)
                for each in sums
            ],
        )
        batches.update(
            WatchSession,
            MOVED,
            [
                (
                    each.duration_ms,
                    each.last_beat_at,
                    each.last_sequence,
                    each.balance_ms,
                    each.attention_left_ms,
                    each.pk,
                )
                for each in players
            ],
        )
        attention.keep(self.prompts.values())
        if self.left:
            # By a condition of its own: a player opened on another course meanwhile may have closed this one.
            WatchSession.objects.filter(pk__in=self.left).close(at=self.now, reason=Closed.LEFT)

    def settle(self) -> None:
        """Finish what has just been covered. The beat that did it says so, and those after it."""
        for place, record in self.covered:
            completion.settle(Enrolment(pk=record.enrolment_id), at=self.now)
            done = LessonProgress.objects.values_list("completed_at", flat=True).get(pk=record.pk)
            if done and not record.completed_at:
                self._finish(place, record, done)

    def _finish(self, place: int, record: Record, at: datetime) -> None:
        record.completed_at = at
        for later, outcome in enumerate(self.outcomes[place:], place):
            if isinstance(outcome, Receipt) and self.whose[later] is record:
                self.outcomes[later] = replace(outcome, coverage=replace(outcome.coverage, complete=True))


def _coverage(player: Player) -> Coverage:
    record = player.record
    return Coverage(
        duration_ms=records.timeline_ms(record, player.duration_ms),
        threshold=record.threshold,
        seen=record.coverage,
        position_ms=record.position_ms,
        complete=record.completed_at is not None,
        hours=record.hours,
    )
