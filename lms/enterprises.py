"""Who works where, and who was appointed what: dated rows, so that the past can be told as it was."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import regions, uscc
from .models import Appointment, Enterprise, IndustryChain, Membership, Region, User

CQO = "首席质量官"


class Refused(Exception):
    """The message says what happened, in the reader's language."""


class BadCode(Refused):
    def __init__(self, checked: uscc.Checked):
        super().__init__(str(checked.errors[0].message))
        self.checked = checked


@dataclass(frozen=True)
class Standing:
    """Where a person stood at a moment, as the book of record copies it. No enterprise: UNKNOWN, 未填报."""

    uscc: str = ""
    name: str = ""
    subject: str = ""
    size: str = ""
    chains: list[str] = field(default_factory=list)
    city_code: str = Region.UNKNOWN
    city_name: str = regions.NOT_GIVEN
    province_code: str = Region.UNKNOWN
    county_code: str = ""
    county_name: str = ""


def today() -> date:
    """The calendar day in Shanghai."""
    return timezone.localdate()


def find(code: str) -> Enterprise | None:
    """The enterprise of a credit code as typed, with all that a page shows of it."""
    found = Enterprise.objects.select_related("city").prefetch_related("chains")
    return found.filter(uscc=uscc.normalise(code)).first()


def find_or_create(
    *,
    code: str,
    name: str,
    city: Region | None = None,
    size: str = Enterprise.Size.UNKNOWN,
    chains: Iterable[IndustryChain] = (),
    by: User | None = None,
) -> Enterprise:
    """The enterprise of that credit code. A known one keeps what it says of itself; only blanks are filled in.

    Two people who name a new enterprise at once get the same row. Raises BadCode.
    """
    checked = uscc.check(code)
    if not checked.usable:
        raise BadCode(checked)
    chains = list(chains)
    with transaction.atomic():
        found, created = Enterprise.objects.get_or_create(
            uscc=checked.code,
            defaults={
                "name": name,
                "subject": checked.subject,
                "size": size,
                "city": city or regions.city_of(checked.code),
                "inner_check_failed": any(problem.kind == "inner_check" for problem in checked.warnings),
                "created_by": by,
            },
        )
        if created:
            found.chains.set(chains)
        else:
            _fill_blanks(found, city=city, size=size, chains=chains)
    return found


def _fill_blanks(enterprise: Enterprise, *, city: Region | None, size: str, chains: list[IndustryChain]) -> None:
    filled = []
    if enterprise.city_id is None and city:
        enterprise.city = city
        filled.append("city")
    if enterprise.size == Enterprise.Size.UNKNOWN and size != Enterprise.Size.UNKNOWN:
        enterprise.size = size
        filled.append("size")
    if filled:
        enterprise.save(update_fields=filled)
    if chains and not enterprise.chains.exists():
        enterprise.chains.set(chains)


def membership(user: User) -> Membership | None:
    """Where the person works now."""
    rows = Membership.objects.current().select_related("enterprise__city")
    return rows.filter(user=user).first()


def join(
    *, user: User, enterprise: Enterprise, post: str = "", role: str = Membership.Role.STAFF, on: date | None = None
) -> Membership:
    """The first enterprise of somebody who has none. Raises Refused for somebody who has one: that is a transfer."""
    with transaction.atomic():
        if _locked_membership(user):
            raise Refused(_("You already belong to an enterprise. Transfer instead of joining a second one."))
        return _begin(user, enterprise, post, role, on or today())


def transfer(
    *, user: User, enterprise: Enterprise, post: str = "", role: str = Membership.Role.STAFF, on: date | None = None
) -> Membership:
    """Leave the present enterprise, if any, and belong to this one from that day. Doing it twice changes nothing."""
    day = on or today()
    with transaction.atomic():
        current = _locked_membership(user)
        if current and current.enterprise_id == enterprise.pk:
            return _repost(current, post, day)
        if current:
            _end(current, day)
        return _begin(user, enterprise, post, role, day)


def leave(user: User, on: date | None = None) -> Membership | None:
    """End the present membership; from that day on the person counts as 未填报."""
    with transaction.atomic():
        current = _locked_membership(user)
        if current:
            _end(current, on or today())
    return current


def _repost(current: Membership, post: str, day: date) -> Membership:
    """Another post in the same enterprise; the role of a manager is kept."""
    if current.post == post:
        return current
    if current.started_on == day:
        current.post = post
        current.save(update_fields=["post"])
        return current
    _end(current, day)
    return _begin(current.user, current.enterprise, post, current.role, day)


