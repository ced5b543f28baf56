"""The socket of a room: everything that a broadcast is besides its picture.

Address: /ws/live/<uuid>?language=en&since=<the last message the page has>. A handshake is refused with 401, 403 or 404
and {code, message}; a room that is full, or too full of visitors from one network, is opened, says so in words, and is
closed with 4013.

The school sends lists of items, [{"type": …}, …]; a page sends one object, {"do": …}. Moments are milliseconds since
the epoch. After the handshake come, in one list, `hello`, `state`, `room`, `count`, a `poll` if one is open, the
messages, and `ready`. Drop a message whose id the page has: after coming back some may be told again.

    school  hello    {now, role, name, may_talk, muted, muted_until, place}
            state    {state, version, starts_at, started_at, interrupted_at, ended_at, public}
            room     {mode, slow_seconds, checked_first, links_allowed, overlay, notice, version}
            message  {id, name, text, at, role?, media_ms?, question?, votes?, answered_at?}
            ready    {gap}            with a gap, what is missing is at /live/<uuid>/messages?since=<id>
            deleted  {id}             more  {count}     so many were said and are not shown
            count    {people, anonymous, at}
    page    {"do": "say", "key": uuid, "text": …, "question": false}
    school  said     {key, id, status}               after the commit; `held` waits for a moderator
            refused  {key, code, message, wait?, until?}
    page    {"do": "beat", "key": uuid of the page, playing, hidden?, muted?, replay?, played?}       no answer
            {"do": "leave", "key": …}                                                             no answer
            {"do": "nonce", "key": …, "roll_call": …}
    school  roll_call {uuid, title, opened_at, closes_at, jitter}     nonce {roll_call, nonce}
    page    the orders of live.orders, {"do": …, "ref": …}
    school  done     {do, ref}                       after the commit
            error    {status, code, message, ref?}   refused, cannot be read, or came too fast
            votes    {id, votes}      answered {id, at}        poll {id, question, options, several, tally, …}
            muted    {until, reason}  unmuted                  to the person alone
            held, complaint, decided                           to those who work in the room, decided also to the author

Closed with 4001 (signed out), 4003 (removed from the room), 4005 (another role: come back as what you are now), 4008
(too slow: come back with `since`), 4009 (too many pages of one person: do not come back), 4013 (full) or 1008 (a
flood). This is a plain ASGI application, because a consumer of channels starts tasks and copies each frame.
"""

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from channels.auth import get_user
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from lms.numbers import whole

from . import chat, entering, frames, news, orders, presence, rollcalls, rooms, threads
from .hubs import Hub
from .posting import Asked, Refused
from .seats import seat

log = structlog.get_logger(__name__)
LONGEST = 10_240  # letters of what a page sends
BURST, RATE = 20, 4.0  # messages of a socket at once, and a second in the long run
FLOOD = 20  # messages too many, each answered with an error, before the socket is closed


class Say(orders.Order):
    do: Literal["say"]
    key: UUID
    text: Annotated[str, Field(max_length=LONGEST)]
    question: bool = False


class Beat(BaseModel):
    do: Literal["beat"]
    key: UUID
    playing: bool
    hidden: bool = False
    muted: bool = False
    replay: bool = False
    played: list[tuple[int, int]] = []  # [[from, to]] in milliseconds ago


class Leave(BaseModel):
    do: Literal["leave"]
    key: UUID


class Nonce(BaseModel):
    do: Literal["nonce"]
    key: UUID
    roll_call: UUID


MESSAGE: TypeAdapter[Any] = TypeAdapter(
    Annotated[Say | Beat | Leave | Nonce | orders.ORDERS, Field(discriminator="do")]
)


class Told(Exception):
    """A refusal of what was sent, as an item; the socket stays open."""

    def __init__(self, status, code, words):
        super().__init__(code)
        self.status, self.code, self.words = status, code, words


UNREADABLE = partial(Told, 422, "bad_request", _("This request cannot be read."))
TOO_LONG = partial(Told, 413, "too_long", _("This is too long to be read. A message has at most 200 characters."))
TOO_FAST = partial(Told, 429, "too_fast", _("Too many messages at once. Wait a moment."))


async def room(scope, receive, send):
    """From the handshake to the last word."""
    await receive()
    language, since = asked_for(scope)
    try:
        entry, session = await threads.ask(come_in, scope)
    except entering.Refused as refused:
        with translation.override(language):
            await turn_away(scope, send, refused)
        return
    address = scope["client"][0] if scope.get("client") else None
    direct = scope.get("extensions", {}).get("frames")
    scope["headers"].clear()  # the same list for all around us, and thousands of sockets stay open for hours
    for name in ("cookies", "extensions", "say"):
        scope.pop(name, None)
    hub = rooms.hub(entry.broadcast_id)
    network = entering.network(address)
    hub.expected += 1
    try:
        await news.ready(hub)
        if entry.user_id is None and hub.is_crowded(network):
            with translation.override(language):
                await turn_away(scope, send, entering.Refused("crowded"))
            return
        await send({"type": "websocket.accept"})
        line = Line(hub, entry, seat(entry, session, send, direct, network), language, address)
        hub.join(line.seat)
    finally:
        hub.expected -= 1
        hub.close_if_empty()
    try:
        line.seat.put(await line.greeting(since))
        await line.serve(receive)
    finally:
        hub.leave(line.seat)
        if line.page:
            presence.leave(entry.broadcast_id, entry.user_id, line.page)
        await line.seat.gone()


