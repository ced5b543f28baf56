"""What the learning part of the API takes and gives. Times of films are in whole milliseconds."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from time import time
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Field, Schema
from pydantic import AfterValidator, BaseModel

from courses.coverage import Coverage
from courses.enrolment import Refused
from courses.evidence import Evidence
from courses.progress import Beat, Receipt, Superseded
from courses.reports import CourseReport, LessonReport, Summary

SOCKET = "/ws/watch/"
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]  # of the film
BeatNumber = Annotated[int, Field(ge=1, le=10_000_000)]


def forwards(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A stretch that ends before it begins was never played, and says that the sender is not to be believed."""
    if any(end < start for start, end in stretches):
        raise ValueError("a stretch ends before it begins")
    return stretches


Stretches = Annotated[list[tuple[Milliseconds, Milliseconds]], Field(max_length=200), AfterValidator(forwards)]
Rate = Annotated[Decimal, Field(gt=0, le=16, decimal_places=2)]


class Problem(Schema):
    code: str
    message: str


class CoverageOut(Schema):
    """Times in milliseconds. `bars` and `now` are on a ground of 1000 units; `words` are for people."""

    intervals: list[list[int]]
    watched_ms: int
    needed_ms: int
    duration_ms: int
    position_ms: int
    complete: bool
    bars: list[dict[str, Any]]
    now: float
    words: dict[str, str]
    gaps: list[dict[str, Any]]

    @staticmethod
    def told(coverage: Coverage) -> dict[str, Any]:
        """As plain values: thousands of receipts a second leave over sockets, where nobody checks them again."""
        return {
            "intervals": coverage.seen,
            "watched_ms": coverage.watched_ms,
            "needed_ms": coverage.needed_ms,
            "duration_ms": coverage.duration_ms,
            "position_ms": coverage.position_ms,
            "complete": coverage.complete,
            "bars": coverage.bars,
            "now": coverage.now,
            "words": coverage.words,
            "gaps": coverage.gap_links,
        }


class BeatProblem(Problem):
    """`coverage` comes with `superseded`: what the other player found, with the last words of this one in it."""

    coverage: CoverageOut | None = None

    @staticmethod
    def told(refused: Refused) -> dict[str, Any]:
        told: dict[str, Any] = {"code": refused.code, "message": refused.message}
        if isinstance(refused, Superseded):
            told["coverage"] = CoverageOut.told(refused.receipt.coverage)
        return told


class RequirementOut(Schema):
    kind: str
    text: str
    have: float
    need: float
    done: bool

    @classmethod
    def all_of(cls, report: CourseReport | LessonReport) -> "list[RequirementOut]":
        return [
            cls(kind=asked.kind, text=asked.text, have=float(asked.have), need=float(asked.need), done=asked.done)
            for asked in report.verdict.requirements
        ]


class EnrolmentOut(Schema):
    uuid: UUID
    course: int
    title: str
    period: int
    started_at: datetime
    ended_at: datetime | None
    completed_at: datetime | None
    lessons: int
    lessons_done: int
    hours: Decimal
    hours_done: Decimal

    @classmethod
    def told(cls, summary: Summary) -> "EnrolmentOut":
        row = summary.enrolment
        return cls(
            uuid=row.uuid,
            course=row.course_id,
            title=summary.title,
            period=row.period,
            started_at=row.started_at,
            ended_at=row.ended_at,
            completed_at=row.completed_at,
            lessons=summary.lessons,
            lessons_done=summary.lessons_done,
            hours=summary.hours,
            hours_done=summary.hours_done,
        )


class SittingOut(Schema):
    opened_at: datetime
    last_beat_at: datetime
    closed: str
    beats: int
    claimed_ms: int
    credited_ms: int
    trimmed: int
    hidden: int


class PresenceOut(Schema):
    channel: str
    minutes: int
    intervals: list[list[int]]
    recorded_at: datetime


class AttemptOut(Schema):
    assessment: str
    number: int
    score: Decimal | None
    full_score: Decimal
    passed: bool | None
    submitted_at: datetime | None

    @staticmethod
    def resolve_assessment(obj):
        return getattr(obj.assessment, "shown_title", obj.assessment)  # asked again of what was told within a lesson


