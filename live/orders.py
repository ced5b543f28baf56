"""What a page may ask of its room besides talking, by "do". See live.consumers for how it is answered.

everybody   vote, unvote {id}; ballot {poll, keys}; complain {id, reason?}
with a role delete, approve {id}; refuse {id, reason?}; mute {id, minutes, reason?}; ban {id, reason?}; lift {id};
            answered {id, done?}; dismiss {id}; poll {question, options, several?}; close_poll {poll};
            room {mode?, slow_seconds?, checked_first?, links_allowed?, overlay?, notice?}; stop, resume {reason}
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from lms.models import User

from . import inquiries, moderation, polls, rollcalls, states
from .models import Broadcast
from .words import tidy

Id = Annotated[int, Field(ge=1, lt=2**63)]
Line = Annotated[str, AfterValidator(tidy)]  # as a message of the chat: no control characters
Reason = Annotated[Line, Field(max_length=100)]
REFUSALS = (moderation.Refused, polls.Refused, rollcalls.Refused, states.Refused)


class Order(BaseModel):
    do: str
    ref: Annotated[str, Field(max_length=40)] = ""  # comes back with the answer


class About(Order):
    do: Literal["vote", "unvote", "approve", "lift", "dismiss"]
    id: Id


class Reasoned(Order):
    do: Literal["delete", "refuse", "ban", "complain"]
    id: Id
    reason: Reason = ""


class Mute(Order):
    do: Literal["mute"]
    id: Id
    minutes: int
    reason: Reason = ""


class Answered(Order):
    do: Literal["answered"]
    id: Id
    done: bool = True


class Ask(Order):
    do: Literal["poll"]
    question: Annotated[Line, Field(max_length=500)]
    options: Annotated[list[Line], Field(max_length=20)]
    several: bool = False


class ClosePoll(Order):
    do: Literal["close_poll"]
    poll: Id


class Cast(Order):
    do: Literal["ballot"]
    poll: Id
    keys: Annotated[list[Annotated[str, Field(max_length=1)]], Field(max_length=8)]


class Change(Order):
    do: Literal["room"]
    mode: Literal["open", "questions", "off"] | None = None
    slow_seconds: int | None = None
    checked_first: bool | None = None
    links_allowed: bool | None = None
    overlay: bool | None = None
    notice: Annotated[Line, Field(max_length=1000)] | None = None

    def wanted(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True, exclude={"do", "ref"})


class SignIn(Order):
    do: Literal["sign_in"]
    roll_call: UUID | None = None
    key: UUID | None = None  # of the page
    nonce: Annotated[str, Field(max_length=200)] = ""
    code: Annotated[str, Field(max_length=10)] = ""


class RollCall(Order):
    do: Literal["roll_call"]
    title: Annotated[Line, Field(max_length=60)] = ""
    seconds: int = rollcalls.SECONDS


class Recall(Order):
    do: Literal["recall"]
    roll_call: UUID


class Stop(Order):
    do: Literal["stop", "resume"]
    reason: Reason


ORDERS = About | Reasoned | Mute | Answered | Ask | ClosePoll | Cast | Change | SignIn | RollCall | Recall | Stop


def _sign_in(where: Broadcast, who: User, order: SignIn) -> None:
    if order.code:
        given = rollcalls.answer_code(where, who, order.code)
    else:
        given = rollcalls.answer(str(order.roll_call), who, session=str(order.key), nonce=order.nonce)
    rollcalls.in_time(given)


def _roll_call(where: Broadcast, who: User, order: RollCall) -> None:
    role = moderation.allowed(where, who, moderation.EVERYONE)
    rollcalls.ask(where, by=who, role=role, title=order.title, seconds=order.seconds)


def _recall(where: Broadcast, who: User, order: Recall) -> None:
    role = moderation.allowed(where, who, moderation.EVERYONE)
    for found in rollcalls.standing(where).filter(uuid=order.roll_call):
        rollcalls.recall(found, by=who, role=role)


DOING: dict[str, Callable[[Broadcast, User, Any], object]] = {
    "vote": lambda where, who, order: inquiries.vote(where, who, order.id),
    "unvote": lambda where, who, order: inquiries.take_back(where, who, order.id),
    "complain": lambda where, who, order: moderation.complain(where, who, order.id, reason=order.reason),
    "ballot": lambda where, who, order: polls.cast(where, who, order.poll, order.keys),
    "delete": lambda where, who, order: moderation.delete(where, who, order.id, reason=order.reason),
    "approve": lambda where, who, order: moderation.approve(where, who, order.id),
    "refuse": lambda where, who, order: moderation.refuse(where, who, order.id, reason=order.reason),
    "mute": lambda where, who, order: moderation.mute(where, who, order.id, order.minutes, reason=order.reason),
    "ban": lambda where, who, order: moderation.ban(where, who, order.id, reason=order.reason),
    "lift": lambda where, who, order: moderation.lift(where, who, order.id),
    "answered": lambda where, who, order: inquiries.answered(where, who, order.id, done=order.done),
    "dismiss": lambda where, who, order: moderation.dismiss(where, who, order.id),
    "poll": lambda where, who, order: polls.ask(where, who, order.question, order.options, several=order.several),
    "close_poll": lambda where, who, order: polls.close(where, who, order.poll),
    "room": lambda where, who, order: moderation.change(where, who, **order.wanted()),
    "sign_in": lambda where, who, order: _sign_in(where, who, order),
    "roll_call": lambda where, who, order: _roll_call(where, who, order),
    "recall": lambda where, who, order: _recall(where, who, order),
    "stop": lambda where, who, order: moderation.stop(where, who, reason=order.reason),
    "resume": lambda where, who, order: moderation.resume(where, who, reason=order.reason),
}  # fmt: skip


def perform(broadcast_id: int, user_id: int, order: Order) -> None:
    """Raises what is among the REFUSALS."""
    broadcast = Broadcast.objects.get(pk=broadcast_id)
    DOING[order.do](broadcast, User.objects.get(pk=user_id), order)
