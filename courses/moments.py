"""A moment of a film: whole milliseconds in the database, 12:40 or 1:02:05 for people."""

import re

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

TYPED = re.compile(r"(?:(\d{1,2})[:：])?(\d{1,3})[:：]([0-5]?\d)(?:[.．](\d{1,3}))?")


class Unreadable(ValueError):
    """Nobody would take this for a moment of a film."""


def parse(text: str) -> int:
    """Milliseconds of 12:40, 1:02:05 or 0:07.5. Raises Unreadable."""
    match = TYPED.fullmatch(text.strip())
    if not match:
        raise Unreadable(text)
    hours, minutes, seconds, rest = match.groups()
    if hours and int(minutes) > 59:
        raise Unreadable(text)
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((rest or "").ljust(3, "0"))


def typed(ms: int) -> str:
    """As `parse` reads it again: 12:40, or 12:40.250 where the second is not whole."""
    minutes, rest = divmod(ms, 60_000)
    seconds, parts = divmod(rest, 1000)
    return f"{minutes:02}:{seconds:02}" + (f".{parts:03}" if parts else "")


def in_link(ms: int) -> str:
    """60.5 of 60500: seconds as #t=60.5 says them."""
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".")


class MomentFormField(forms.Field):
    widget = forms.TextInput(attrs={"maxlength": 12})
    default_error_messages = {"moment": _("Please write the time as 12:40, or 1:02:05 with hours.")}

    def prepare_value(self, value):
        return typed(value) if isinstance(value, int) else value

    def to_python(self, value):
        if not (value or "").strip():
            return None
        try:
            return parse(value)
        except Unreadable as refused:
            raise forms.ValidationError(self.error_messages["moment"], code="moment") from refused

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class MomentField(models.PositiveIntegerField):
    def formfield(self, **kwargs):
        wanted = {"label": kwargs.get("label", self.verbose_name.capitalize()), "help_text": self.help_text}
        return MomentFormField(required=not self.blank, **wanted)
