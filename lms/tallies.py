"""Kept tallies."""

from .scopes import Measures, Scope


def kept(scope: Scope) -> Measures | None:
    return None


def kept_by_city(scope: Scope) -> tuple[dict[str, Measures], Measures] | None:
    return None
