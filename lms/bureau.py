"""What an officer may ask of the book, and the question itself: whose figures, of which days, of which activities."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from . import balances, drilling, permissions, reports, school, timespans
from .models import Activity, ActivityFacts, Enterprise, IndustryChain, OpeningBalance, Participation, Region, User
from .timespans import Span
from .tracks import TRACKS

WHOLE = ""  # the region of who sees the whole school
ROWS_CLOSED = gettext_lazy("Lists of people and enterprises are open to officers of the bureau.")
NONE = "-"  # the county of those who gave none


class OutOfReach(Exception):
    """The message says what the officer does see, in the reader's language."""


class Unknown(Exception):
    """The message says what is not known, in the reader's language."""


@dataclass(frozen=True)
class Question:
    """One address of the desk, one export, one call of the API."""

    span: Span
    region: Region | None = None  # None is the whole school
    filters: dict[str, str] = field(default_factory=dict)
    as_of: datetime | None = None
    rows: str = ""  # what the table has a row for, if not for places

    def scope(self, span: Span | None = None) -> reports.Scope:
        """Of a running period the whole is asked: nothing is written for days to come, and the whole is kept.
        No filter widens the region."""
        days = span or self.span
        until = days.until
        if days.running and days.last >= timezone.localdate():
            until = replace(days, last=days.end).until
        asked = {**_given(self.filters), **_stood(self.region)}
        return reports.Scope(since=days.since, until=until, as_of=self.as_of, **asked)

    @property
    def by(self) -> str:
        """What its table has a row for."""
        if self.rows:
            return self.rows
        if self.region is None or self.region.level == Region.Level.PROVINCE:
            return "city"
        return "county" if self.region.level == Region.Level.CITY else "activity"

    def as_dict(self) -> dict[str, Any]:
        span = asdict(self.span)
        return {
            "span": {name: str(value) for name, value in span.items()},
            "region": self.region.code if self.region else WHOLE,
            "filters": self.filters,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            **({"by": self.rows} if self.rows else {}),
        }


def from_dict(kept: dict[str, Any]) -> Question:
    days = {name: date.fromisoformat(kept["span"][name]) for name in ("first", "last", "end")}
    return Question(
        span=Span(kept["span"]["kind"], **days),
        region=find(kept["region"]) if kept["region"] else None,
        filters=kept["filters"],
        as_of=datetime.fromisoformat(kept["as_of"]) if kept["as_of"] else None,
        rows=kept.get("by", ""),
    )


def _stood(region: Region | None) -> dict[str, Any]:
    if region is None:
        return {}
    if region.level == Region.Level.PROVINCE:
        return {"province": region.code}
    return {"county": region.code} if region.level == Region.Level.COUNTY else {"cities": (region.code,)}


def _given(filters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value}


def find(code: str) -> Region:
    """A region as it is now, or as it was when it was last one. Raises Region.DoesNotExist."""
    found = Region.objects.filter(code=code).order_by("valid_from").last()
    if found is None:
        raise Region.DoesNotExist(code)
    return found


def reach(user: User, code: str = "") -> Region | None:
    """The region that an officer asks about; without a code the widest that she sees. None is the whole school.

    Raises OutOfReach for somebody who is no officer, or for a region of others, and Region.DoesNotExist.
    """
    seats = _seats(user)
    if not code:
        return seats[0]
    region = find(code)
    allow(user, region)
    return None if region.level == Region.Level.PROVINCE else region


def allow(user: User, region: Region | None) -> None:
    """Raises OutOfReach unless the officer sees all of that region; None is the whole school."""
    seats = _seats(user)
    if None in seats or (region and permissions.can_see_figures(user, region)):
        return
    yours = pgettext("list", ", ").join(str(seat) for seat in seats)
    asked = region or _("the whole school")
    raise OutOfReach(_("You see the figures of %(yours)s, not those of %(asked)s.") % {"yours": yours, "asked": asked})


def sees_rows(user: User, region: Region | None) -> bool:
    """Whether the rows behind the figures are open: to officers of the bureau, not to service centres."""
    return permissions.can_see_region(user, region)


