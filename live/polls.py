"""Questions to the whole room. A ballot is one row; results are counted once a second while ballots come in."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import frames, moderation, posting, rooms
from .models import Ballot, Broadcast, Poll, Room
from .moderation import RESPONSIBLE, afterwards

MOST = 8  # options
KEYS = "abcdefgh"

REASONS: dict[str, str | Promise] = {
    "options": _("A poll has two to eight different answers."),
    "question": _("A poll needs a question of at most 120 characters, and answers of at most 60."),
    "closed": _("This poll is closed."),
    "choice": _("Choose one of the answers."),
}


class Refused(Exception):
    """`code` is for machines, `message` for the person, in the language of the moment."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code

    @property
    def message(self) -> str:
        return str(REASONS[self.code])


@transaction.atomic
def ask(broadcast: Broadcast, actor: User, question: str, options: Sequence[str], *, several: bool = False) -> Poll:
    """One that is still open is closed by it. Raises Refused, or moderation.Refused."""
    role = moderation.allowed(broadcast, actor, RESPONSIBLE)
    texts = [text.strip() for text in options if text.strip()]
    if not 2 <= len(set(texts)) <= MOST or len(set(texts)) != len(texts):
        raise Refused("options")
    if not 0 < len(question.strip()) <= 120 or max(map(len, texts)) > 60:
        raise Refused("question")
    for before in Poll.objects.select_for_update().filter(broadcast=broadcast, closed_at=None):
        _close(before)
    poll = Poll.objects.create(
        broadcast=broadcast,
        question=question.strip(),
        options=[{"key": key, "text": text} for key, text in zip(KEYS, texts, strict=False)],
        several=several,
        opened_at=timezone.now(),
        tally=dict.fromkeys(KEYS[: len(texts)], 0),
        made_by=actor,
    )
    moderation.note(broadcast, actor, role, "poll", detail=poll.question)
    _renew(broadcast)
    afterwards(rooms.announce, broadcast.pk, "poll", frames.poll(poll))
    return poll


@transaction.atomic
def close(broadcast: Broadcast, actor: User, number: int) -> None:
    role = moderation.allowed(broadcast, actor, RESPONSIBLE)
    poll = Poll.objects.select_for_update().filter(broadcast=broadcast, pk=number, closed_at=None).first()
    if poll is None:
        return
    _close(poll)
    moderation.note(broadcast, actor, role, "poll_close", detail=poll.question)
    _renew(broadcast)


def _close(poll: Poll) -> None:
    poll.closed_at = timezone.now()
    poll.tally = counted(poll)
    poll.save(update_fields=["closed_at", "tally"])
    afterwards(rooms.announce, poll.broadcast_id, "poll", frames.poll(poll))


def follow(broadcast: Broadcast, before: str) -> None:
    """With the broadcast ends what it asked: nobody is there to close it, and ballots are kept until it is closed."""
    if broadcast.state in posting.TALKING:
        return
    for poll in Poll.objects.select_for_update().filter(broadcast=broadcast, closed_at=None):
        _close(poll)
        _renew(broadcast)


def _renew(broadcast: Broadcast) -> None:
    """Other processes see it by the version of the room."""
    Room.objects.filter(broadcast=broadcast).update(version=F("version") + 1)


@transaction.atomic
def cast(broadcast: Broadcast, user: User, number: int, keys: Sequence[str]) -> None:
    """Another ballot of the same person replaces it. Raises Refused."""
    poll = Poll.objects.filter(broadcast=broadcast, pk=number).first()
    if poll is None or poll.closed_at or broadcast.state not in posting.TALKING:
        raise Refused("closed")
    chosen = sorted(set(keys))
    if not chosen or not {option["key"] for option in poll.options} >= set(chosen) or len(chosen) > 1 > poll.several:
        raise Refused("choice")
    Ballot.objects.update_or_create(poll=poll, user=user, defaults={"keys": chosen, "at": timezone.now()})
    afterwards(rooms.recount, broadcast.pk)


def counted(poll: Poll) -> dict[str, int]:
    """From the ballots, in one query whatever their number."""
    tally = Counter({option["key"]: 0 for option in poll.options})
    for keys, ballots in Ballot.objects.filter(poll=poll).values_list("keys").annotate(Count("pk")):
        for key in keys:
            tally[key] += ballots
    return dict(tally)


def results(broadcast_id: int) -> Poll | None:
    """The open poll with its tally brought up to date."""
    poll = Poll.objects.filter(broadcast=broadcast_id, closed_at=None).last()
    if poll is not None and poll.tally != (tally := counted(poll)):
        poll.tally = tally
        Poll.objects.filter(pk=poll.pk, closed_at=None).update(tally=tally)
    return poll
