"""签到: the trainer asks who is there. A button for each page, a code to type for those who share a big screen.

What a page sends back is signed for the person, the page and this one prompt. An answer after the time is kept and
not counted. Who could not answer is excused: came later, or the line was down, the school's or their own.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from courses.intervals import clip, length, union
from lms.models import User

from .attendance import Person
from .models import Broadcast, Deed, RollCall, RollCallAnswer
from .stays import milliseconds
from .timeline import Timeline

SECONDS, JITTER = 120, 20
SALT = "live.rollcall"
DIGITS = 4
TRIES, TRIES_IN = 5, 60  # codes that a person may try in so many seconds
INTERRUPTED = 10_000  # ms of the time to answer in which the school sent no picture

How = RollCallAnswer.How


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Prompt:
    """What a page needs to ask: the moment is spread over `jitter` seconds by the page itself."""

    uuid: str
    title: str
    opened_at: datetime
    closes_at: datetime
    jitter: int

    def as_json(self) -> dict[str, Any]:
        times = {"opened_at": milliseconds(self.opened_at), "closes_at": milliseconds(self.closes_at)}
        return {"uuid": self.uuid, "title": self.title, "jitter": self.jitter, **times}


def ask(broadcast: Broadcast, *, by: User, role: str = "", title: str = "", seconds: int = SECONDS) -> RollCall:
    """Begin a sign-in. Raises Refused unless the broadcast is on air, or while another one is open."""
    now = timezone.now()
    with transaction.atomic():
        row = Broadcast.objects.select_for_update(of=("self",)).get(pk=broadcast.pk)
        if row.state != Broadcast.State.LIVE:
            raise Refused(_("A sign-in can be started while the broadcast is on air."))
        if current(row, at=now):
            raise Refused(_("A sign-in is still open. Wait for its end, or take it back."))
        made = RollCall.objects.create(
            broadcast=row,
            title=title.strip()[:60],
            code="".join(secrets.choice("0123456789") for _digit in range(DIGITS)),
            opened_at=now,
            seconds=max(30, min(seconds, 600)),
            jitter=JITTER,
            made_by=by,
        )
        _tell(row, by, role, "sign_in", made.title)
    return made


def recall(roll_call: RollCall, *, by: User, role: str = "") -> None:
    """Take it back: it counts for nobody. Doing so twice is doing it once."""
    with transaction.atomic():
        if RollCall.objects.filter(pk=roll_call.pk, recalled_at=None).update(recalled_at=timezone.now()):
            _tell(roll_call.broadcast, by, role, "sign_in_recall", roll_call.title)


def _tell(broadcast: Broadcast, by: User, role: str, verb: str, detail: str) -> None:
    """Into the log of the room; and the pages of all processes hear that something changed."""
    Deed.objects.create(broadcast=broadcast, actor=by, role=role, verb=verb, detail=detail, at=timezone.now())
    Broadcast.objects.filter(pk=broadcast.pk).update(version=F("version") + 1)


def standing(broadcast: Broadcast) -> QuerySet[RollCall]:
    return RollCall.objects.filter(broadcast=broadcast, recalled_at=None)


def closes(roll_call: RollCall) -> datetime:
    """Everybody has `seconds`, also who was asked last."""
    return roll_call.opened_at + timedelta(seconds=roll_call.seconds + roll_call.jitter)


def current(broadcast: Broadcast, *, at: datetime | None = None) -> RollCall | None:
    """The one that is open now."""
    now = at or timezone.now()
    last = standing(broadcast).order_by("pk").last()
    return last if last and last.opened_at <= now <= closes(last) else None


def prompt(roll_call: RollCall) -> Prompt:
    at = closes(roll_call)
    return Prompt(str(roll_call.uuid), roll_call.title, roll_call.opened_at, at, roll_call.jitter)


def nonce(roll_call_uuid: str, user_id: int, session: str) -> str:
    """For this person, this page and this prompt. Costs no query."""
    return _sign(roll_call_uuid, user_id, session)


def _sign(*named: object) -> str:
    return signing.Signer(salt=SALT).signature(":".join(map(str, named)))


def answer(roll_call_uuid: str, user: User, *, session: str, nonce: str) -> RollCallAnswer:
    """Raises Refused for a nonce that was made for somebody or something else."""
    if not constant_time_compare(_sign(roll_call_uuid, user.pk, session), nonce):
        raise Refused(_("This sign-in was not meant for this page. Please open the room again."))
    found = RollCall.objects.filter(uuid=roll_call_uuid).first()
    if found is None:
        raise Refused(_("There is no such sign-in."))
    return _answer(found, user, How.BUTTON)


def answer_code(broadcast: Broadcast, user: User, code: str) -> RollCallAnswer:
    """By the code that is shown on the big screen. Raises Refused for a wrong one, and for too many tries."""
    if _tries(f"live-sign-in:{broadcast.pk}:{user.pk}") > TRIES:
        raise Refused(_("Too many codes. Wait a minute and try again."))
    last = standing(broadcast).order_by("pk").last()
    if last is None or not secrets.compare_digest(last.code, code.strip().encode("ascii", "replace").decode()):
        raise Refused(_("This is not the code of the sign-in. Look at the screen again."))
    return _answer(last, user, How.CODE)


def _tries(tried: str) -> int:
    """How often within the time; while the shared cache is away, as far as this process knows: see lms.caching."""
    try:
        cache.add(tried, 0, TRIES_IN)
        return cache.incr(tried)
    except ValueError:  # its time ended between the two
        return 1


def _answer(roll_call: RollCall, user: User, how: str) -> RollCallAnswer:
    """The first answer stands. After the time it is kept and not counted."""
    if roll_call.recalled_at:
        raise Refused(_("This sign-in was taken back. There is nothing to do."))
    now = timezone.now()
    made, _created = RollCallAnswer.objects.get_or_create(
        roll_call=roll_call,
        user=user,
        defaults={"how": how, "answered_at": now, "late": now > closes(roll_call)},
    )
    return made


def in_time(given: RollCallAnswer) -> None:
    """Raises Refused, for who gave an answer that is kept and not counted."""
    if given.late:
        raise Refused(_("The time for this sign-in is over. Your answer is kept as late; it does not count by itself."))


def excused(roll_call: RollCall, person: Person, timeline: Timeline) -> bool:
    """Whether this person could not have answered: came after it, or the line was down, the school's or their own."""
    begin, end = milliseconds(roll_call.opened_at), milliseconds(closes(roll_call))
    if milliseconds(person.came_at) > begin:
        return True
    shown = timeline.at(end) - timeline.at(begin)
    if timeline.at(end) < timeline.length and end - begin - shown > INTERRUPTED:
        return True
    if length(clip(((low - begin, high - begin) for low, high in union(*person.pages)), end - begin)):
        return False
    return any(page and page[0][0] < begin and page[-1][1] > end for page in person.pages)  # the same page came back


def counted(calls: Sequence[RollCall], answered: set[int], person: Person, timeline: Timeline) -> int:
    """How many of the sign-ins this person met: answered in time, or was excused from."""
    return sum(call.pk in answered or excused(call, person, timeline) for call in calls)


def answers_in_time(broadcast: Broadcast, users: Sequence[int] | None = None) -> dict[int, set[int]]:
    """By person, the sign-ins that were answered in time, in one query."""
    rows = RollCallAnswer.objects.filter(roll_call__broadcast=broadcast, roll_call__recalled_at=None, late=False)
    if users is not None:
        rows = rows.filter(user__in=users)
    found: dict[int, set[int]] = {}
    for user_id, call_id in rows.exclude(how=How.EXCUSED).values_list("user_id", "roll_call_id"):
        found.setdefault(user_id, set()).add(call_id)
    return found