class DecisionOut(Schema):
    author: str
    reason: str
    made_at: datetime

    @staticmethod
    def resolve_author(obj):
        return str(obj.author)


class EvidenceOut(Schema):
    sittings: list[SittingOut]
    attendance: list[PresenceOut]
    attempts: list[AttemptOut]
    overrides: list[DecisionOut]


class LessonOut(Schema):
    lesson: int
    title: str
    completed_at: datetime | None
    hours: Decimal
    locked: bool
    requirements: list[RequirementOut]
    coverage: CoverageOut
    evidence: EvidenceOut

    @classmethod
    def told(cls, report: LessonReport, proof: Evidence) -> "LessonOut":
        return cls(
            lesson=report.lesson.pk,
            title=report.title,
            completed_at=report.progress.completed_at if report.progress else None,
            hours=report.lesson.credit_hours,
            locked=report.locked,
            requirements=RequirementOut.all_of(report),
            coverage=CoverageOut.told(report.coverage),
            evidence=EvidenceOut.from_orm(proof),
        )


class RecordOut(Schema):
    uuid: UUID
    course: int
    title: str
    period: int
    started_at: datetime
    ended_at: datetime | None
    completed_at: datetime | None
    requirements: list[RequirementOut]
    lessons: list[LessonOut]


class EnrolIn(Schema):
    course: int


class TrackOut(Schema):
    code: str
    label: str
    src: str


class AttentionQuestionOut(Schema):
    """Whether somebody is there: answer at /attention. `seconds` are left; `stopped`: time earns nothing now."""

    uuid: UUID
    seconds: int
    stopped: bool


class OpenIn(Schema):
    """`owner` is the account that the page was made for; somebody else may have signed in on the device since."""

    owner: UUID | None = None


class AttentionAnswerIn(Schema):
    prompt: UUID


class PlayerOut(Schema):
    """`src` is empty while the film cannot be served yet. `words` are what the page says about its record.

    `socket` is where beats may go instead of /beats; empty where there is none. `run` is the ladder of the film: a page
    that plays another one asks for its address anew.
    """

    token: str
    src: str
    run: str
    tracks: list[TrackOut]
    words: dict[str, str]
    resume_ms: int
    next_beat: int
    max_rate: float
    no_skip: bool
    pause_when_hidden: bool
    socket: str
    coverage: CoverageOut
    question: AttentionQuestionOut | None


class BeatTold(BaseModel):
    """What was played since the last acknowledged beat. Send the same sequence again until it is acknowledged."""

    sequence: BeatNumber
    intervals: Stretches
    rate: Rate = Decimal(1)
    visible: bool = True
    position: Milliseconds = 0

    def beat(self) -> Beat:
        return Beat(self.sequence, self.intervals, self.rate, self.visible, self.position)


class BeatIn(BeatTold):
    token: Annotated[str, Field(max_length=300)]


@lru_cache(2)
def _clock(minute: int) -> str:
    """That minute since 1970 by the school's clock, put into words once for all receipts of it."""
    return f"{timezone.localtime(datetime.fromtimestamp(minute * 60, UTC)):%H:%M}"


class ReceiptOut(Schema):
    """`recorded_at` is the clock of the school, as people read it."""

    sequence: int
    recorded_at: str
    credited_ms: int
    verdict: str
    complete: bool
    next_beat: int
    coverage: CoverageOut
    question: AttentionQuestionOut | None = None

    @staticmethod
    def told(receipt: Receipt) -> dict[str, Any]:
        return {
            "sequence": receipt.sequence,
            "recorded_at": _clock(int(time() // 60)),
            "credited_ms": receipt.credited_ms,
            "verdict": receipt.verdict,
            "complete": receipt.coverage.complete,
            "next_beat": receipt.next_beat,
            "coverage": CoverageOut.told(receipt.coverage),
            "question": vars(receipt.question) if receipt.question else None,
        }
