"""Questions of sockets to the database, asked on a thread that keeps its connection.

The usual way opens and closes a connection for every question, which costs more than the question when thousands come
in at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import Error, connection

P = ParamSpec("P")
T = TypeVar("T")
_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, ThreadPoolExecutor]] = WeakKeyDictionary()


async def ask(function: Callable[P, T], *told: P.args, **named: P.kwargs) -> T:
    """What it returns or raises; one question after another."""
    return await _on("rooms", lambda: function(*told, **named))


async def ask_apart(function: Callable[P, T], *told: P.args, **named: P.kwargs) -> T:
    """The same on a thread of its own: what players wait for does not queue behind a thousand who enter a room."""
    return await _on("players", lambda: function(*told, **named))


async def _on(name: str, question: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    mine = _threads.setdefault(loop, {})
    if name not in mine:
        mine[name] = ThreadPoolExecutor(1, thread_name_prefix=name)
    return await loop.run_in_executor(mine[name], _ask, question)


def _ask(question: Callable[[], T]) -> T:
    try:
        return question()
    except Error:
        connection.close_if_unusable_or_obsolete()
        raise


async def let_go() -> None:
    """Let go of the database; the next question opens it again."""
    loop = asyncio.get_running_loop()
    for thread in _threads.get(loop, {}).values():
        await loop.run_in_executor(thread, lambda: connection.close())
