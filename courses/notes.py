"""Notes of learners: each at a moment of a lesson, for nobody's eyes but their own."""

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import enrolment
from .enrolment import Refused
from .models import LessonPage, Note
from .models.note import LONGEST

MOST = 500  # by one person in one lesson
LATEST_MS = 86_400_000  # no film is longer than a day


class NotFound(Refused):
    """No such note, or somebody else's."""

    code = "not_found"
    text = _("There is no such note of yours.")


class Empty(Refused):
    code = "note_empty"
    text = _("Write something first.")


class TooLong(Refused):
    code = "note_too_long"
    text = _("A note has at most %(most)d characters; this one has %(count)d. Nothing is lost: shorten it or split it.")


class TooMany(Refused):
    code = "too_many_notes"
    text = _("You have %(most)d notes in this lesson, and it takes no more. Delete one first.")


class LessonGone(Refused):
    code = "lesson_gone"
    text = _("This lesson has been taken down. Your notes are kept.")


def of_lesson(user: User, lesson: LessonPage) -> QuerySet[Note]:
    """The person's notes in a lesson, in whatever language it is read, in the order of the film."""
    if not user.is_authenticated:
        return Note.objects.none()
    return Note.objects.filter(user=user, lesson__translation_key=lesson.translation_key)


def one(user: User, uuid: UUID) -> Note:
    """Raises NotFound."""
    found = Note.objects.filter(user=user, uuid=uuid).select_related("lesson").first()
    if found is None:
        raise NotFound
    return found


def write(*, user: User, lesson: LessonPage, position_ms: int, text: str, uuid: UUID | None = None) -> Note:
    """A new note of somebody who may study the lesson. The same `uuid` again gives the note that is there.

    Raises Empty, TooLong, TooMany, LessonGone, NotFound for a `uuid` in use elsewhere, NotEnrolled or Locked.
    """
    lesson = lesson.canonical()
    if not lesson.live:
        raise LessonGone
    enrolment.require(user, lesson)
    text, uuid = _clean(text), uuid or uuid4()
    if of_lesson(user, lesson).count() >= MOST and not Note.objects.filter(user=user, uuid=uuid).exists():
        raise TooMany(most=MOST)
    try:
        with transaction.atomic():
            note, _made = Note.objects.get_or_create(
                uuid=uuid,
                user=user,
                lesson=lesson,
                defaults={"position_ms": max(0, min(position_ms, LATEST_MS)), "text": text},
            )
    except IntegrityError as taken:
        raise NotFound from taken
    return note


def revise(*, user: User, uuid: UUID, text: str) -> Note:
    """Other words at the same moment. Raises NotFound, Empty or TooLong."""
    note = one(user, uuid)
    note.text = _clean(text)
    note.save(update_fields=["text", "updated_at"])
    return note


def delete(*, user: User, uuid: UUID) -> Note:
    """What was deleted is returned, for who wants it back. Raises NotFound."""
    note = one(user, uuid)
    Note.objects.filter(pk=note.pk).delete()
    return note


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Empty
    if len(text) > LONGEST:
        raise TooLong(most=LONGEST, count=len(text))
    return text


def data(user: User) -> list[dict[str, Any]]:
    """All notes of a person in plain types, for the download of one's own data."""
    rows = Note.objects.filter(user=user).select_related("lesson").order_by("lesson__path", "position_ms", "pk")
    return [
        {
            "lesson": row.lesson.title,
            "seconds": row.position_ms // 1000,
            "text": row.text,
            "written_at": row.created_at,
            "changed_at": row.updated_at,
        }
        for row in rows
    ]
