"""The whole book checked: its chain, row by row, and the tallies kept of it, counted anew."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from . import chain, columns, counting, storing, tallies
from .models import Participation
from .scopes import Measures, Scope

NOT_COUNTED = "nothing was counted: the book cannot be trusted to read as it is stored"


@dataclass(frozen=True)
class Audit:
    rows: int
    problems: list[str]  # of the chain, and of the activities that its rows name
    first_bad: dict[str, Any] | None  # the first place that is not as it was sealed: a batch and its rows, an activity
    activities: list[str]  # the keys of those that are not what the book says of them
    differences: list[str]  # between the book and what is kept of it
    totals: Measures

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "chain": "broken" if self.problems else "ok",
            "first_bad": self.first_bad,
            "activities": self.activities,
            "tallies": "differ" if self.differences else "ok",
            "totals": self.totals.as_dict(),
        }


def audit() -> Audit:
    """Recompute everything from the rows: nothing that was kept is believed, images of the book neither."""
    problems, first_bad = storing.examine()
    if problems:
        return Audit(Participation.objects.count(), problems, first_bad, [], [NOT_COUNTED], Measures())
    began = timezone.now()
    problems, first_bad = chain.examine()
    changed = chain.changed_activities()
    problems += [f"the activity {place['activity']} is not what was last written down of it" for place in changed]
    tallies.catch_up()
    book = columns.read(anew=True)
    totals = counting.total(book, Scope())
    differences = tallies.differences(book)
    same = Scope(as_of=began)  # what is written meanwhile is no difference
    if counting.total(columns.read(), same) != counting.total(book, same):
        differences.append("the image of the book differs from the book")
    keys = [place["activity"] for place in changed]
    return Audit(len(book), problems, first_bad or next(iter(changed), None), keys, differences, totals)
