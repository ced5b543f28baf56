"""My notes in a lesson. Somebody else's are not there."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from courses import notes
from courses.models import LessonPage, Note

from .shapes import Milliseconds, Problem

router = Router(tags=["notes"])
Text = Annotated[str, Field(max_length=20_000)]  # the rule says more exactly how long, and in words


class NoteIn(Schema):
    """`uuid` may be chosen by the page: the same again is the same note."""

    text: Text
    position: Milliseconds = 0
    uuid: UUID | None = None


class Words(Schema):
    text: Text


class NoteOut(Schema):
    uuid: UUID
    position: int
    text: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def told(cls, note: Note) -> "NoteOut":
        return cls(
            uuid=note.uuid,
            position=note.position_ms,
            text=note.text,
            created_at=note.created_at,
            updated_at=note.updated_at,
        )


@router.get("/{lesson_id}/notes", response={200: list[NoteOut], 404: Problem}, summary="My notes in a lesson")
def my_notes(request, lesson_id: int):
    return [NoteOut.told(note) for note in notes.of_lesson(request.user, _lesson(lesson_id))]


@router.post(
    "/{lesson_id}/notes",
    response={200: NoteOut, 403: Problem, 404: Problem, 409: Problem, 410: Problem, 422: Problem},
    summary="Write a note at a moment",
)
def write(request, lesson_id: int, data: NoteIn):
    made = notes.write(
        user=request.user, lesson=_lesson(lesson_id), position_ms=data.position, text=data.text, uuid=data.uuid
    )
    return NoteOut.told(made)


@router.put(
    "/{lesson_id}/notes/{uuid}", response={200: NoteOut, 404: Problem, 422: Problem}, summary="Put it in other words"
)
def revise(request, lesson_id: int, uuid: UUID, data: Words):
    _mine(request, lesson_id, uuid)
    return NoteOut.told(notes.revise(user=request.user, uuid=uuid, text=data.text))


@router.delete("/{lesson_id}/notes/{uuid}", response={204: None, 404: Problem}, summary="Delete a note")
def delete(request, lesson_id: int, uuid: UUID):
    _mine(request, lesson_id, uuid)
    notes.delete(user=request.user, uuid=uuid)
    return Status(204, None)


def _lesson(lesson_id):
    return get_object_or_404(LessonPage, pk=lesson_id)


def _mine(request, lesson_id, uuid):
    if not notes.of_lesson(request.user, _lesson(lesson_id)).filter(uuid=uuid).exists():
        raise notes.NotFound
