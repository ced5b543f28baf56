"""Why something was decided about a row, kept as words to be translated and what stands in them: whoever reads it later
reads it in their own language, not in that of who brought the row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class Reason:
    """`text` is a message id, marked by gettext_noop where it is written."""

    text: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return told({"reason": self.text, "params": self.params})


def told(line: Mapping[str, Any]) -> str:
    """In the language of the reader. A line of before has its words as they were written then."""
    text, params = line.get("reason") or "", line.get("params")
    if not text:
        return ""
    return gettext(text) % params if params else gettext(text)
