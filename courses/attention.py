"""Whether somebody is there. Asked at moments nobody can foresee; without an answer time earns nothing.

A question is planned in credited milliseconds, so only watching brings it about, and reloading does not put it off. It
travels in every receipt until it is answered. From its deadline on the account of the player stands still: whether the
page showed the question makes no difference. Who answers late goes on from that moment.

A deadline that passes in silence is another matter: without a network nobody can answer. What a silent player would
have earned is held, and given to it when the question is answered within the same time from its first word on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User

from . import allowance, completion
from .allowance import CARRY_MS, MILLISECOND, OFFLINE_MS, Beat, Drawn, Verdict
from .enrolment import Refused
from .intervals import Intervals, length
from .models import AttentionPrompt, CoursePage, WatchSession

SILENCE = timedelta(seconds=30)  # two beats missed and part of a third
LEAST = timedelta(seconds=60)  # to answer, from the moment when the question was first shown
chance = SystemRandom()


class Unknown(Refused):
    """No such question to this person."""

    code = "not_found"
    text = _("This question is not open any more. Reload the page; what was recorded is kept.")


class Account(allowance.Account, Protocol):
    attention_minutes: int
    attention_seconds: int
    attention_left_ms: int


@dataclass(frozen=True)
class Question:
    """What a page shows. `seconds` are left to answer; `stopped` says that time earns nothing now."""

    uuid: UUID
    seconds: int
    stopped: bool


def question(prompt: AttentionPrompt | None, now: datetime) -> Question | None:
    if prompt is None or prompt.answered_at:
        return None
    left = -((now - prompt.due_at) // timedelta(seconds=1))
    return Question(prompt.uuid, max(0, left), now >= prompt.due_at)


def plan(minutes: int) -> int:
    """Milliseconds of film to be credited before the next question: two thirds to four thirds of the average."""
    return chance.randrange(minutes * 40_000, minutes * 80_000)


def begin(opened: WatchSession, *, course: CoursePage) -> None:
    """Take over what the player before it left: the time to the next question, and one that nobody answered.

    The question keeps the time that remains and what is held for its answer.
    """
    if not course.attention:
        return
    earlier = WatchSession.objects.filter(
        progress__enrolment=opened.progress.enrolment_id, attention_minutes__gt=0, opened_at__lte=opened.opened_at
    )
    before = earlier.exclude(pk=opened.pk).order_by("-opened_at", "-pk").first()
    opened.attention_minutes, opened.attention_seconds = course.attention_minutes, course.attention_seconds
    opened.attention_left_ms = before.attention_left_ms if before else plan(course.attention_minutes)
    opened.save(update_fields=["attention_minutes", "attention_seconds", "attention_left_ms"])
    owed = before.prompts.filter(answered_at=None).first() if before else None
    if before and owed:
        _carry(owed, before, opened)


def _carry(owed: AttentionPrompt, before: WatchSession, opened: WatchSession) -> None:
    """Ask again in the new player, until the same moment. Who may not have seen it yet has LEAST from now on, once."""
    unseen = not owed.carried and not _was_shown(owed, before)
    AttentionPrompt.objects.create(
        session=opened,
        issued_at=opened.opened_at,
        due_at=max(owed.due_at, opened.opened_at + LEAST) if unseen else owed.due_at,
        carried=True,
        respite=owed.respite,
        held_ms=owed.held_ms,
    )
    owed.held_ms = 0  # or an answer on the old page would release it a second time
    owed.save(update_fields=["held_ms"])


def _was_shown(owed: AttentionPrompt, player: WatchSession) -> bool:
    """A page says its next word after it heard the answer to the one before; only its last one waits for nothing."""
    beats = player.beats.all()
    asked_with = beats.filter(received_at__lte=owed.issued_at).aggregate(last=Max("sequence"))["last"] or 0
    return beats.filter(sequence=asked_with + 1).exclude(received_at=F("session__closed_at")).exists()


def asked(session: WatchSession) -> Question | None:
    """What a page that opens this player shows at once."""
    if not session.attention_minutes:
        return None
    return question(session.prompts.filter(answered_at=None).first(), timezone.now())


def pending(players: Iterable[int]) -> dict[int, AttentionPrompt]:
    """By the primary key of the player, the question that waits for its answer. No players, no query."""
    wanted = list(players)
    rows = AttentionPrompt.objects.filter(session__in=wanted, answered_at=None) if wanted else []
    return {row.session_id: row for row in rows}


def keep(prompts: Iterable[AttentionPrompt]) -> None:
    """Write down what was asked now, and what became of a deadline that passed in silence."""
    known = list(prompts)
    AttentionPrompt.objects.bulk_create([prompt for prompt in known if prompt.pk is None])
    changed = [prompt for prompt in known if prompt.pk and prompt.respite]
    if changed:
        AttentionPrompt.objects.bulk_update(changed, ["due_at", "respite", "held_ms"])


def draw(
    account: Account, prompt: AttentionPrompt | None, beat: Beat, *, covered: Intervals | None, now: datetime
) -> Drawn:
    """As `allowance.draw`, but time ends at the deadline of a question that nobody answered."""
    stop = allowance.until(account, now)
    if prompt is None or stop <= prompt.due_at:
        return allowance.draw(account, beat, covered=covered, now=now)
    due = max(prompt.due_at, account.last_beat_at)
    forgiven = _silent(account, prompt, stop)
    saved = account.balance_ms
    account.balance_ms = min(saved, CARRY_MS) if account.last_beat_at < prompt.due_at else 0
    saved -= account.balance_ms
    drawn = allowance.draw(account, beat, covered=covered, now=due)
    left, account.balance_ms, account.last_beat_at = account.balance_ms, 0, stop
    if forgiven:
        late = int((stop - due) // MILLISECOND * account.rate_cap)
        prompt.held_ms = min(int(OFFLINE_MS * account.rate_cap), saved + left + late)
        prompt.due_at = stop + timedelta(seconds=account.attention_seconds)
        prompt.respite = True
    elif drawn.verdict == Verdict.TRIMMED:
        return Drawn(drawn.claimed, drawn.credited, Verdict.ABSENT.value, drawn.position_ms)
    return drawn


def _silent(account: Account, prompt: AttentionPrompt, stop: datetime) -> bool:
    """The deadline passed while nothing was heard. Once for each question."""
    return account.last_beat_at < prompt.due_at and stop - account.last_beat_at > SILENCE and not prompt.respite


def is_due(account: Account, credited: Intervals, *, missing: int) -> bool:
    """Count down by what was just credited, and say whether to ask now.

    Not a player that plays nothing or is closed, not when the film ends before the time to answer does. Nor when as
    much as is `missing` (milliseconds) to be enough can be watched within that time: the lesson would be finished with
    the question open.
    """
    account.attention_left_ms = max(0, account.attention_left_ms - length(credited))
    if account.attention_left_ms or not credited or account.closed_at:
        return False
    time = account.attention_seconds * 1000
    return missing > time * account.rate_cap and account.duration_ms - credited[-1][1] >= time


def ask(session: int, account: Account, now: datetime) -> AttentionPrompt:
    """The question to the player of that primary key, unsaved."""
    return AttentionPrompt(session_id=session, issued_at=now, due_at=now + timedelta(seconds=account.attention_seconds))


def answer(*, user: User, prompt: UUID) -> None:
    """Somebody says that they are there. A second time changes nothing. Raises Unknown."""
    with transaction.atomic():
        rows = AttentionPrompt.objects.filter(uuid=prompt, session__user=user)
        found = rows.select_related("session__progress__enrolment").first()
        if found is None:
            raise Unknown
        completion.locked(found.session.progress.enrolment)
        found = rows.select_related("session").get()  # as it is under the lock
        if found.answered_at is None:
            _take_answer(found.session, found, timezone.now())


def _take_answer(session: WatchSession, prompt: AttentionPrompt, now: datetime) -> None:
    stop = allowance.until(session, now)
    if stop <= prompt.due_at:
        most = int(OFFLINE_MS * session.rate_cap)
        session.balance_ms = min(most, session.balance_ms + prompt.held_ms)
    elif not _silent(session, prompt, stop):
        _go_on(session, prompt, stop)
    session.attention_left_ms = plan(session.attention_minutes)
    session.save(update_fields=["balance_ms", "last_beat_at", "attention_left_ms"])
    prompt.answered_at = now
    prompt.save(update_fields=["answered_at"])


def _go_on(session: WatchSession, prompt: AttentionPrompt, stop: datetime) -> None:
    """Late: what lies between the deadline and the answer earned nothing."""
    missed = session.last_beat_at >= prompt.due_at
    earned = 0 if missed else int((prompt.due_at - session.last_beat_at) // MILLISECOND * session.rate_cap)
    session.balance_ms = 0 if missed else min(session.balance_ms, CARRY_MS) + earned
    session.last_beat_at = stop