def come_in(scope):
    """The person of the session, and whether they may; all in one go on a thread."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session = store(scope["cookies"].get(settings.SESSION_COOKIE_NAME))
    entry = entering.enter(scope["url_route"]["kwargs"]["uuid"], get_user.func({"session": session}))
    return entry, session.session_key if entry.user_id else None


def asked_for(scope):
    """(language, the last message the page has) from the address; what cannot be read is as if it were not there."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    language = query.get("language", [settings.LANGUAGE_CODE])[0]
    since = query.get("since", [""])[0]
    return (
        language if translation.check_for_language(language) else settings.LANGUAGE_CODE,
        whole(since),
    )


async def turn_away(scope, send, refused):
    if refused.status == 503:
        await send({"type": "websocket.accept"})
        told = frames.text("error", {"status": 503, "code": refused.code, "message": refused.message})
        await send({"type": "websocket.send", "text": f"[{told}]"})
        await send({"type": "websocket.close", "code": 4013, "reason": refused.code})
    elif "websocket.http.response" in scope.get("extensions", {}):
        body = to_json({"code": refused.code, "message": refused.message})
        headers = [(b"content-type", b"application/json")]
        await send({"type": "websocket.http.response.start", "status": refused.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
    else:
        await send({"type": "websocket.close", "code": 4000 + refused.status % 400, "reason": refused.code})


@dataclass(slots=True)
class Line:
    """One page."""

    hub: Hub
    entry: entering.Entry
    seat: Any
    language: str
    address: str | None
    credit: float = BURST
    heard: float = 0.0
    too_many: int = 0
    page: UUID | None = None

    async def greeting(self, since):
        """The items of the beginning, as one frame."""
        entry = self.entry
        hello = {
            "now": frames.moment(timezone.now()),
            "role": entry.role,
            "name": entry.name,
            "may_talk": entry.may_talk,
            "muted": entry.muted,
            "muted_until": frames.moment(entry.muted_until),
            "place": entering.give_place(entry),
        }
        messages, gap = self.hub.recent(since)
        if since and settings.REDIS_URL:  # of two processes the larger number may have been shown first
            messages, _gap = self.hub.recent(max(0, since - news.OVERLAP))
        people, anonymous = self.hub.count()
        facts = self.hub.facts
        return frames.bundle(
            [
                frames.text("hello", hello),
                facts["state"],
                facts["room"],
                frames.text("count", {"people": people, "anonymous": anonymous, "at": hello["now"]}),
                *(facts[kind] for kind in ("poll", "roll_call") if facts[kind]),
                *messages,
                frames.text("ready", {"gap": gap}),
            ]
        )

    async def serve(self, receive):
        while (message := await receive())["type"] == "websocket.receive":
            try:
                await self.obey(self.read(message.get("text")))
            except Told as told:
                with translation.override(self.language):
                    self.say("error", {"status": told.status, "code": told.code, "message": str(told.words)})
                if told.status == 429 and self.too_many > FLOOD:
                    self.seat.close(1008, "too_fast")
                    return

    def read(self, text):
        now = self.hub.loop.time()
        self.credit = min(BURST, self.credit + (now - self.heard) * RATE) - 1
        self.heard = now
        if self.credit < 0:
            self.credit = 0.0
            self.too_many += 1
            raise TOO_FAST()
        self.too_many = 0
        if text is None:
            raise UNREADABLE()
        if len(text) > LONGEST:
            raise TOO_LONG()
        try:
            return MESSAGE.validate_json(text)
        except ValidationError as error:
            raise UNREADABLE() from error

    async def obey(self, told):
        if isinstance(told, Beat):
            self.beat(told)
            return
        if isinstance(told, Leave):
            presence.leave(self.entry.broadcast_id, self.entry.user_id, told.key)
            return
        if self.entry.user_id is None:
            raise Told(401, "sign_in", _("Please sign in first."))
        if isinstance(told, Say):
            await self.post(told)
        elif isinstance(told, Nonce):
            nonce = rollcalls.nonce(str(told.roll_call), self.entry.user_id, str(told.key))
            self.say("nonce", {"roll_call": told.roll_call, "nonce": nonce})
        else:
            await self.perform(told)

    def beat(self, told):
        """The page is there; where nothing is shown any more its socket ends it."""
        self.page = told.key
        said = told.model_dump(exclude={"do", "key"})
        presence.beat(self.entry.broadcast_id, self.entry.user_id, told.key, address=self.address, **said)

    async def perform(self, told):
        try:
            await threads.ask(orders.perform, self.entry.broadcast_id, self.entry.user_id, told)
        except orders.REFUSALS as refused:
            code = getattr(refused, "code", "state")
            with translation.override(self.language):
                words = str(getattr(refused, "message", refused))
            reply = {"status": 403 if code == "forbidden" else 409, "code": code, "message": words, "ref": told.ref}
            self.say("error", reply)
        else:
            self.say("done", {"do": told.do, "ref": told.ref})

    async def post(self, told):
        outcome = await chat.post(
            Asked(
                self.entry.broadcast_id,
                self.entry.user_id,
                told.key,
                told.text,
                timezone.now(),
                role=self.entry.role,
                question=told.question,
                address=self.address,
            )
        )
        if isinstance(outcome, Refused):
            with translation.override(self.language):
                reply = {"key": told.key, "code": outcome.code, "message": outcome.message}
            reply |= {"wait": outcome.wait, "until": frames.moment(outcome.until)}
            self.say("refused", {name: value for name, value in reply.items() if value is not None})
        else:
            self.say("said", {"key": told.key, "id": outcome.pk, "status": outcome.status})

    def say(self, kind, payload):
        self.seat.put(frames.bundle([frames.text(kind, payload)]))
