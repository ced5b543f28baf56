"""Questions to the trainer: others want to hear the answer too, and what has been answered is marked."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lms.models import User

from . import frames, moderation, posting, rooms
from .models import Broadcast, Message, Vote
from .moderation import EVERYONE, Refused, afterwards


@transaction.atomic
def vote(broadcast: Broadcast, user: User, number: int) -> int:
    """How many want to hear the answer. Once is enough; the room is told at most once a second."""
    question = _question(broadcast, number)
    if question.status != Message.Status.SHOWN:
        raise Refused("unknown_message")
    if broadcast.state not in posting.TALKING:
        raise Refused("closed")
    _vote, new = Vote.objects.get_or_create(message=question, user=user, defaults={"at": timezone.now()})
    return _counted(question, 1 if new else 0)


@transaction.atomic
def take_back(broadcast: Broadcast, user: User, number: int) -> int:
    question = _question(broadcast, number)
    gone, _rows = Vote.objects.filter(message=question, user=user).delete()
    return _counted(question, -1 if gone else 0)


@transaction.atomic
def answered(broadcast: Broadcast, actor: User, number: int, *, done: bool = True) -> None:
    role = moderation.allowed(broadcast, actor, EVERYONE)
    question = _question(broadcast, number)
    if bool(question.answered_at) == done:
        return
    question.answered_at = timezone.now() if done else None
    question.save(update_fields=["answered_at"])
    moderation.note(broadcast, actor, role, "answered" if done else "unanswered", row=question)
    told = {"id": question.pk, "at": frames.moment(question.answered_at)}
    afterwards(rooms.announce, broadcast.pk, "answered", told)


def _question(broadcast: Broadcast, number: int) -> Message:
    """Locked. Raises Refused."""
    row = moderation.find(broadcast, number)
    if row.kind != Message.Kind.QUESTION:
        raise Refused("unknown_message")
    return row


def _counted(question: Message, change: int) -> int:
    if change:
        Message.objects.filter(pk=question.pk).update(votes=F("votes") + change)
        question.votes += change
        told = {"id": question.pk, "votes": question.votes}
        afterwards(rooms.replace, question.broadcast_id, f"votes {question.pk}", "votes", told)
    return question.votes
