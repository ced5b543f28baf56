"""Where a film is used: the lessons that show it, and the records that rest on it. Both keep it from being deleted."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import PROTECT, Count, ForeignObjectRel
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import Page, ReferenceIndex

from lms.models import User
from media.models import Video


@dataclass(frozen=True)
class Use:
    """A place that shows the film. `url` is the page for readers, `edit_url` for those who may change it; either may
    be empty."""

    title: str
    live: bool
    url: str
    edit_url: str


@dataclass(frozen=True)
class Records:
    label: str  # of the kind, in the reader's language
    count: int


def places(video: Video, *, viewer: User) -> list[Use]:
    finder = AdminURLFinder(viewer)
    found = []
    for item, _references in ReferenceIndex.get_grouped_references_to(video):
        page = item if isinstance(item, Page) else None
        live = getattr(item, "live", True)
        url = page.url or "" if page and live else ""
        found.append(Use(str(item), live, url, finder.get_edit_url(item) or ""))
    return found


def records(video: Video) -> list[Records]:
    """Rows of whatever kind that forbid the film to be deleted."""
    found = []
    for relation in video._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.on_delete is not PROTECT:
            continue
        model = relation.field.model
        count = model._base_manager.filter(**{relation.field.name: video}).count()
        if count:
            found.append(Records(str(model._meta.verbose_name_plural), count))
    return found


def counts(videos: Iterable[Video]) -> dict[int, int]:
    """Number of places that show each film; one query."""
    rows = (
        ReferenceIndex.objects.filter(
            to_content_type=ContentType.objects.get_for_model(Video), to_object_id__in=[str(v.pk) for v in videos]
        )
        .values("to_object_id")
        .annotate(places=Count("object_id", distinct=True))
    )
    return {int(row["to_object_id"]): row["places"] for row in rows}
