"""Lists of enterprises that a bureau brings: judged row by row, kept as versions when somebody says so.

The coverage rate asks, for each enterprise of a list, whether it has appointed a chief quality officer today, and
whether one of those holds a valid certificate. Enterprises are known by their credit code, whether they have ever come
to the school or not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import BinaryIO

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lms import permissions, uscc, workbooks
from lms.models import Appointment, Enterprise, Region, User
from lms.reasons import Reason
from lms.regions import CHONGQING
from lms.sheets import TENTH, WHOLE, Value
from lms.sheets import Column as SheetColumn
from lms.workbooks import Column, Line

from .models import Certificate, EnterpriseList, Listed

MOST = 50_000
BATCH = 1_000
KEPT = timedelta(days=30)  # a trial that nobody decided about
COLUMNS = (
    Column("name", ("企业名称", "单位名称", "名称", "NAME"), required=True),
    Column("code", ("统一社会信用代码", "信用代码", "USCC"), required=True),
    Column("city", ("市州", "市", "所在市州", "CITY")),
    Column("size", ("企业规模", "规模", "SIZE")),
)
SIZES = {"大": "L", "中": "M", "小": "S", "微": "X", "个": "I"}
Size, Verdict = Enterprise.Size, Listed.Verdict


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Rate:
    """Of the enterprises in a cell of the table."""

    code: str
    name: str
    listed: int
    appointed: int
    certified: int

    @property
    def appointed_rate(self) -> Decimal:
        return _share(self.appointed, self.listed)

    @property
    def certified_rate(self) -> Decimal:
        return _share(self.certified, self.listed)


@dataclass(frozen=True)
class Coverage:
    total: Rate
    cities: tuple[Rate, ...]
    sizes: tuple[Rate, ...]


def _share(part: int, whole: int) -> Decimal:
    return round(Decimal(100 * part) / whole, 1) if whole else Decimal("0.0")


def try_out(*, name: str, day: date, file: BinaryIO, file_name: str, by: User) -> EnterpriseList:
    """Judge each row; in no figure before `apply`. Raises workbooks.Refused, and Refused for who is no officer."""
    if not permissions.is_clerk(by):
        raise Refused(_("Lists are brought by officers of the bureau."))
    table = workbooks.read(file, COLUMNS, most=MOST)
    home = permissions.home_region(by)
    with transaction.atomic():
        made = EnterpriseList.objects.create(
            name=name.strip()[:100],
            day=day,
            file_name=file_name[:200],
            headings=list(table.headings),
            region_code="" if permissions.is_provincial_clerk(by) or home is None else home.code,
            made_by=by,
            made_at=timezone.now(),
        )
        Listed.objects.bulk_create(_judged(made, table, by), batch_size=BATCH)
    return made


def _judged(made: EnterpriseList, table: workbooks.Table, by: User) -> Iterator[Listed]:
    regions = {row.code: row for row in Region.objects.current()}
    statistical = (Region.Level.CITY, Region.Level.BUCKET)
    names = {row.name: row for row in regions.values() if row.level in statistical}
    seen: dict[str, int] = {}
    for line in table.lines:
        row, reason = _row(made, line, regions, names)
        if not reason and row.uscc in seen:
            reason = Reason(gettext_noop("The same credit code is in row %(row)d."), {"row": seen[row.uscc]})
        if not reason and not _is_theirs(by, row, regions):
            reason = Reason(gettext_noop("This enterprise lies outside your region."))
        if reason:
            row.verdict, row.reason, row.params = Verdict.STOP, reason.text, reason.params
            row.raw = workbooks.plain(line)
        else:
            seen[row.uscc] = line.number
        yield row


def _row(
    made: EnterpriseList, line: Line, regions: dict[str, Region], names: dict[str, Region]
) -> tuple[Listed, Reason]:
    row = Listed(listing=made, number=line.number, name=line["name"][:200], verdict=Verdict.COUNTS)
    row.uscc = uscc.normalise(line["code"])[:18]
    row.size = SIZES.get(line["size"][:1], str(Size.UNKNOWN))
    if unread := workbooks.why_unread(line):
        return row, unread
    if not row.name:
        return row, Reason(gettext_noop("The name of the enterprise is missing."))
    if shortened := workbooks.why_shortened(line["code"]):
        return row, shortened
    if not uscc.check(line["code"]).usable:
        return row, Reason(gettext_noop("This is no unified social credit code. Compare it with the licence."))
    county = row.uscc[2:8]
    row.city_code, strange = _city(line["city"], county, regions, names)
    known = county in regions and regions[county].level == Region.Level.COUNTY
    # Where the list says another city than the code, the row counts there, and the county of the code is none of its.
    lies_in = row.city_code in regions and county.startswith(permissions.codes_within(row.city_code))
    row.county_code = county if known and lies_in else ""
    return row, strange


def _city(text: str, county: str, regions: dict[str, Region], names: dict[str, Region]) -> tuple[str, Reason]:
    """What the list says; where it says nothing, where the enterprise is registered by its code."""
    if text:
        found = names.get(text) or _only(text, names)
        if found is None:
            return "", Reason(gettext_noop("“%(city)s” is no city or prefecture that is known here."), {"city": text})
        return found.code, Reason()
    if county[:2] == CHONGQING[:2]:
        return CHONGQING, Reason()
    city = regions.get(f"{county[:4]}00")
    if city and city.level == Region.Level.CITY:
        return city.code, Reason()
    return (Region.UNKNOWN if f"{county[:2]}0000" in regions else Region.OTHER), Reason()


def _only(text: str, names: dict[str, Region]) -> Region | None:
    """阿坝州 and 绵阳 as well as 阿坝藏族羌族自治州; a beginning only where it fits one alone."""
    short = text.removesuffix("市").removesuffix("州") or text
    named = [row for row in names.values() if row.short and row.short in (text, short)]
    fits = named or [row for name, row in names.items() if name.startswith(text)]
    return fits[0] if len(fits) == 1 else None


def _is_theirs(by: User, row: Listed, regions: dict[str, Region]) -> bool:
    if permissions.is_provincial_clerk(by):
        return True
    places = [regions[code] for code in (row.city_code, row.county_code) if code in regions]
    return any(permissions.can_see_region(by, place) for place in places)


def apply(listing: EnterpriseList, *, by: User) -> EnterpriseList:
    """From now on it is one of the versions. Raises Refused when nothing of it counts."""
    with transaction.atomic():
        row = EnterpriseList.objects.select_for_update().get(pk=listing.pk)
        if row.applied_at is None:
            if not row.rows.counted().exists():
                raise Refused(_("No row of this list can be counted, so nothing was kept."))
            row.applied_at = timezone.now()
            row.save(update_fields=["applied_at"])
    return row


def drop(listing: EnterpriseList) -> None:
    EnterpriseList.objects.filter(pk=listing.pk, applied_at=None).delete()


def forget_old() -> int:
    """The periodic duty: trials that nobody decided about."""
    return EnterpriseList.objects.filter(applied_at=None, made_at__lt=timezone.now() - KEPT).delete()[0]


def returned(listing: EnterpriseList) -> bytes:
    """The rows that do not count, as they came, with the reason."""
    rows = list(listing.rows.filter(verdict=Verdict.STOP).order_by("number"))
    table = workbooks.Table(tuple(listing.headings), [Line(row.number, {}, tuple(row.raw)) for row in rows])
    return workbooks.returned(table, {row.number: row.why for row in rows})


def visible(user: User) -> QuerySet[EnterpriseList]:
    """Lists that have a row within what the officer sees; the own ones on trial."""
    rows = EnterpriseList.objects.filter(Q(applied_at__isnull=False) | Q(made_by=user))
    if permissions.is_provincial_clerk(user):
        return rows
    counted = Listed.objects.counted().filter(listing=OuterRef("pk"))
    return rows.filter(Exists(within(user, counted)) | Q(made_by=user))


def readable(listing: EnterpriseList, user: User) -> QuerySet[Listed]:
    """All rows to who brought the list and to the province; to others what counts of theirs: a row that was stopped
    lies nowhere."""
    if listing.made_by == user or permissions.is_provincial_clerk(user):
        return listing.rows.all()
    return within(user, listing.rows.counted())


def within(user: User, rows: QuerySet[Listed]) -> QuerySet[Listed]:
    """Of a list what lies in the officer's cities and counties; a service centre has none."""
    cities, counties = permissions.visible_cities(user), permissions.visible_counties(user)
    if cities is None:
        return rows
    return rows.filter(Q(city_code__in=cities) | Q(county_code__in=counties))


