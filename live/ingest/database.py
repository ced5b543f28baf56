"""The rules of the school, called from the loop that moves bytes. One thread asks the database."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections


async def ask(rule: Callable[..., Any], *given: Any, **named: Any) -> Any:
    return await sync_to_async(_fresh, thread_sensitive=True)(rule, given, named)


def _fresh(rule, given, named):
    close_old_connections()
    return rule(*given, **named)
