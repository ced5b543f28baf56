"""What happened in the bureau, as one list: exports and keys from the trail, locks, records that were taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .definitions import BY_KEY
from .models import AuditEntry, Participation, PeriodLock, User

Verb = AuditEntry.Verb
EXPORTS, LOCKS, CORRECTIONS, KEYS = "exports", "locks", "corrections", "keys"
KINDS: Sequence[tuple[str, str | Promise]] = (
    ("", gettext_lazy("Everything")),
    (EXPORTS, gettext_lazy("Exports")),
    (LOCKS, gettext_lazy("Locks of periods")),
    (CORRECTIONS, gettext_lazy("Records taken back")),
    (KEYS, gettext_lazy("Tokens and webhooks")),
)


def note(verb: str, *, author: User | None, subject: str = "", **details: Any) -> AuditEntry:
    """In the transaction of what it tells of, so that neither is there without the other. Nothing changes it later."""
    return AuditEntry.objects.create(verb=verb, author=author, subject=subject[:200], details=details)


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    what: str
    subject: str
    details: str


class Entries:
    """A list that is read from several tables, newest first, and only as far as a page needs."""

    def __init__(self, sources: Sequence[tuple[QuerySet[Any], str]]):
        self.sources = sources

    def __len__(self) -> int:
        return sum(rows.count() for rows, _when in self.sources)

    count = __len__

    def __getitem__(self, part: slice) -> list[Line]:
        found = [
            (getattr(row, when), row)
            for rows, when in self.sources
            for row in rows.order_by(f"-{when}", "-pk")[: part.stop]
        ]
        found.sort(key=lambda each: each[0], reverse=True)
        return list(_lines([row for _at, row in found[part]]))


def entries(*, what: str = "", since: date | None = None, until: date | None = None) -> Entries:
    """Both days included."""
    notes = AuditEntry.objects.select_related("author")
    exports, keys = notes.filter(verb__startswith="export"), notes.exclude(verb__startswith="export")
    sources: dict[str, tuple[QuerySet[Any], str]] = {
        EXPORTS: (exports, "at"),
        KEYS: (keys, "at"),
        LOCKS: (PeriodLock.objects.all(), "at"),
        CORRECTIONS: (
            Participation.objects.filter(reverses__isnull=False).select_related("activity"),
            "recorded_at",
        ),
    }
    chosen = [source for name, source in sources.items() if what in ("", name)]
    return Entries([(_within(rows, when, since, until), when) for rows, when in chosen])


def _within(rows: QuerySet[Any], when: str, since: date | None, until: date | None) -> QuerySet[Any]:
    if since:
        rows = rows.filter(**{f"{when}__gte": _morning(since)})
    return rows.filter(**{f"{when}__lt": _morning(until + timedelta(days=1))}) if until else rows


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _lines(rows: Sequence[Any]) -> Iterator[Line]:
    keys = {row.author for row in rows if isinstance(row.author, UUID)}
    names = dict(User.objects.filter(ledger_key__in=keys).values_list("ledger_key", "name"))
    for row in rows:
        if isinstance(row, AuditEntry):
            yield Line(row.at, row.author.name if row.author else "", row.get_verb_display(), row.subject, _told(row))
        elif isinstance(row, PeriodLock):
            what = _("Period locked") if row.locked else _("Period unlocked")
            yield Line(row.at, names.get(row.author, ""), what, row.period, row.reason)
        else:
            subject = _("Row %(number)s, %(activity)s") % {"number": row.reverses_id, "activity": row.activity.title}
            yield Line(row.recorded_at, names.get(row.author, ""), _("Record taken back"), subject, row.reason)


def _told(entry: AuditEntry) -> str:
    """The filter, the rows and the purpose in words; what is only for machines stays in the table."""
    details = entry.details
    parts = []
    asked = details.get("filter", {})
    if "span" in asked:  # a table or its rows; what else is packed is named by its file
        parts.append(f"{asked['span']['first']} – {asked['span']['last']}")
        parts.append(asked["region"] or _("The whole school"))
        parts += [f"{name}={value}" for name, value in asked["filters"].items()]
        if asked.get("measure"):
            parts.append(str(BY_KEY[asked["measure"]].name))
    if "rows" in details:
        parts.append(_("%(rows)s rows") % {"rows": details["rows"]})
    if details.get("full"):
        parts.append(_("with full names"))
    parts += [str(details[name]) for name in ("purpose", "url", "scopes", "key") if details.get(name)]
    return " · ".join(parts)
