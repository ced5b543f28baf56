"""The main navigation, in order. One line is one entry; an entry whose page does not exist yet is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Lines = Sequence[tuple[str, str | Promise]]

# (name of the URL, words); `home` is the root of the page tree.
ENTRIES: Lines = (
    ("home", _("Home")),
    ("catalogue", _("Courses")),
    ("live", pgettext_lazy("channel", "Live")),
    ("my_learning", _("My learning")),
    ("verify", _("Verification")),
)

FOOTER: Lines = (
    ("agreement", _("User agreement")),
    ("privacy", _("Privacy policy")),
    ("site_map", _("Site map")),
)
ACCOUNT: Lines = (
    ("my_learning", _("My learning")),
    ("evidence_all", _("My records")),
    ("profile", _("My details")),
)
DESK = "desk"  # in the session: who signed in may work at the content desk
DESK_ENTRY: Lines = (("wagtailadmin_home", _("Content desk")),)
FIRM = "firm"  # in the session: who signed in is the training manager of an enterprise
FIRM_ENTRY: Lines = (("my_enterprise_desk", _("Staff and progress")),)
FIGURES = "figures"  # in the session: who signed in is an officer of the bureau
FIGURES_ENTRY: Lines = (("bureau", _("Desk of the bureau")),)
FILMS = "films"  # in the session: who signed in may upload films
FILMS_ENTRY: Lines = (("my_films", _("My videos")),)


@dataclass(frozen=True)
class Entry:
    name: str
    label: str | Promise
    url: str
    current: bool


def home_url() -> str:
    return reverse("wagtail_serve", args=[""])


def address(name: str) -> str:
    """The address of a page by the name of its URL; empty where the school has no such page."""
    if name == "home":
        return home_url()
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def entries(path: str, *, section: str = "", of: Lines = ENTRIES) -> list[Entry]:
    """`section` names the current entry where the path does not tell, as for a lesson below a course."""
    found = [(name, label, address(name)) for name, label in of]
    return [Entry(name, label, url, _is_current(name, url, path, section)) for name, label, url in found if url]


def _is_current(name: str, url: str, path: str, section: str) -> bool:
    if section:
        return name == section
    return path == url if name == "home" else path.startswith(url)
