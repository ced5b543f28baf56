"""Forms of pages for learners and enterprises."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import ProgrammePage
from .models.translation import first_locale


def in_a_month():
    return timezone.localdate() + timedelta(days=30)


class ProgrammeChoice(forms.ModelChoiceField):
    def label_from_instance(self, programme):
        return programme.localized.title


class AssignForm(forms.Form):
    """A programme and its last day; the people are ticked in the table."""

    programme = ProgrammeChoice(ProgrammePage.objects.none(), label=_("Programme"), empty_label=None)
    due_on = forms.DateField(
        label=_("To be finished by"),
        initial=in_a_month,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = ProgrammePage.objects.live().filter(locale_id=first_locale())
