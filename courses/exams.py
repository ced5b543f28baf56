"""Sittings of quizzes and exams: start, answer, hand in, all by the server's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses import admission, completion, marking, questions
from courses.admission import (
    AlreadyPassed,
    Cooling,
    Ended,
    NoAttemptsLeft,
    NotYet,
    Place,
    Refused,
    Standing,
    Unrelated,
)
from courses.models import Answer, Assessment, Attempt, Enrolment, LessonPage, ProgrammeEnrolment, Question
from lms.models import User

GRACE = timedelta(seconds=5)  # how long after the deadline an answer may still be on its way
OLDEST = 366 * 86_400_000  # milliseconds that an answer may have waited on a device
CLOSE = timedelta(seconds=15)  # of two answers nearer than that the way here may have turned the order: the last counts

__all__ = [
    "GRACE",
    "AlreadyPassed",
    "AlreadySubmitted",
    "BadAnswer",
    "Cooling",
    "Ended",
    "Entry",
    "NoAttemptsLeft",
    "NotReady",
    "NotYet",
    "PeriodOver",
    "Refused",
    "Standing",
    "TooLate",
    "Unrelated",
    "answer",
    "close_expired",
    "find",
    "left",
    "paper",
    "save",
    "standing",
    "start",
    "submit",
]

log = structlog.get_logger(__name__)


class NotReady(Refused):
    code = "not_ready"
    text = _("This paper cannot be drawn at the moment. Nothing of yours is lost; please tell the school.")


class TooLate(Refused):
    code = "too_late"
    text = _("Time is over. The paper was handed in with the answers saved until then.")


class AlreadySubmitted(Refused):
    code = "already_submitted"
    text = _("This paper has been handed in and can no longer be changed.")


class PeriodOver(Refused):
    code = "enrolment_ended"
    text = _("This period of study has ended. The paper was handed in with the answers saved until then.")


class BadAnswer(Refused):
    code = "bad_answer"
    text = _("This answer does not fit the question. Reload the page; what was saved before is kept.")


@dataclass(frozen=True)
class Entry:
    """What came in for one question. None leaves that side as it is; an empty choice clears the answer.

    `age_ms` is how long ago it was chosen, by the device that kept it: what was chosen later elsewhere stays.
    """

    position: int
    chosen: list[str] | None = None
    marked: bool | None = None
    age_ms: int = 0


def standing(
    *,
    user: User,
    assessment: Assessment,
    enrolment: Enrolment | None = None,
    programme_enrolment: ProgrammeEnrolment | None = None,
    within: LessonPage | None = None,
) -> Standing:
    """Raises Unrelated if the assessment is not part of that course or programme, or the enrolment is another's.

    `within` is the lesson of that course that holds the quiz, for who has it at hand: it is not looked for then.
    """
    place = _place(user, assessment, enrolment or programme_enrolment, within)
    found = admission.standing(assessment, place)
    if found.open and (place.ended_at or _is_over(found.open, timezone.now())):
        submit(found.open)
        found = admission.standing(assessment, place)
    return found


def start(
    *,
    user: User,
    assessment: Assessment,
    enrolment: Enrolment | None = None,
    programme_enrolment: ProgrammeEnrolment | None = None,
) -> Attempt:
    """The open attempt if there is one, else a new one with its paper. Raises Refused, or a kind of it.

    The enrolment's row is locked meanwhile: two tabs that start at once get the same paper.
    """
    place = _place(user, assessment, enrolment or programme_enrolment)
    _close_overdue(Attempt.objects.filter(assessment=assessment, **admission.of(place)))
    with transaction.atomic():
        place = _held(place)
        now = admission.standing(assessment, place)
        if now.open:
            return now.open
        if now.hindrance:
            raise now.hindrance
        return _hand_out(assessment, place, number=now.next_number)


def find(*, user: User, uuid: UUID) -> Attempt:
    """The person's own attempt, closed if its time or the period of study is over. Raises Attempt.DoesNotExist."""
    mine = Attempt.objects.filter(user=user, uuid=uuid)
    _close_overdue(mine)
    return mine.select_related("assessment").get()


def paper(attempt: Attempt) -> list[Answer]:
    return list(attempt.answers.select_related("version__question"))


def left(attempt: Attempt) -> timedelta | None:
    """Time until the deadline, never below zero; None without a limit."""
    return max(timedelta(0), attempt.deadline - timezone.now()) if attempt.deadline else None


def answer(
    *, attempt: Attempt, position: int, chosen: list[str] | None = None, marked: bool | None = None, age_ms: int = 0
) -> datetime:
    """Save one answer and return when. See `Entry` and `save`."""
    return save(attempt=attempt, entries=[Entry(position, chosen, marked, age_ms)])


def save(*, attempt: Attempt, entries: Iterable[Entry]) -> datetime:
    """Save answers, all or none, and return when.

    Raises AlreadySubmitted, BadAnswer, TooLate, or PeriodOver. After the deadline and GRACE, or when the period of
    study has ended, the paper is handed in as it stands.
    """
    now = timezone.now()
    with transaction.atomic():
        held = _locked(attempt)
        if held.submitted_at:
            raise _closed_because(held)
        late = _is_over(held, now) or _ended_at(held) is not None
        if late:
            _close(held, now)
        else:
            _write(held, {entry.position: entry for entry in entries}, now)
    if late:
        raise _closed_because(held)
    return now


