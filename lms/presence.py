"""Who is here now, by city. Each way of being here adds a source of its own: watching a film, sitting in a live room.

    presence.sources["watching"] = presence.Source(_("Watching a lesson"), audience.by_city)

A source counts people, not windows, and answers {code of the city: how many}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from .models import Region


@dataclass(frozen=True)
class Source:
    name: str | Promise
    count: Callable[[], Mapping[str, int]]


@dataclass(frozen=True)
class Row:
    region: Region
    parts: tuple[int, ...]  # as many as there are sources, in their order

    @property
    def total(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True)
class Now:
    names: tuple[str | Promise, ...]
    rows: tuple[Row, ...]

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple(sum(row.parts[place] for row in self.rows) for place in range(len(self.names)))

    @property
    def total(self) -> int:
        return sum(self.parts)


sources: dict[str, Source] = {}


def now(region: Region | None = None) -> Now:
    """In the official order; of one region alone when it is given. A city that nobody knows is "not given"."""
    counted = [source.count() for source in sources.values()]
    regions = list(Region.objects.statistical().current())
    known = {each.code for each in regions}
    rows = [Row(each, tuple(_of(found, each.code, known) for found in counted)) for each in regions]
    if region is not None:
        rows = [row for row in rows if row.region.code == region.code]
    return Now(tuple(source.name for source in sources.values()), tuple(rows))


def _of(found: Mapping[str, int], code: str, known: set[str]) -> int:
    own = found.get(code, 0)
    if code != Region.UNKNOWN:
        return own
    return own + sum(number for other, number in found.items() if other not in known)