def allow_rows(user: User, region: Region | None) -> None:
    """Raises OutOfReach unless the rows of that region are open to the person; None is the whole school."""
    if not sees_rows(user, region):
        raise OutOfReach(str(ROWS_CLOSED))


def _seats(user: User) -> list[Region | None]:
    seats = permissions.seats(user) if user.is_authenticated else []
    if not seats:
        raise OutOfReach(_("The figures are open to officers of the bureau."))
    return seats


def reporter(region: Region | None) -> str:
    """填报单位, as it is written on the table."""
    return f"{region.name}市场监督管理局" if region else school.facts().owner


def opening(question: Question) -> list[OpeningBalance]:
    """The opening balances that stand beside a table: those of its city, of the whole school all. They have no
    activities and no counties, so a narrowed table has none beside it."""
    region = question.region
    if question.filters or (region and region.level == Region.Level.COUNTY):
        return []
    city = region.code if region and region.level != Region.Level.PROVINCE else None
    return list(balances.standing(city, as_of=question.as_of))


def campaigns() -> list[str]:
    """All labels that an activity has."""
    listed = Activity.objects.exclude(campaigns=[]).values_list("campaigns", flat=True)
    return sorted({label for labels in listed for label in labels})


def conditions(question: Question) -> list[tuple[str, str]]:
    """(what, which) of each condition but days and region, in the language of now."""
    return [(str(HEADS[name]), _said(question, name, value)) for name, value in question.filters.items() if value]


HEADS = {
    "county": gettext_lazy("County"), "kind": gettext_lazy("Kind of activity"),
    "channel": gettext_lazy("Way of taking part"), "track": gettext_lazy("Track"),
    "campaign": gettext_lazy("Campaign"), "chain": gettext_lazy("Industry chain"),
    "size": gettext_lazy("Size of enterprise"), "activity": gettext_lazy("Activity"),
}  # fmt: skip
CHOICES: dict[str, Callable[[], dict[str, Any]]] = {
    "kind": lambda: dict(Activity.Kind.choices),
    "channel": lambda: dict(Participation.Channel.choices),
    "size": lambda: dict(Enterprise.Size.choices),
    "track": lambda: {key: track.name for key, track in TRACKS.items()},
    "chain": lambda: {row.code: row for row in IndustryChain.objects.all()},
    "activity": lambda: dict(Activity.objects.values_list("key", "title")),
    "county": lambda: {row.code: row for row in Region.objects.filter(level="county").order_by("valid_from")},
}


# What a table can have a row for, in the order in which it is offered.
GROUPS = {
    "city": gettext_lazy("City"), "county": gettext_lazy("County"), "activity": gettext_lazy("Activity"),
    "kind": HEADS["kind"], "channel": HEADS["channel"], "track": HEADS["track"], "campaign": HEADS["campaign"],
    "chain": HEADS["chain"], "size": HEADS["size"], "month": gettext_lazy("Month"),
}  # fmt: skip
MAY_BE_NONE = {"county", "track", "campaign", "chain"}


def narrowed(conditions: Mapping[str, str]) -> dict[str, str]:
    """Conditions of a call or a command as filters of a question. Raises Unknown for a value that nothing has."""
    filters = _given(dict(conditions))
    for name, value in filters.items():
        known = campaigns() if name == "campaign" else CHOICES[name]()
        if value not in known and not (value == NONE and name in MAY_BE_NONE):
            raise Unknown(_("%(what)s: “%(value)s” is not known here.") % {"what": HEADS[name], "value": value})
    return filters


def _said(question: Question, name: str, value: str) -> str:
    if value == NONE:
        return _("Not given")
    if name == "activity":
        return _titled(question, value)
    return str(CHOICES[name]().get(value, value)) if name in CHOICES else value


def _titled(question: Question, key: str) -> str:
    """Of an activity that nobody of the region took part in the key alone: its title is not for others to read."""
    within = drilling.stood(reports.Scope(**_stood(question.region)))
    told = Participation.objects.filter(within, activity__key=key).exists()
    facts = ActivityFacts.objects.known(question.as_of).filter(key=key).first() if told else None
    return facts.title if facts else key


def default_span(today: date) -> Span:
    return timespans.choose(timespans.QUARTER, today=today)
