"""What courses add to the download of one's own data: studies with their evidence, exams, programmes, requests.

Film times are milliseconds. Of an exam it holds what was chosen and scored, not the questions: those are the school's.
"""

from collections import defaultdict
from typing import Any

from lms.models import User

from . import sittings
from .models import (
    Appeal,
    Attempt,
    Attendance,
    ClassMember,
    Enrolment,
    Flag,
    LessonProgress,
    Override,
    ProgrammeEnrolment,
)

Told = dict[str, Any]


def studies(user: User) -> list[Told]:
    """Every period of every course, oldest first, each lesson with what its players reported and what counted."""
    rows = Enrolment.objects.filter(user=user).select_related("course").order_by("started_at", "pk")
    lessons, present = _lessons(user), _attendance(user)
    return [
        {
            "uuid": str(row.uuid),
            "course": row.course.title,
            "period": row.period,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "completed_at": row.completed_at,
            "lessons": lessons[row.pk],
            "attendance": present[row.pk],
        }
        for row in rows
    ]


def _lessons(user: User) -> dict[int, list[Told]]:
    found = defaultdict(list)
    rows = LessonProgress.objects.filter(enrolment__user=user).select_related("lesson").order_by("lesson__path")
    for row in rows:
        found[row.enrolment_id].append(
            {
                "lesson": row.lesson.title,
                "coverage": row.coverage,
                "watched_ms": row.watched_ms,
                "duration_ms": row.duration_ms,
                "position_ms": row.position_ms,
                "completed_at": row.completed_at,
                "hours": row.hours,
                "channel": row.channel,
                "players": [_player(told) for told in sittings.every(row)],
            }
        )
    return found


def _player(told: sittings.Told) -> Told:
    return {
        "number": told.number,
        "opened_at": told.row.opened_at,
        "last_heard_at": told.row.last_beat_at,
        "closed": told.row.closed,
        "beats": told.beats,
        "stretches": [
            {
                "what": each.kind,
                "from": each.start,
                "to": each.end,
                "heard_from": each.heard_from,
                "heard_until": each.heard_until,
            }
            for each in told.stretches
        ],
        "prompts": [{"asked_at": asked.issued_at, "answered_at": asked.answered_at} for asked in told.prompts],
    }


def _attendance(user: User) -> dict[int, list[Told]]:
    found = defaultdict(list)
    rows = Attendance.objects.filter(enrolment__user=user).select_related("lesson").order_by("recorded_at", "pk")
    for row in rows:
        found[row.enrolment_id].append(
            {
                "lesson": row.lesson.title,
                "channel": row.channel,
                "intervals": row.intervals,
                "minutes": row.minutes,
                "recorded_at": row.recorded_at,
            }
        )
    return found


def programmes(user: User) -> list[Told]:
    rows = ProgrammeEnrolment.objects.filter(user=user).select_related("programme").order_by("started_at", "pk")
    return [
        {
            "uuid": str(row.uuid),
            "programme": row.programme.title,
            "period": row.period,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
            "completed_at": row.completed_at,
            "hours": row.hours,
        }
        for row in rows
    ]


def attempts(user: User) -> list[Told]:
    rows = Attempt.objects.filter(user=user).select_related("assessment").prefetch_related("answers")
    return [
        {
            "uuid": str(row.uuid),
            "paper": row.assessment.title,
            "number": row.number,
            "started_at": row.started_at,
            "submitted_at": row.submitted_at,
            "timed_out": row.timed_out,
            "score": row.score,
            "full_score": row.full_score,
            "passed": row.passed,
            "answers": [
                {"position": each.position, "chosen": each.chosen, "answered_at": each.answered_at, "score": each.score}
                for each in row.answers.all()
            ],
        }
        for row in rows.order_by("started_at", "pk")
    ]


def decisions(user: User) -> list[Told]:
    """What somebody decided about the person's records, without saying who."""
    rows = Override.objects.filter(enrolment__user=user) | Override.objects.filter(programme_enrolment__user=user)
    return [
        {
            "course": row.enrolment.course.title if row.enrolment else None,
            "programme": row.programme_enrolment.programme.title if row.programme_enrolment else None,
            "lesson": row.lesson.title if row.lesson else None,
            "reason": row.reason,
            "made_at": row.made_at,
        }
        for row in rows.select_related(
            "enrolment__course", "programme_enrolment__programme", "lesson"
        ).order_by("made_at", "pk")
    ]  # fmt: skip


def flags(user: User) -> list[Told]:
    """What looked strange in the person's evidence, and what was thought of it, without saying by whom."""
    rows = Flag.objects.filter(enrolment__user=user).select_related("enrolment__course", "lesson")
    return [
        {
            "kind": row.kind,
            "course": row.enrolment.course.title,
            "lesson": row.lesson.title if row.lesson else None,
            "figures": row.figures,
            "seen_at": row.created_at,
            "state": row.state,
            "reviews": [
                {"state": each.state, "note": each.note, "made_at": each.made_at} for each in row.reviews.all()
            ],
        }
        for row in rows.prefetch_related("reviews").order_by("created_at", "pk")
    ]


def classes(user: User) -> list[Told]:
    """Places in classes on site, with every sign-in, also one that was taken back."""
    rows = ClassMember.objects.filter(user=user).select_related("training_class__activity")
    return [
        {
            "class": row.training_class.activity.title,
            "name": row.name,
            "mobile": row.mobile,
            "entered_at": row.entered_at,
            "sign_ins": [
                {
                    "meeting": each.session.title,
                    "at": each.at,
                    "how": each.how,
                    "counted_at": each.counted_at,
                    "taken_back_at": each.taken_back_at,
                    "reason": each.reason,
                }
                for each in row.sign_ins.select_related("session").order_by("at", "pk")
            ],
        }
        for row in rows.order_by("entered_at", "pk")
    ]


def requests(user: User) -> list[Told]:
    """Requests for missing credit, with their answers."""
    rows = Appeal.objects.filter(enrolment__user=user).select_related("lesson").order_by("filed_at", "pk")
    return [
        {
            "lesson": row.lesson.title,
            "text": row.text,
            "from": row.from_ms,
            "to": row.to_ms,
            "filed_at": row.filed_at,
            "state": row.state,
            "answer": row.answer,
            "closed_at": row.closed_at,
        }
        for row in rows
    ]
