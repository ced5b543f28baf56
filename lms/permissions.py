"""Who may do what, asked in one place. Each question is a `rules` predicate and can be called as a function."""

from functools import wraps

import rules
from django.utils import timezone

from .models import BureauPost, Enterprise, Membership, Region, User
from .regions import CHONGQING

TRAINERS = "Trainers"
EDITORS = "Editors"
BUREAU = "Bureau"
GROUPS = (TRAINERS, EDITORS, BUREAU)


def _asked_once(function):
    """Keep the answer on the user object: a page asks the same question for its header, its lists and its links."""

    @wraps(function)
    def remembered(user):
        kept = user.__dict__.setdefault("_permissions", {})
        if function.__name__ not in kept:
            kept[function.__name__] = function(user)
        return kept[function.__name__]

    return remembered


@_asked_once
def _groups(user: User) -> frozenset[str]:
    return frozenset(user.groups.values_list("name", flat=True)) if user.is_authenticated else frozenset()


@_asked_once
def _held(user: User) -> tuple[BureauPost, ...]:
    if not user.is_authenticated:
        return ()
    return tuple(BureauPost.objects.on(timezone.localdate()).select_related("region").filter(user=user))


def _posts(user: User) -> tuple[Region | None, ...]:
    """Those of the bureau itself."""
    return tuple(post.region for post in _held(user) if post.duty == BureauPost.Duty.BUREAU)


def _centres(user: User) -> tuple[BureauPost, ...]:
    """A centre without a city or county, or for a province, would see nothing or all: it is none."""
    centres = [post for post in _held(user) if post.duty == BureauPost.Duty.CENTRE]
    return tuple(post for post in centres if not _is_whole(post.region))


@_asked_once
def _managed(user: User) -> frozenset[int]:
    if not user.is_authenticated:
        return frozenset()
    rows = Membership.objects.current().filter(user=user, role=Membership.Role.MANAGER)
    return frozenset(rows.values_list("enterprise_id", flat=True))


def forget(user: User) -> None:
    """After a change of groups, posts or memberships within the same request."""
    user.__dict__.pop("_permissions", None)


@rules.predicate
def is_trainer(user: User) -> bool:
    return user.is_active and (user.is_superuser or TRAINERS in _groups(user))


@rules.predicate
def is_editor(user: User) -> bool:
    return user.is_active and (user.is_superuser or EDITORS in _groups(user))


@rules.predicate
def is_clerk(user: User) -> bool:
    """Holds a post in a bureau today."""
    return user.is_active and (user.is_superuser or bool(_posts(user)))


@rules.predicate
def is_provincial_clerk(user: User) -> bool:
    """Sees the whole school: a post without a region or at the level of the province."""
    return user.is_active and (user.is_superuser or any(_is_whole(region) for region in _posts(user)))


@rules.predicate
def sees_figures(user: User) -> bool:
    """Has the desk: officers of a bureau, and service centres."""
    return is_clerk(user) or (user.is_active and bool(_centres(user)))


@rules.predicate
def can_see_figures(user: User, region: Region | None) -> bool:
    """A service centre sees the figures of what it lies in, and nothing else of its people and enterprises."""
    if can_see_region(user, region):
        return True
    return user.is_active and region is not None and any(covers(post.region, region) for post in _centres(user))


@rules.predicate
def is_manager(user: User) -> bool:
    return user.is_active and bool(_managed(user))


@rules.predicate
def keeps_keys(user: User) -> bool:
    """Gives keys to other systems and says which addresses are told."""
    return user.is_active and user.is_superuser


@rules.predicate
def can_see_region(user: User, region: Region | None) -> bool:
    """A post shows its own region and what lies in it. 省外 and 未填报 belong to the whole school."""
    if is_provincial_clerk(user):
        return True
    return user.is_active and region is not None and any(covers(held, region) for held in _posts(user))


@rules.predicate
def manages(user: User, enterprise: Enterprise | None) -> bool:
    return user.is_active and enterprise is not None and enterprise.pk in _managed(user)


@rules.predicate
def can_see_enterprise(user: User, enterprise: Enterprise | None) -> bool:
    """Its managers, and the officers of the city in which it lies."""
    if enterprise is None:
        return False
    return manages(user, enterprise) or can_see_region(user, enterprise.city)


def seats(user: User) -> list[Region | None]:
    """What the officer sees, the widest first; None is the whole school. Empty for anybody else."""
    if not user.is_active:
        return []
    if is_provincial_clerk(user):
        return [None]
    held = {region.code: region for region in [*_posts(user), *(post.region for post in _centres(user))] if region}
    return sorted(held.values(), key=lambda region: (region.level == Region.Level.COUNTY, region.code))


def unit(user: User) -> str:
    """The name of the service centre that somebody reports for; nothing for an officer of a bureau."""
    return "" if is_clerk(user) else next((post.unit for post in _centres(user) if post.unit), "")


def home_region(user: User) -> Region | None:
    """That of the officer's post; of somebody without one, or with the whole school, none."""
    return next((region for region in _posts(user) if region), None)


def visible_cities(user: User) -> list[str] | None:
    """Codes of the statistical rows that the officer may read, for scoping a list; None is every row."""
    if is_provincial_clerk(user):
        return None
    held = {region.code for region in _posts(user) if region and region.level != Region.Level.COUNTY}
    return sorted(held) if user.is_active else []


def visible_counties(user: User) -> list[str]:
    """Codes of the counties in which somebody is an officer, beside the cities of `visible_cities`."""
    held = {region.code for region in _posts(user) if region and region.level == Region.Level.COUNTY}
    return sorted(held) if user.is_active else []


def _is_whole(region: Region | None) -> bool:
    return region is None or region.level == Region.Level.PROVINCE


def covers(held: Region | None, region: Region) -> bool:
    """By code and not by row, so that a renamed city is still the same city."""
    if _is_whole(held):
        return True
    if region.level == Region.Level.COUNTY and held.level == Region.Level.CITY:
        return region.code.startswith(codes_within(held.code))
    return held.code == region.code


def codes_within(city: str) -> str:
    """How the codes of a city and of all its counties begin."""
    return city[:2] if city == CHONGQING else city[:4]


rules.add_perm("lms.view_region_figures", can_see_figures)
rules.add_perm("lms.manage_enterprise", manages)
rules.add_perm("lms.view_enterprise_staff", can_see_enterprise)
