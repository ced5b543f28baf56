"""How many people have a player open now, by the city of their enterprise."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils import timezone

from lms.models import Membership, Region

from .models import WatchSession

SILENT = timedelta(seconds=60)  # a player that said nothing for so long is closed or asleep


def here() -> QuerySet[WatchSession]:
    """Whose player is open now, as far as it said so lately."""
    return WatchSession.objects.open().filter(last_beat_at__gte=timezone.now() - SILENT)


def by_city() -> dict[str, int]:
    return cities(here())


def cities(rows: QuerySet[Any]) -> dict[str, int]:
    """The people of those rows, each once, by the city of their enterprise now."""
    own = Membership.objects.current().filter(user=OuterRef("user")).values("enterprise__city__code")
    counted = rows.annotate(city=Subquery(own[:1])).values("city").annotate(people=Count("user", distinct=True))
    return {row["city"] or Region.UNKNOWN: row["people"] for row in counted.order_by("city")}