def submit(attempt: Attempt) -> Attempt:
    """Hand in and mark; a second time changes nothing."""
    with transaction.atomic():
        held = _locked(attempt)
        if held.submitted_at is None:
            _close(held, timezone.now())
    return held


def close_expired() -> int:
    """Hand in every paper whose time or period of study is over, and say how many.

    Raises ExceptionGroup with what failed, after all had their turn.
    """
    closed, failures = 0, []
    for attempt in _overdue(Attempt.objects.all()):
        try:
            submit(attempt)
            closed += 1
        except Exception as error:
            log.exception("paper not closed", attempt=attempt.pk)
            failures.append(error)
    if failures:
        raise ExceptionGroup("papers not closed", failures)
    return closed


def _place(user: User, assessment: Assessment, place: Place | None, within: LessonPage | None = None) -> Place:
    if place is None or place.user_id != user.pk or not admission.belongs(assessment, place, within):
        raise Unrelated
    return place


def _held(place: Place) -> Place:
    """The row as it stands now, locked: two that start at once do so one after the other."""
    if isinstance(place, Enrolment):
        return Enrolment.objects.select_for_update(no_key=True).get(pk=place.pk)
    return ProgrammeEnrolment.objects.select_for_update(no_key=True).get(pk=place.pk)


def _hand_out(assessment: Assessment, place: Place, *, number: int) -> Attempt:
    now = timezone.now()
    attempt = Attempt(assessment=assessment, user=place.user, number=number, started_at=now, **admission.of(place))
    try:
        drawn = questions.draw(assessment, seed=attempt.uuid.hex)
    except questions.TooFew as lack:
        log.error("paper cannot be drawn", assessment=assessment.pk, reason=str(lack))
        raise NotReady from lack
    full = sum(each.score for each in drawn)
    attempt.full_score = marking.points(full)
    attempt.pass_score = marking.pass_score(full, assessment.pass_percent)
    attempt.partial_credit = assessment.partial_credit
    if assessment.time_limit:
        attempt.deadline = now + timedelta(minutes=assessment.time_limit)
    attempt.save()
    Answer.objects.bulk_create(
        Answer(
            attempt=attempt,
            position=position,
            version=each.version,
            option_keys=each.option_keys,
            full_score=each.score,
        )
        for position, each in enumerate(drawn, start=1)
    )
    return attempt


def _locked(attempt: Attempt) -> Attempt:
    rows = Attempt.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("enrolment", "programme_enrolment").get(pk=attempt.pk)


def _ended_at(attempt: Attempt) -> datetime | None:
    place = attempt.enrolment or attempt.programme_enrolment
    return place.ended_at if place else None


def _closed_because(attempt: Attempt) -> Refused:
    ended = _ended_at(attempt)
    if ended and attempt.submitted_at and attempt.submitted_at >= ended:
        return PeriodOver()
    return TooLate() if attempt.timed_out else AlreadySubmitted()


def _is_over(attempt: Attempt, at: datetime) -> bool:
    return attempt.deadline is not None and at > attempt.deadline + GRACE


def _write(attempt: Attempt, entries: dict[int, Entry], now: datetime) -> None:
    rows = list(attempt.answers.filter(position__in=entries).select_related("version__question"))
    if len(rows) != len(entries):
        raise BadAnswer
    for row in rows:
        entry = entries[row.position]
        if entry.chosen is not None:
            chosen, given = _fitting(row, entry.chosen), now - timedelta(milliseconds=entry.age_ms)
            if row.answered_at is None or row.answered_at <= given + CLOSE:
                row.chosen, row.answered_at = chosen, given if chosen else None
        if entry.marked is not None:
            row.marked = entry.marked
    Answer.objects.bulk_update(rows, ["chosen", "answered_at", "marked"])


def _fitting(row: Answer, chosen: list[str]) -> list[str]:
    """The choice in a settled order, if this question can be answered so."""
    most = len(row.option_keys) if row.version.question.kind == Question.Kind.MULTIPLE else 1
    if len(chosen) > most or len(set(chosen)) != len(chosen) or not set(chosen) <= set(row.option_keys):
        raise BadAnswer
    return sorted(chosen)


def _overdue(attempts) -> list[Attempt]:
    return list(attempts.overdue(timezone.now() - GRACE).order_by("deadline"))


def _close_overdue(attempts) -> None:
    for each in _overdue(attempts):
        submit(each)


def _close(attempt: Attempt, now: datetime) -> None:
    """Mark and hand in the locked attempt; a pass counts at once, but never for a period that has ended."""
    rows, total = paper(attempt), Decimal(0)
    for row in rows:
        row.score = score = marking.score(
            right=row.version.answer, chosen=row.chosen, full=row.full_score, partial_credit=attempt.partial_credit
        )
        total += score
    Answer.objects.bulk_update(rows, ["score"])
    ended = _ended_at(attempt)
    moment = min(now, ended) if ended else now
    attempt.timed_out = attempt.deadline is not None and moment > attempt.deadline
    attempt.submitted_at = attempt.deadline if attempt.timed_out else moment
    attempt.score, attempt.passed = total, total >= attempt.pass_score
    attempt.save(update_fields=["timed_out", "submitted_at", "score", "passed"])
    if ended:
        return
    if attempt.passed and attempt.enrolment:
        completion.settle(attempt.enrolment)
    elif attempt.passed and attempt.programme_enrolment:
        completion.settle_programme(attempt.programme_enrolment)
