"""The rooms open in this process, and how anybody tells them something.

An item is made into text once, and everything of a tick into one frame that all sockets share: see live.hubs.
`announce` and `tell` may be called from any thread, after the commit. Other processes hear of it through live.wires
or, without Redis, from the database through live.news.
"""

import asyncio
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from prometheus_client import Gauge

from . import frames
from .hubs import Hub

EVERYBODY, MODERATORS = "", "moderators"
ROOMS = Gauge("cqo_rooms", "Rooms open in this process")

_hubs: dict[int, Hub] = {}
_lock = Lock()
# Called on the event loop with a hub when it opens and when it closes: live.news and live.wires.
openings: list[Callable[[Hub], None]] = []
closings: list[Callable[[Hub], None]] = []
# Called from any thread with (broadcast, audience, kind of act, text): how it gets to other processes.
carriers: list[Callable[[int, str, str, str], None]] = []


def hub(broadcast_id: int) -> Hub:
    """That of the running loop, opened if need be. Whoever asks joins it, or counts among the `expected` meanwhile."""
    with _lock:
        found = _hubs.get(broadcast_id)
        if found is not None and found.loop is asyncio.get_running_loop():
            return found
        found = _hubs[broadcast_id] = Hub(broadcast_id, _forget)
    ROOMS.inc()
    for opened in openings:
        opened(found)
    return found


def _forget(gone: Hub) -> None:
    with _lock:
        if _hubs.get(gone.broadcast_id) is gone:
            del _hubs[gone.broadcast_id]
    ROOMS.dec()
    for closed in closings:
        closed(gone)


def open_hubs() -> list[Hub]:
    with _lock:
        return list(_hubs.values())


def announce(broadcast_id: int, kind: str, payload: dict[str, Any], *, to: str = EVERYBODY) -> None:
    """To everybody in the room, or to those who work in it (MODERATORS)."""
    _act(broadcast_id, to, "push", frames.text(kind, payload))


def tell(broadcast_id: int, user_id: int, kind: str, payload: dict[str, Any]) -> None:
    """To all pages of one person."""
    _act(broadcast_id, str(user_id), "push", frames.text(kind, payload))


def said(broadcast_id: int, payload: dict[str, Any], *, author: int, always: bool = False) -> None:
    """A message that everybody may read; `payload` as frames.message."""
    item = frames.text("message", payload)
    _act(broadcast_id, f"{author}:{payload['id']}:{int(always)}", "say", item)


def deleted(broadcast_id: int, number: int) -> None:
    _act(broadcast_id, str(number), "delete", frames.text("deleted", {"id": number}))


def thrown_out(broadcast_id: int, user_id: int, until: int | None) -> None:
    _act(broadcast_id, f"{user_id}:{until or ''}", "ban", "")


def role_changed(broadcast_id: int, user_id: int) -> None:
    """All pages of that person come back, as what they are now."""
    _act(broadcast_id, str(user_id), "role", "")


def replace(broadcast_id: int, key: str, kind: str, payload: dict[str, Any]) -> None:
    """To everybody, of many with the same key within a second only the last one."""
    _act(broadcast_id, key, "replace", frames.text(kind, payload))


def recount(broadcast_id: int) -> None:
    """Ballots have come in: the results are counted with the next round of live.news."""
    with _lock:
        found = _hubs.get(broadcast_id)
    if found is not None:
        found.ballots = True


def count(broadcast_id: int) -> tuple[int, int]:
    """(people, visitors without an account) who have the room open now."""
    with _lock:
        found = _hubs.get(broadcast_id)
    return found.count() if found else (0, 0)


def _act(broadcast_id: int, to: str, act: str, item: str) -> None:
    here(broadcast_id, to, act, item)
    for carry in carriers:
        carry(broadcast_id, to, act, item)


def here(broadcast_id: int, to: str, act: str, item: str) -> None:
    """In this process alone."""
    with _lock:
        found = _hubs.get(broadcast_id)
    if found is not None and not found.loop.is_closed():
        found.loop.call_soon_threadsafe(_apply, found, to, act, item)


def _apply(found: Hub, to: str, act: str, item: str) -> None:
    if act == "say":
        author, number, always = to.split(":")
        found.say(int(number), item, author=int(author), always=always == "1")
    elif act == "delete":
        found.forget_message(int(to))
        found.push(item)
    elif act == "ban":
        user_id, _colon, until = to.partition(":")
        found.throw_out(int(user_id), int(until) if until else None)
    elif act == "role":
        found.send_back(int(to))
    elif act == "replace":
        found.replace(to, item)
    elif to == MODERATORS:
        found.tell_moderators(item)
    elif to:
        found.tell(int(to), item)
    else:
        found.push(item)


def counted_elsewhere(broadcast_id: int, process: str, people: int, anonymous: int) -> None:
    """How many another process has in that room."""
    with _lock:
        found = _hubs.get(broadcast_id)
    if found is not None:
        found.elsewhere[process] = (people, anonymous, time.time())


def is_here(broadcast_id: int, user_id: int) -> bool:
    """Whether that person has the room open in this process."""
    with _lock:
        found = _hubs.get(broadcast_id)
    return found is not None and user_id in found.people