def coverage(listing: EnterpriseList, user: User) -> Coverage:
    """As appointments and certificates stand today. Two queries, whatever the length of the list."""
    today = timezone.localdate()
    valid = Certificate.objects.valid().filter(user=OuterRef("user"))
    held = Appointment.objects.on(today).filter(enterprise__uscc=OuterRef("uscc"))
    rows = within(user, listing.rows.counted()).annotate(
        appointed=Exists(held), certified=Exists(held.filter(Exists(valid)))
    )
    cells = rows.order_by().values_list("city_code", "size").annotate(
        n=Count("pk"), a=Count("pk", filter=Q(appointed=True)), c=Count("pk", filter=Q(certified=True))
    )  # fmt: skip
    found = [(city, size, n, a, c) for city, size, n, a, c in cells]
    names = {row.code: str(row) for row in Region.objects.statistical().current()}
    elsewhere = sorted({cell[0] for cell in found} - set(names))
    heads = [(code, name) for code, name in names.items() if any(cell[0] == code for cell in found)]
    heads += [(code, code or _("Not given")) for code in elsewhere]
    return Coverage(
        total=_rate("", _("Total"), found),
        cities=tuple(_rate(code, name, [cell for cell in found if cell[0] == code]) for code, name in heads),
        sizes=tuple(
            _rate(code, str(name), cells_of) for code, name in Size.choices
            if (cells_of := [cell for cell in found if cell[1] == code])
        ),
    )  # fmt: skip


def _rate(code: str, name: str, cells: Iterable[tuple[str, str, int, int, int]]) -> Rate:
    sums = [sum(column) for column in zip(*((n, a, c) for _city, _size, n, a, c in cells), strict=True)] or [0, 0, 0]
    return Rate(code, name, *sums)


SHEET = (
    SheetColumn("分类", width=10),
    SheetColumn("市（州）/规模", width=24),
    SheetColumn("名录企业数", form=WHOLE, width=12),
    SheetColumn("已任命首席质量官企业数", form=WHOLE, width=24),
    SheetColumn("任命覆盖率（%）", form=TENTH, width=16),
    SheetColumn("已持证首席质量官企业数", form=WHOLE, width=24),
    SheetColumn("持证覆盖率（%）", form=TENTH, width=16),
)


def lines(told: Coverage) -> Iterator[list[Value]]:
    """The table as it is filed."""
    parts = [("市（州）", told.cities), ("规模", told.sizes), ("合计", (told.total,))]
    for part, rates in parts:
        for each in rates:
            yield [
                part,
                each.name,
                each.listed,
                each.appointed,
                each.appointed_rate,
                each.certified,
                each.certified_rate,
            ]
