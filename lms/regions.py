"""Regions are a dated table: a new list closes what it changes and never edits what was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .models import Region

# First two digits of GB/T 2260; 50 and 51 are ours.
FIRST_TWO = [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82]
PROVINCES = frozenset(map(str, FIRST_TWO))
CHONGQING = "500000"
# Registration offices above the provinces, and the two grouping codes of Chongqing, are in no table of regions.
OFFICES = frozenset({"100000", "500100", "500200"})
NOT_GIVEN = "未填报"  # the name of the row UNKNOWN, in the ledger whatever the language of the reader

LEVELS = [Region.Level.PROVINCE, Region.Level.CITY, Region.Level.BUCKET, Region.Level.COUNTY]


class OutOfOrder(Exception):
    """A list may not begin before the rows that it replaces."""


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    level: str
    parent: str = ""
    short: str = ""
    zone: str = ""
    order: int = 0
    name_en: str = ""


@dataclass
class Loaded:
    added: int = 0
    changed: int = 0
    closed: int = 0
    kept: int = 0


def load(rows: Iterable[Row], *, valid_from: date) -> Loaded:
    """Make the table of that day equal to the list. Provinces that the list does not name are left alone.

    Raises OutOfOrder when a row in force begins later than `valid_from`.
    """
    ordered = sorted(rows, key=lambda row: LEVELS.index(Region.Level(row.level)))
    done = Loaded()
    with transaction.atomic():
        current = {row.code: row for row in Region.objects.current().select_for_update()}
        placed: dict[str, Region] = {}
        for row in ordered:
            placed[row.code] = _place(row, current.get(row.code), placed.get(row.parent), valid_from, done)
        scope = {_scope(code) for code in placed}
        for code, old in current.items():
            if code not in placed and _scope(code) in scope:
                _close(old, valid_from)
                done.closed += 1
    return done


def _place(row: Row, old: Region | None, parent: Region | None, day: date, done: Loaded) -> Region:
    if old is None:
        done.added += 1
        return _open(row, parent, day)
    if (old.name, old.level, old.parent_id) == (row.name, row.level, parent and parent.pk):
        done.kept += 1
        _dress(old, row)
        return old
    done.changed += 1
    if old.valid_from == day:  # a misprint in a list of the same day
        old.name, old.level, old.parent = row.name, row.level, parent
        old.save(update_fields=["name", "level", "parent"])
        _dress(old, row)
        return old
    _close(old, day)
    return _open(row, parent, day)


def _open(row: Row, parent: Region | None, day: date) -> Region:
    return Region.objects.create(
        code=row.code,
        name=row.name,
        level=row.level,
        parent=parent,
        short=row.short,
        zone=row.zone,
        order=row.order,
        name_en=row.name_en,
        valid_from=day,
    )


def _dress(old: Region, row: Row) -> None:
    """English and short name, zone and place in a table are for reading, not part of the division."""
    worn = {name: getattr(row, name) for name in ("short", "zone", "order", "name_en")}
    if any(getattr(old, name) != value for name, value in worn.items()):
        for name, value in worn.items():
            setattr(old, name, value)
        old.save(update_fields=list(worn))


def _close(old: Region, day: date) -> None:
    if old.valid_from > day:
        raise OutOfOrder(_("%(name)s is in force from %(day)s") % {"name": old.name, "day": old.valid_from})
    old.valid_to = day - timedelta(days=1)
    old.save(update_fields=["valid_to"])


def _scope(code: str) -> str:
    return code[:2] if code.isdigit() else code


def known(code: str) -> bool:
    """Whether a place of registration exists or ever existed. Of other provinces only the province is checked."""
    if code in OFFICES:
        return True
    if code[:2] in {"50", "51"}:
        return Region.objects.filter(code=code).exists()
    return code[:2] in PROVINCES


def city_code_of(uscc: str) -> str:
    """The statistical row that digits 3 to 8 of a credit code point at, or "" when the person must choose."""
    place = uscc[2:8]
    if place[:2] == "50":
        return CHONGQING
    if place[:2] == "51":
        return "" if place[2:4] == "00" else f"{place[:4]}00"
    return Region.OTHER if place[:2] in PROVINCES else ""


def city_of(uscc: str) -> Region | None:
    """The city to fill in for a credit code: its 市州 by today's table, 重庆市, 省外, or nothing."""
    code = city_code_of(uscc)
    return Region.objects.cities().current().filter(code=code).first() if code else None


def counties_of(units: Iterable[tuple[str, Region]]) -> dict[str, Region]:
    """The county where each unit is registered, when that lies in its city, by credit code; in one query."""
    cities = dict(units)
    if not cities:
        return {}
    listed = Region.objects.current().filter(level=Region.Level.COUNTY, code__in={code[2:8] for code in cities})
    known = {(row.code, row.parent_id): row for row in listed}
    found = {code: known.get((code[2:8], city.pk)) for code, city in cities.items()}
    return {code: county for code, county in found.items() if county}
