"""What courses add to the editors' office. Wagtail imports this package; each part registers its own hooks."""

from . import pages, reports, snippets  # noqa: F401
