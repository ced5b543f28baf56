"""What courses add to the editors' office. Wagtail imports this package; each part registers its own hooks."""

from . import appeals, certificates, exams, first_page, flags, pages, records, reports, retention, snippets  # noqa: F401
