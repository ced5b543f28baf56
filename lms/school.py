"""What the school is called and who runs it, for pages, papers and letters."""

from django.core.cache import cache

from .models import SchoolSettings

FRESH_FOR = 60


def facts() -> SchoolSettings:
    """A change shows on every page within a minute."""
    kept: SchoolSettings | None = cache.get("school-facts")
    if kept is None:
        kept = SchoolSettings.load()
        cache.set("school-facts", kept, FRESH_FOR)
    return kept
