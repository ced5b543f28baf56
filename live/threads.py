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
_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, ThreadPoolExecutor] = WeakKeyDictionary()


async def ask(function: Callable[P, T], *told: P.args, **named: P.kwargs) -> T:
    """What it returns or raises; one question after another."""
    loop = asyncio.get_running_loop()
    if loop not in _threads:
        _threads[loop] = ThreadPoolExecutor(1, thread_name_prefix="rooms")
    return await loop.run_in_executor(_threads[loop], lambda: _ask(function, *told, **named))


def _ask(function: Callable[P, T], *told: P.args, **named: P.kwargs) -> T:
    try:
        return function(*told, **named)
    except Error:
        connection.close_if_unusable_or_obsolete()
        raise


async def let_go() -> None:
    """Let go of the database; the next question opens it again."""
    loop = asyncio.get_running_loop()
    if loop in _threads:
        await loop.run_in_executor(_threads[loop], lambda: connection.close())
