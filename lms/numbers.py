"""Whole numbers in what somebody sends: no longer than a database can hold, and never a breakdown."""

from django.urls.converters import IntConverter

DIGITS = 18  # a 64-bit number always holds these; Python itself refuses to read some thousands of them


class RowConverter(IntConverter):
    """<row:pk> of an address."""

    regex = f"[0-9]{{1,{DIGITS}}}"


def whole(text: str | None) -> int | None:
    """The number that these digits say. None when there is none, or one that no row can have."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= DIGITS else None
