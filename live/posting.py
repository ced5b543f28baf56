"""What becomes of messages: many are judged and kept in one transaction, those that are refused as well.

The order of the checks is that of what a person can do about it. Nothing here is remembered between two calls: a
second process, a restart, or another page of the same person makes no difference to what is allowed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import playlists, words
from .models import Broadcast, Message, Restriction, Room
from .models.room import LONGEST
from .words import WordList, has_link, normal, tidy

BURST = 3  # messages at once; then one in `slow_seconds`
SAME = timedelta(seconds=60)  # in which nobody says the same again
Status, Kind, State = Message.Status, Message.Kind, Broadcast.State
TALKING = [State.READY, State.LIVE, State.INTERRUPTED]

REASONS: dict[str, str | Promise] = {
    "closed": _("Talking is possible from the opening of the waiting room to the end of the broadcast."),
    "no_mobile": _("Verify your mobile number first: whoever speaks here is known to the school."),
    "banned": _("You have been removed from this room."),
    "muted": _("You have been muted for a while. You can still watch and read."),
    "off": _("Talking is switched off at the moment."),
    "questions_only": _("Only questions are taken at the moment. Send it as a question."),
    "empty": _("Write something first."),
    "too_long": _("A message has at most %(most)s characters; this one has %(length)s."),
    "too_fast": _("Slow mode: you can write again in %(wait)s s."),
    "duplicate": _("You have just said the same."),
    "link": _("Links cannot be sent here."),
    "word": _("This message contains a word that is not allowed here."),
    "unwritten": _("The school cannot keep messages at the moment. Please send it again."),
}


@dataclass(frozen=True)
class Asked:
    """Somebody wants to say this."""

    broadcast_id: int
    user_id: int
    key: UUID
    text: str
    at: datetime
    role: str = ""  # as live.permissions.role says
    question: bool = False
    address: str | None = None


@dataclass(frozen=True)
class Refused:
    """`code` for machines; `wait` in seconds where waiting helps; `until` of a restriction."""

    code: str
    wait: float | None = None
    until: datetime | None = None
    length: int = 0

    @property
    def message(self) -> str:
        seconds = max(1, round(self.wait + 0.5)) if self.wait is not None else 0
        return str(REASONS[self.code]) % {"most": LONGEST, "length": self.length, "wait": seconds}


Outcome = Message | Refused


@dataclass
class Facts:
    """What a batch needs to know, in as many queries whatever its size."""

    rooms: dict[int, Room]
    people: dict[int, User]
    restrictions: dict[tuple[int, int], Restriction]
    sent: dict[tuple[int, int, UUID], Message]
    recent: dict[tuple[int, int], list[Message]]
    words: WordList
    media: dict[int, int | None] = field(default_factory=dict)


def take(asked: Sequence[Asked]) -> list[Outcome]:
    """An outcome for each. Sent again with the same key it is the same message, and the same refusal."""
    with transaction.atomic():
        facts = _facts(asked)
        outcomes = [_judge(each, facts) for each in asked]
        Message.objects.bulk_create([row for row in _rows(outcomes) if row.pk is None])
    return [told for _row, told in outcomes]


Judged = tuple[Message, Outcome]


def _rows(outcomes: list[Judged]) -> list[Message]:
    return list({id(row): row for row, _told in outcomes}.values())


def _facts(asked: Sequence[Asked]) -> Facts:
    here, people = {each.broadcast_id for each in asked}, {each.user_id for each in asked}
    now = max(each.at for each in asked)
    rooms = {row.broadcast_id: row for row in Room.objects.filter(broadcast__in=here).select_related("broadcast")}
    slowest = max((room.slow_seconds for room in rooms.values()), default=0)
    window = max(SAME, timedelta(seconds=2 * BURST * slowest))
    theirs = Message.objects.filter(broadcast__in=here, author__in=people)
    sent = {
        (row.broadcast_id, row.author_id, row.key): row for row in theirs.filter(key__in=[each.key for each in asked])
    }
    recent = defaultdict(list)
    for row in theirs.filter(at__gte=now - window).order_by("at", "pk"):
        recent[row.broadcast_id, row.author_id].append(row)
    restrictions = {
        (row.broadcast_id, row.user_id): row
        for row in Restriction.objects.at(now).filter(broadcast__in=here, user__in=people).order_by("-kind", "pk")
    }
    known = User.objects.only("name", "mobile_verified", "is_active", "uuid").in_bulk(people)
    return Facts(rooms, known, restrictions, sent, recent, words.current())


def _judge(asked: Asked, facts: Facts) -> Judged:
    before = facts.sent.get((asked.broadcast_id, asked.user_id, asked.key))
    if before is not None:
        return before, _again(before)
    text = tidy(asked.text)
    room = facts.rooms[asked.broadcast_id]
    refused = _refusal(asked, text, room, facts)
    row = _row(asked, text, facts)
    if refused:
        row.status, row.reason = Status.REFUSED, refused.code
    else:
        refused = _look_through(row, room, facts)
    facts.sent[asked.broadcast_id, asked.user_id, asked.key] = row
    facts.recent.setdefault((asked.broadcast_id, asked.user_id), []).append(row)
    return row, refused or row


def _row(asked: Asked, text: str, facts: Facts) -> Message:
    if asked.broadcast_id not in facts.media:
        facts.media[asked.broadcast_id] = playlists.media_ms(facts.rooms[asked.broadcast_id].broadcast, asked.at)
    return Message(
        broadcast_id=asked.broadcast_id,
        author_id=asked.user_id,
        author_name=shown_name(facts.people[asked.user_id]),
        role=asked.role,
        key=asked.key,
        kind=Kind.QUESTION if asked.question else Kind.MESSAGE,
        text=text[:LONGEST],
        status=Status.SHOWN,
        at=asked.at,
        media_ms=facts.media[asked.broadcast_id],
        address=asked.address,
    )


def shown_name(user: User) -> str:
    """The name that stands beside a message; who has not given one is told apart by a part of the public number."""
    return user.name or f"#{user.uuid.hex[:6]}"


def _again(row: Message) -> Outcome:
    return Refused(row.reason) if row.status == Status.REFUSED else row


def _refusal(asked: Asked, text: str, room: Room, facts: Facts) -> Refused | None:
    person = facts.people[asked.user_id]
    if not person.mobile_verified or not person.is_active:
        return Refused("no_mobile")
    if room.broadcast.state not in TALKING:
        return Refused("closed")
    if not text:
        return Refused("empty")
    if len(text) > LONGEST:
        return Refused("too_long", length=len(text))
    if asked.role:
        return None
    return _restricted(asked, room, facts) or _paced(asked, text, room, facts)


def _restricted(asked: Asked, room: Room, facts: Facts) -> Refused | None:
    restriction = facts.restrictions.get((asked.broadcast_id, asked.user_id))
    if restriction:
        code = "banned" if restriction.kind == Restriction.Kind.BAN else "muted"
        return Refused(code, until=restriction.until)
    if room.mode == Room.Mode.OFF:
        return Refused("off")
    if room.mode == Room.Mode.QUESTIONS and not asked.question:
        return Refused("questions_only")
    return None


def _paced(asked: Asked, text: str, room: Room, facts: Facts) -> Refused | None:
    """Those refused only for their speed do not make the wait longer."""
    counted = [
        row for row in facts.recent.get((asked.broadcast_id, asked.user_id), ()) if row.reason not in {"too_fast"}
    ]
    if wait := wait_for([row.at for row in counted], asked.at, room.slow_seconds):
        return Refused("too_fast", wait=wait)
    same = normal(text)
    if any(row.at > asked.at - SAME and row.status != Status.REFUSED and normal(row.text) == same for row in counted):
        return Refused("duplicate")
    return None


def wait_for(before: Sequence[datetime], now: datetime, slow_seconds: int) -> float:
    """Seconds until the next message is due: a bucket of BURST that gets one more every `slow_seconds`."""
    step = timedelta(seconds=slow_seconds)
    full_at = before[0] if before else now  # when the bucket has been full again
    for at in before:
        full_at = max(full_at, at) + step
    return max(0.0, (full_at - now - step * (BURST - 1)).total_seconds())


def _look_through(row: Message, room: Room, facts: Facts) -> Refused | None:
    """Links and words, and who waits for a moderator. People who work in the room are not looked at."""
    if row.role:
        return None
    if not room.links_allowed and has_link(row.text):
        row.status, row.reason = Status.REFUSED, "link"
        return Refused("link")
    found = facts.words.look(row.text)
    if found and found.action == "block":
        row.status, row.reason = Status.REFUSED, "word"
        return Refused("word")
    if found and found.masked != row.text:
        row.shown_text = found.masked
    if found and found.action == "hold":
        row.status, row.reason = Status.HELD, f"word: {found.word}"
    elif room.checked_first:
        row.status, row.reason = Status.HELD, "checked_first"
    return None
