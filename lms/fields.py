"""Form fields that know what people in China type: mobile numbers, names, codes."""

import unicodedata

from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import accounts


class LongEnough(MinimumLengthValidator):
    """Django's rule in our words: its present Chinese catalogue lacks this sentence."""

    def get_error_message(self):
        return ngettext(
            "The password is too short: at least %(n)d character.",
            "The password is too short: at least %(n)d characters.",
            self.min_length,
        ) % {"n": self.min_length}


class RuleField(forms.CharField):
    """A text whose meaning is known to a rule; what the rule raises is shown at the field."""

    clean_by = None

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return value
        try:
            return type(self).clean_by(value)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class PageChoiceField(forms.ModelChoiceField):
    """Of pages: their numbers point into another table, so that Django does not look whether a number can be one."""

    def to_python(self, value):
        try:
            return super().to_python(value)
        except OverflowError as too_large:
            words = self.error_messages["invalid_choice"]
            raise forms.ValidationError(words, code="invalid_choice", params={"value": value}) from too_large


class NameField(RuleField):
    clean_by = accounts.clean_name

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Full name"))
        kwargs.setdefault("help_text", _("As on your documents: it is printed on certificates. 2 to 20 characters."))
        widget = forms.TextInput(attrs={"autocomplete": "name", "maxlength": 40})
        super().__init__(widget=widget, **kwargs)


class MobileField(RuleField):
    clean_by = accounts.clean_mobile

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("help_text", _("A mainland number. We send a code to it."))
        attrs = {"class": "input--code", "autocomplete": "tel", "inputmode": "tel", "maxlength": 24}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)


class LoginField(forms.CharField):
    """A mobile number or an e-mail address in one box; the value is as typed, the form tells which it was."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Mobile number or e-mail"))
        attrs = {
            "class": "input--code",
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "maxlength": 254,
        }
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)


class PasswordField(forms.CharField):
    def __init__(self, autocomplete="current-password", **kwargs):
        kwargs.setdefault("label", _("Password"))
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(widget=widget, strip=False, **kwargs)


class CodeField(forms.CharField):
    """Six digits, however an input method writes them."""

    def __init__(self, **kwargs):
        attrs = {
            "class": "input--code input--short",
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "maxlength": 12,
        }
        super().__init__(label=_("Verification code"), widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value):
        return unicodedata.normalize("NFKC", super().to_python(value))
