"""What courses add to the editors' office. Wagtail imports this package; each part registers its own hooks."""

from . import appeals, certificates, exams, pages, records, reports, snippets  # noqa: F401
