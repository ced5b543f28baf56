"""Connections that have shown neither key nor ticket yet. When a door is full, the one that has waited longest goes.

So nobody keeps trainers out by connecting and saying nothing: who knows what to say has said it within a moment.
"""

from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Strangers:
    def __init__(self) -> None:
        self._waiting: dict[object, tuple[str, Callable[[], object]]] = {}  # in the order of their coming

    def __len__(self) -> int:
        return len(self._waiting)

    def come(self, connection: object, address: str, hang_up: Callable[[], object]) -> None:
        self._waiting[connection] = address, hang_up

    def go(self, connection: object) -> None:
        """It is known now, or has gone; twice is once."""
        self._waiting.pop(connection, None)

    def make_room(self, address: str = "") -> bool:
        """Hang up on the one that has waited longest, of that address if one is given. False when there is none."""
        for connection, (where, hang_up) in self._waiting.items():
            if address in ("", where):
                del self._waiting[connection]
                log.warning("stranger_made_room", address=where)
                hang_up()
                return True
        return False
