"""The cache that web processes share, and what happens while it is away.

While Redis does not answer, each process keeps what it would have kept there in a memory of its own: pages are made
anew once, and what is counted there (attempts at codes, sign-ins, certificates' numbers; locks; codes that were used)
is still counted, by each process for itself. So nothing that limits guessing fails open: with n processes somebody has
at most n times the tries. What is kept has the terms it always has, so a change in another process shows within a
minute at the latest, then and when Redis is back.

An outage is told to the log when it begins and when it ends. In between one question in RETRY_AFTER seconds tries.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from prometheus_client import Gauge
from redis.backoff import NoBackoff
from redis.exceptions import DataError, RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)
RETRY_AFTER = 5.0  # seconds
# A connection may have died of a restart of Redis, so once more at once; its usual three tries take seconds.
PATIENCE = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 1)}
ENTRIES = 20_000  # of a process in its own memory
AWAY = Gauge("cqo_cache_away", "1: the shared cache is away, processes keep their own", multiprocess_mode="livemax")


class Outage:
    """Whether one Redis answers, for all threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._again = 0.0

    @property
    def lasts(self) -> bool:
        return self._since is not None

    def may_ask(self, retry_after: float) -> bool:
        """While it lasts one caller at a time tries; all others are spared the wait."""
        if self._since is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._again:
                return False
            self._again = now + retry_after
            return True

    def begin(self, error: Exception, retry_after: float) -> None:
        with self._lock:
            now = time.monotonic()
            self._again = now + retry_after
            if self._since is None:
                self._since = now
                AWAY.set(1)
                log.warning("cache_away", error=repr(error))

    def end(self) -> None:
        with self._lock:
            if self._since is not None:
                log.warning("cache_back", seconds=round(time.monotonic() - self._since, 1))
                self._since = None
                AWAY.set(0)


outages: dict[str, Outage] = {}


def _asked(name: str) -> Callable[..., Any]:
    def ask(self: "SharedCache", *args: Any, **given: Any) -> Any:
        return self.ask(name, *args, **given)

    ask.__name__ = name
    return ask


class SharedCache(RedisCache):
    """Django's own on Redis, and a memory of this process while that is away. OPTIONS: `retry_after` in seconds."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        options = {**PATIENCE, **params.get("OPTIONS", {})}
        self._retry_after = options.pop("retry_after", RETRY_AFTER)
        super().__init__(server, {**params, "OPTIONS": options})
        self._outage = outages.setdefault(str(server), Outage())
        self._own = LocMemCache(f"instead of {server}", {**params, "OPTIONS": {"MAX_ENTRIES": ENTRIES}})

    def ask(self, name: str, *args: Any, **given: Any) -> Any:
        if self._outage.may_ask(self._retry_after):
            try:
                answer = getattr(super(), name)(*args, **given)
            except DataError:
                raise  # what was to be kept, not the place to keep it in
            except (RedisError, OSError) as error:
                self._outage.begin(error, self._retry_after)
            else:
                self._outage.end()
                return answer
        return getattr(self._own, name)(*args, **given)

    add = _asked("add")
    get = _asked("get")
    set = _asked("set")
    touch = _asked("touch")
    delete = _asked("delete")
    get_many = _asked("get_many")
    has_key = _asked("has_key")
    incr = _asked("incr")
    set_many = _asked("set_many")
    delete_many = _asked("delete_many")
    clear = _asked("clear")

    def trouble(self) -> str:
        """Asks, unless another has just asked in vain; what is wrong, or ""."""
        self.has_key("readyz")
        return "Redis does not answer; this process keeps its own cache" if self._outage.lasts else ""


def trouble() -> str | None:
    """What is wrong with the cache that processes share; None where this process has one of its own anyway."""
    shared = getattr(cache, "trouble", None)
    return shared() if shared else None
