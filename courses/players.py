"""Who in this process wants to know at once that a player has been superseded; the others learn it at the next beat."""

from collections import defaultdict
from collections.abc import Callable
from threading import Lock
from uuid import UUID

_told: dict[int, dict[UUID, Callable[[], None]]] = defaultdict(dict)  # by person and player
_lock = Lock()


def listen(user_id: int, player: UUID, tell: Callable[[], None]) -> None:
    """`tell` is called from any thread."""
    with _lock:
        _told[user_id][player] = tell


def forget(user_id: int, player: UUID, tell: Callable[[], None]) -> None:
    """That `tell` and no other: a page that came back listens already when its old socket is found dead."""
    with _lock:
        listening = _told.get(user_id, {})
        if listening.get(player) is not tell:
            return
        del listening[player]
        if not listening:
            del _told[user_id]


def superseded(user_id: int, by: UUID) -> None:
    """Another player of this person is open: tell the pages of all others."""
    with _lock:
        others = [tell for player, tell in _told.get(user_id, {}).items() if player != by]
    for tell in others:
        tell()
