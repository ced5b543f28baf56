"""What the book calls an activity of the courses, a year of a course or programme; and where one is looked after."""

from collections.abc import Callable
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from lms import school, tally
from lms.models import Activity

from .models import TrackPage, TrainingClass


def of_year(kind: str, page: Page, at: datetime) -> Activity:
    """Courses and programmes are open all the year: a year of one is what the bureau counts."""
    year = timezone.localdate(at).year
    return tally.activity(
        key=f"{kind}:{page.translation_key}:{year}",
        kind=kind,
        title=page.title,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        organisers=_organisers(),
        track=lambda: _track(page),
    )


def _track(page: Page) -> str:
    """Of the page that a course lies under; a programme may lie under none."""
    above = TrackPage.objects.ancestor_of(page).last()
    return above.code if above else ""


def _organisers() -> list[dict[str, str]]:
    known = school.facts()
    named = {"主办": known.owner, "承办": known.organiser}
    return [{"role": role, "name": name} for role, name in named.items() if name]


def page_of(activity: Activity) -> str:
    """The address of the page on which its organisers look after an activity; nothing for one that has none."""
    return next((address for find in pages if (address := find(activity))), "")


def _page_of_class(activity: Activity) -> str:
    held = TrainingClass.objects.filter(activity=activity).first()
    return reverse("training_class", args=[held.uuid]) if held else ""


pages: list[Callable[[Activity], str]] = [_page_of_class]  # apps above add theirs
