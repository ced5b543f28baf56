"""Forms of pages for learners and enterprises."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms.fields import PageChoiceField

from . import evaluation
from .models import ProgrammePage
from .models.translation import first_locale


def in_a_month():
    return timezone.localdate() + timedelta(days=30)


class ProgrammeChoice(PageChoiceField):
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


class ClassForm(forms.Form):
    """A class on site, as the bureau plans it."""

    title = forms.CharField(label=_("Title"), max_length=200)
    starts_on = forms.DateField(
        label=pgettext_lazy("dates", "From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=pgettext_lazy("dates", "To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    quota = forms.IntegerField(label=_("Places"), min_value=1, max_value=100_000, required=False)
    organiser = forms.CharField(label=_("Organiser"), max_length=100, required=False)
    co_organiser = forms.CharField(label=_("Co-organiser"), max_length=100, required=False)

    def organisers(self):
        named = {"主办": self.cleaned_data["organiser"], "承办": self.cleaned_data["co_organiser"]}
        return [{"role": role, "name": name} for role, name in named.items() if name]


class SessionForm(forms.Form):
    """One meeting of a class."""

    name = forms.CharField(label=_("Subject"), max_length=120)
    starts_at = forms.DateTimeField(
        label=_("Begins"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=720, initial=45)


class ListForm(forms.Form):
    """A list of enterprises, as of a day."""

    name = forms.CharField(label=_("Name of the list"), max_length=100)
    day = forms.DateField(
        label=_("As of"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(label=_("The file"), widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}))


STARS = [
    (5, _("5 stars: very satisfied")),
    (4, _("4 stars: satisfied")),
    (3, _("3 stars: fair")),
    (2, _("2 stars: dissatisfied")),
    (1, _("1 star: very dissatisfied")),
]


class EvaluationForm(forms.Form):
    """The five questions, as the school words them, and room for words."""

    def __init__(self, data=None, *, given=None):
        asked = evaluation.questions()
        initial = {each.aspect: getattr(given, each.aspect) for each in asked} if given else {}
        super().__init__(data, initial=initial | {"words": given.words if given else ""})
        for each in asked:
            self.fields[each.aspect] = forms.TypedChoiceField(
                label=str(each), choices=STARS, coerce=int, widget=forms.RadioSelect
            )
        self.fields["words"] = forms.CharField(
            label=_("What was good, what should be better?"),
            max_length=evaluation.LONGEST,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def stars(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "words"}
