"""What the school is called and who runs it, for pages, papers and letters."""

from django.core.cache import cache

from .models import SchoolSettings

FRESH_FOR = 60


def facts() -> SchoolSettings:
    """A change shows on every page within a minute."""
    return cache.get_or_set("school-facts", SchoolSettings.load, FRESH_FOR)
