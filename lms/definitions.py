"""What each figure of the bureau means: one place for the desk, the exports, the API and the page of definitions."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

EDITION = "2026-01"  # of the definitions as a whole; a figure names it with the number of its rule


@dataclass(frozen=True)
class Definition:
    """A figure by the name that it has in `reports.Measures`."""

    key: str
    number: int
    name: str | Promise
    unit: str | Promise
    unit_of_one: str | Promise
    sentence: str | Promise
    once_per: str | Promise  # what is counted once
    adds_up: bool  # over the cities of a period
    chinese: str  # its name in official tables, whatever the language of the reader


DEFINITIONS = (
    Definition(
        "sessions",
        1,
        pgettext_lazy("figure", "Sessions"),
        pgettext_lazy("unit", "sessions"),
        pgettext_lazy("unit", "session"),
        _(
            "Activities in which somebody took part in the period. A broadcast, an offline class or a run of a course "
            "is one. People of several cities may be in the same one, so cities do not add up."
        ),
        _("activity"),
        False,
        "场次",
    ),
    Definition(
        "attendances",
        2,
        pgettext_lazy("figure", "Attendances"),
        "",
        "",
        _("A person in an activity is one, however often they came and went."),
        _("person × activity"),
        True,
        "人次",
    ),
    Definition(
        "persons",
        3,
        pgettext_lazy("figure", "People"),
        pgettext_lazy("unit", "people"),
        pgettext_lazy("unit", "person"),
        _("Different people in the period. Somebody who was in several activities is one."),
        _("person"),
        False,
        "人数",
    ),
    Definition(
        "enterprise_attendances",
        4,
        pgettext_lazy("figure", "Enterprise attendances"),
        "",
        "",
        _(
            "An enterprise in an activity is one, however many of its people came. People who gave no enterprise are "
            "not counted here."
        ),
        _("enterprise × activity"),
        True,
        "家次",
    ),
    Definition(
        "enterprises",
        5,
        pgettext_lazy("figure", "Enterprises"),
        pgettext_lazy("unit", "enterprises"),
        pgettext_lazy("unit", "enterprise"),
        _("Different enterprises in the period."),
        _("enterprise"),
        False,
        "家数",
    ),
    Definition(
        "hours",
        6,
        pgettext_lazy("figure", "Credit hours"),
        pgettext_lazy("unit", "hours"),
        pgettext_lazy("unit", "hour"),
        _(
            "Hours that were credited, of 45 minutes each; not the time that films ran. The same lesson is credited "
            "once to a person in a period."
        ),
        _("person × lesson"),
        True,
        "学时",
    ),
    Definition(
        "graduates",
        7,
        pgettext_lazy("figure", "Completions"),
        pgettext_lazy("unit", "people"),
        pgettext_lazy("unit", "person"),
        _("People who met all that a programme asks, once for each programme."),
        _("person × programme"),
        True,
        "结业人数",
    ),
    Definition(
        "certificates",
        8,
        pgettext_lazy("figure", "Certificates"),
        pgettext_lazy("unit", "certificates"),
        pgettext_lazy("unit", "certificate"),
        _(
            "Certificates issued in the period and not revoked since. A corrected version is no second certificate and "
            "stays in the period of the first one; a renewal counts in its own period, and once with the first one in "
            "a period that holds both. The place is that at issue, whatever moves later."
        ),
        _("person × programme"),
        True,
        "发证数",
    ),
    Definition(
        "satisfaction",
        9,
        pgettext_lazy("figure", "Satisfaction"),
        "%",
        "%",
        _(
            "Of the answers to the five questions about an activity, the share with four or five stars. N, how many "
            "answers they are, always stands beside; an answer is valid as long as its person is counted in the "
            "activity. Answers count in bundles of five people or more, each as a whole in the cells that hold all of "
            "it."
        ),
        _("person × activity × question"),
        False,
        "满意度",
    ),
)
BY_KEY = {each.key: each for each in DEFINITIONS}
MAIN = DEFINITIONS[:6]  # the six of the head of the desk
