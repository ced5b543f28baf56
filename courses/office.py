"""What waits for somebody in the editors' office: asked for the first page, by what that person may do."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lms.models import User
from lms.permissions import is_editor
from media.models import Video

from . import standards
from .models import Appeal, Certificate, Flag
from .permissions import decides_appeals, manages_certificates, reviews_flags


@dataclass(frozen=True)
class Pile:
    """`name` says which pile it is, to whoever knows where it lies."""

    name: str
    words: str
    count: int


def piles(user: User) -> Iterator[Pile]:
    """In the order of urgency. Empty ones are there too: nothing to do is an answer."""
    if is_editor(user):
        yield Pile(
            "failed", _("Films that could not be prepared"), Video.objects.filter(state=Video.State.FAILED).count()
        )
        yield Pile("unfinished", _("Films being prepared"), Video.objects.unfinished().count())
        yield Pile("review", _("Lessons that cite an outdated standard"), len(standards.lessons_to_review()))
    if manages_certificates(user):
        held = Certificate.objects.filter(print_state=Certificate.Print.REVIEW)
        yield Pile("held", _("Certificates that need a person to be printed"), held.count())
    if decides_appeals(user):
        yield Pile("appeals", _("Requests for credit to be decided"), Appeal.objects.open().count())
    if reviews_flags(user):
        yield Pile("flags", _("Strange patterns to be looked at"), Flag.objects.open().count())
