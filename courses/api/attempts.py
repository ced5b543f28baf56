"""Papers of quizzes and exams: start, read, answer, hand in."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from courses import admission, exams
from courses.models import Answer, Assessment, Attempt, Enrolment, ProgrammeEnrolment

from .shapes import Problem

router = Router(tags=["papers"])

Refusals = {403: Problem, 404: Problem, 409: Problem}
Key = Annotated[str, Field(max_length=1)]


class PlaceIn(Schema):
    """Where the paper counts. Without either, the current enrolment that the assessment belongs to."""

    enrolment: UUID | None = None
    programme: UUID | None = None


class AnswerIn(Schema):
    """What is left out stays as it is; an empty choice clears the answer."""

    chosen: Annotated[list[Key], Field(max_length=26)] | None = None
    marked: bool | None = None
    age_ms: int = Field(default=0, ge=0, le=exams.OLDEST, description="how long ago it was chosen, if it had to wait")


class SavedOut(Schema):
    saved_at: datetime
    left_ms: int | None = Field(description="until the deadline, by the server's clock; null without one")


class OptionOut(Schema):
    key: str
    text: str


class QuestionOut(Schema):
    """`score`, `answer` and `explanation` stay null until the paper is handed in, the last two also if its editor
    does not show them."""

    position: int
    kind: str
    stem: str
    options: list[OptionOut]
    full_score: Decimal
    chosen: list[str]
    marked: bool
    score: Decimal | None = None
    answer: list[str] | None = None
    explanation: str | None = None

    @classmethod
    def told(cls, row: Answer, *, handed_in: bool, explained: bool) -> "QuestionOut":
        return cls(
            position=row.position,
            kind=row.version.question.kind,
            stem=row.version.stem,
            options=[OptionOut(key=option["key"], text=option["text"]) for option in row.shown_options],
            full_score=row.full_score,
            chosen=row.chosen,
            marked=row.marked,
            score=row.score if handed_in else None,
            answer=row.version.answer if handed_in and explained else None,
            explanation=row.version.explanation if handed_in and explained else None,
        )


class PaperOut(Schema):
    uuid: UUID
    assessment: UUID
    title: str
    number: int
    started_at: datetime
    deadline: datetime | None
    left_ms: int | None
    submitted_at: datetime | None
    timed_out: bool
    pass_score: Decimal
    full_score: Decimal
    score: Decimal | None
    passed: bool | None
    questions: list[QuestionOut]

    @classmethod
    def told(cls, attempt: Attempt) -> "PaperOut":
        assessment = attempt.assessment
        seen = {"handed_in": attempt.submitted_at is not None, "explained": assessment.show_explanations}
        return cls(
            uuid=attempt.uuid,
            assessment=assessment.uuid,
            title=assessment.shown_title,
            number=attempt.number,
            started_at=attempt.started_at,
            deadline=attempt.deadline,
            left_ms=_left_ms(attempt),
            submitted_at=attempt.submitted_at,
            timed_out=attempt.timed_out,
            pass_score=attempt.pass_score,
            full_score=attempt.full_score,
            score=attempt.score,
            passed=attempt.passed,
            questions=[QuestionOut.told(row, **seen) for row in exams.paper(attempt)],
        )


@router.post(
    "/assessments/{uuid}/attempts",
    response={200: PaperOut, **Refusals},
    summary="Start a paper, or go on with the one that is open",
)
def start(request, uuid: UUID, data: PlaceIn):
    assessment = get_object_or_404(Assessment, uuid=uuid)
    place = _place(request.user, assessment, data)
    attempt = exams.start(user=request.user, assessment=assessment, **admission.of(place))
    return PaperOut.told(attempt)


@router.get("/attempts/{uuid}", response={200: PaperOut, 404: Problem}, summary="My paper as it stands")
def read(request, uuid: UUID):
    return PaperOut.told(_mine(request, uuid))


@router.put(
    "/attempts/{uuid}/answers/{position}",
    response={200: SavedOut, 422: Problem, 410: Problem, **Refusals},
    summary="Save one answer; it is stored when this replies",
)
def answer(request, uuid: UUID, position: int, data: AnswerIn):
    attempt = _mine(request, uuid)
    saved_at = exams.answer(attempt=attempt, position=position, **data.model_dump())
    return SavedOut(saved_at=saved_at, left_ms=_left_ms(attempt))


@router.post("/attempts/{uuid}/submission", response={200: PaperOut, 404: Problem}, summary="Hand in and be marked")
def submit(request, uuid: UUID):
    exams.submit(_mine(request, uuid))
    return PaperOut.told(_mine(request, uuid))


def _mine(request, uuid: UUID) -> Attempt:
    try:
        return exams.find(user=request.user, uuid=uuid)
    except Attempt.DoesNotExist as missing:
        raise Http404 from missing


def _place(user, assessment: Assessment, data: PlaceIn):
    if data.enrolment:
        return get_object_or_404(Enrolment.objects.select_related("course"), user=user, uuid=data.enrolment)
    if data.programme:
        rows = ProgrammeEnrolment.objects.select_related("programme")
        return get_object_or_404(rows, user=user, uuid=data.programme)
    place = admission.place_of(user=user, assessment=assessment)
    if place is None:
        raise exams.Unrelated
    return place


def _left_ms(attempt: Attempt) -> int | None:
    left = exams.left(attempt)
    return None if left is None or attempt.submitted_at else round(left.total_seconds() * 1000)