def _locked_membership(user: User) -> Membership | None:
    """The person's row is the lock: it exists even when there is no membership yet."""
    User.objects.select_for_update().get(pk=user.pk)
    return Membership.objects.current().select_related("enterprise").filter(user=user).first()


def _begin(user: User, enterprise: Enterprise, post: str, role: str, day: date) -> Membership:
    return Membership.objects.create(user=user, enterprise=enterprise, post=post, role=role, started_on=day)


def _end(current: Membership, day: date) -> None:
    if day < current.started_on:
        raise Refused(_("The day lies before the present membership began (%s).") % current.started_on)
    current.ended_on = day
    current.save(update_fields=["ended_on"])


def appoint(
    *, user: User, enterprise: Enterprise, title: str = CQO, document: str = "", on: date | None = None
) -> Appointment:
    """Appoint somebody Chief Quality Officer. Raises Refused while the same appointment holds."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if Appointment.objects.current().filter(user=user, enterprise=enterprise).exists():
            raise Refused(_("%(name)s already holds an appointment there. End it first.") % {"name": user.name})
        return Appointment.objects.create(
            user=user, enterprise=enterprise, title=title, document=document, started_on=on or today()
        )


def end_appointment(appointment: Appointment, on: date | None = None) -> Appointment:
    """The appointee no longer holds the post from that day; ending twice keeps the first day."""
    with transaction.atomic():
        row = Appointment.objects.select_for_update().get(pk=appointment.pk)
        if row.ended_on is None:
            row.ended_on = max(on or today(), row.started_on)
            row.save(update_fields=["ended_on"])
    return row


def standing(user: User, at: datetime | None = None) -> Standing:
    """What the ledger copies of a person's enterprise as of that moment, now by default."""
    return standings([user], at)[user.pk]


def standings(users: Iterable[User], at: datetime | None = None) -> dict[int, Standing]:
    """The same of many, by their keys, in three queries."""
    day, keys = timezone.localdate(at) if at else today(), [user.pk for user in users]
    rows = Membership.objects.on(day).filter(user__in=keys).order_by("id").select_related("enterprise__city")
    held = {row.user_id: row.enterprise for row in rows.prefetch_related("enterprise__chains")}
    counties = regions.counties_of((firm.uscc, firm.city) for firm in held.values() if firm.city)
    return {key: _snapshot(held[key], counties) if key in held else Standing() for key in keys}


def snapshot(enterprise: Enterprise) -> Standing:
    city = enterprise.city
    return _snapshot(enterprise, regions.counties_of([(enterprise.uscc, city)] if city else []))


def _snapshot(enterprise: Enterprise, counties: dict[str, Region]) -> Standing:
    city, county = enterprise.city, counties.get(enterprise.uscc)
    return Standing(
        uscc=enterprise.uscc,
        name=enterprise.name,
        subject=enterprise.subject,
        size=enterprise.size,
        chains=sorted(chain.code for chain in enterprise.chains.all()),
        city_code=city.code if city else Region.UNKNOWN,
        city_name=city.name if city else regions.NOT_GIVEN,
        province_code=city.province_code if city else Region.UNKNOWN,
        county_code=county.code if county else "",
        county_name=county.name if county else "",
    )


def load_chains(
    pillars: dict[str, str], chains: Iterable[dict], *, english: dict[str, dict[str, str]] | None = None
) -> int:
    """Make the list of industry chains equal to `chains` ({code, name, pillar, featured}); others fall out of use.
    `english` is {"pillars": {code: name}, "chains": {code: name}}.
    """
    english = english or {"pillars": {}, "chains": {}}
    codes = []
    with transaction.atomic():
        for chain in chains:
            codes.append(chain["code"])
            IndustryChain.objects.update_or_create(
                code=chain["code"],
                defaults={
                    "name": chain["name"],
                    "name_en": english["chains"].get(chain["code"], ""),
                    "pillar": chain["pillar"],
                    "pillar_name_en": english["pillars"].get(chain["pillar"], ""),
                    "pillar_name": pillars[chain["pillar"]],
                    "featured": chain.get("featured", False),
                    "in_use": True,
                },
            )
        IndustryChain.objects.exclude(code__in=codes).update(in_use=False)
    return len(codes)
