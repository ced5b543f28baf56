"""What rooms tell their pages: rows made into small dictionaries, and those into text. See live.consumers."""

from datetime import datetime
from typing import Any

from pydantic_core import to_json

from .models import Broadcast, Message, Poll, Restriction, Room


class Frame:
    """A text for many sockets, and what it is on the wire: the header of RFC 6455 and the bytes, made once."""

    __slots__ = ("text", "wire")

    def __init__(self, text: str) -> None:
        self.text = text
        payload = text.encode()
        length = len(payload)
        if length < 126:
            head = bytes((0x81, length))
        elif length < 65_536:
            head = b"\x81\x7e" + length.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + length.to_bytes(8, "big")
        self.wire = head + payload


def text(kind: str, payload: dict[str, Any]) -> str:
    return to_json({"type": kind, **payload}).decode()


def bundle(items: list[str]) -> Frame:
    """A frame is always a list, however many items a tick brought together."""
    return Frame("[" + ",".join(items) + "]")


def message(row: Message) -> dict[str, Any]:
    """As everybody may see it."""
    told: dict[str, Any] = {
        "id": row.pk,
        "name": row.author_name,
        "text": row.shown_text or row.text,
        "at": moment(row.at),
    }
    if row.role:
        told["role"] = row.role
    if row.media_ms is not None:
        told["media_ms"] = row.media_ms
    if row.kind == Message.Kind.QUESTION:
        told |= {"question": True, "votes": row.votes, "answered_at": moment(row.answered_at)}
    return told


def held(row: Message) -> dict[str, Any]:
    """For those who decide: as it was written, and why it waits."""
    return message(row) | {"text": row.text, "reason": row.caught_by}


def state(broadcast: Broadcast) -> dict[str, Any]:
    return {
        "state": broadcast.state,
        "version": broadcast.version,
        "starts_at": moment(broadcast.starts_at),
        "started_at": moment(broadcast.started_at),
        "interrupted_at": moment(broadcast.interrupted_at),
        "ended_at": moment(broadcast.ended_at),
        "public": broadcast.reviewed_at is not None,
    }


def room(row: Room) -> dict[str, Any]:
    return {
        "mode": row.mode,
        "slow_seconds": row.slow_seconds,
        "checked_first": row.checked_first,
        "links_allowed": row.links_allowed,
        "overlay": row.overlay,
        "notice": row.notice,
        "version": row.version,
    }


def poll(row: Poll) -> dict[str, Any]:
    return {
        "id": row.pk,
        "question": row.question,
        "options": row.options,
        "several": row.several,
        "opened_at": moment(row.opened_at),
        "closed_at": moment(row.closed_at),
        "tally": row.tally,
    }


def restriction(row: Restriction) -> dict[str, Any]:
    return {"until": moment(row.until), "reason": row.reason}


def moment(at: datetime | None) -> int | None:
    """Milliseconds since the epoch: what the clock of a page understands."""
    return None if at is None else round(at.timestamp() * 1000)
