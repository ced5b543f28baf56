"""What pages say to everybody alike is kept for a minute, and made anew as soon as an editor changes something.

Nothing that depends on who reads may be kept here. Whoever changes a page in this process, or in any other that shares
its cache, renews everything at once; what a worker changes beside a web process with a cache of its own shows within
the minute. What counts is never decided by anything kept here.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from wagtail.models import Page, PageViewRestriction, Site

from lms.models import SchoolSettings
from media.models import Caption

from .models import Assessment, FilmChapter, Standard

Kept = TypeVar("Kept")
KEPT_FOR = 60  # seconds
GENERATION = "generation-of-pages"
CONTENT = (Page, PageViewRestriction, Site, SchoolSettings, Assessment, FilmChapter, Standard, Caption)


def shared(name: str, make: Callable[[], Kept | None]) -> Kept | None:
    """What was made under that name since the last change, a copy for each caller. None is not kept."""
    place = key(name)
    kept: Kept | None = cache.get(place)
    if kept is None:
        kept = make()
        if kept is not None:
            cache.set(place, kept, KEPT_FOR)
    return kept


def keep(place: str, made: object) -> None:
    """Under a key of before it was made: what changed meanwhile leaves it where nobody looks."""
    cache.set(place, made, KEPT_FOR)


def recall(place: str) -> Any:
    return cache.get(place)


def key(name: str) -> str:
    """Where what bears that name is kept until the next change."""
    generation = cache.get(GENERATION)
    if generation is None:
        generation = cache.get_or_set(GENERATION, _new, None)
    return f"page-{generation}-{name}"


def _new() -> str:
    return uuid4().hex


def renew(*_changed: object, **_told: object) -> None:
    """Now, and again when it is committed: what others made of the old state meanwhile is not kept either."""
    cache.set(GENERATION, _new(), None)
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: cache.set(GENERATION, _new(), None))


def on_change(instance: object, **_told: object) -> None:
    """Django tells of every row that is saved or deleted."""
    if isinstance(instance, CONTENT):
        renew()
