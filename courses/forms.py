"""Forms of pages for learners and enterprises."""

import re
from datetime import timedelta
from itertools import groupby

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lms.fields import PageChoiceField
from lms.tracks import TRACKS

from . import evaluation
from .models import CoursePage, LessonPage, ProgrammePage
from .models.translation import first_locale

ROLES_OF_ORGANISERS = {
    "主办": _("Organiser"), "承办": _("Co-organiser"), "协办": _("Supported by"), "指导": _("Guided by"),
}  # fmt: skip


def in_a_month():
    return timezone.localdate() + timedelta(days=30)


class ProgrammeChoice(PageChoiceField):
    def label_from_instance(self, programme):
        return programme.localized.title


def programmes(chosen=None):
    """Those that are published, and the one chosen already."""
    return ProgrammePage.objects.filter(Q(live=True, locale_id=first_locale()) | Q(pk=chosen))


def lessons(chosen=None):
    """Each lesson once: in the reader's language, where it has one; and the one chosen already."""
    every = LessonPage.objects.live()
    mine = every.filter(locale__language_code=get_language())
    return every.filter(
        Q(pk__in=mine) | ~Q(translation_key__in=mine.values("translation_key")) | Q(pk=chosen)
    ).order_by("path")


class ByCourse(forms.models.ModelChoiceIterator):
    """Lessons under the titles of their courses, in the order of the outline."""

    def __iter__(self):
        yield "", self.field.empty_label
        titles = dict(CoursePage.objects.values_list("path", "title"))
        above = {each: each.path[: -each.steplen] for each in self.queryset.defer("body")}
        of = {each: titles.get(path) or titles.get(path[: -each.steplen], "") for each, path in above.items()}
        for course, found in groupby(of, of.get):
            yield course, [self.choice(each) for each in found]


class LessonChoice(PageChoiceField):
    iterator = ByCourse


class OrganisersField(forms.CharField):
    """One a line, 主办：四川省市场监督管理局; a line without a role is 主办."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(f"{each.get('role', '')}：{each.get('name', '')}" for each in value)
        return value

    def clean(self, value):
        found = []
        for line in super().clean(value).splitlines():
            role, mark, name = line.replace(":", "：", 1).partition("：")
            role, name = (role.strip(), name.strip()) if mark else ("主办", role.strip())
            if not name:
                continue
            role = role.removesuffix("单位")
            if role not in ROLES_OF_ORGANISERS:
                raise forms.ValidationError(_("Begin a line with 主办, 承办, 协办 or 指导."), code="role")
            found.append({"role": role, "name": name[:100]})
        return found


class CampaignsField(forms.CharField):
    def prepare_value(self, value):
        return "、".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return [part.strip()[:40] for part in re.split(r"[、,，;；]", super().clean(value)) if part.strip()]


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
        self.fields["programme"].queryset = programmes()


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
    organisers = OrganisersField(
        label=_("Organisers"), required=False, help_text=_("One a line, such as 主办：四川省市场监督管理局.")
    )
    programme = ProgrammeChoice(
        ProgrammePage.objects.none(),
        label=_("Programme"),
        empty_label=_("None"),
        required=False,
        help_text=_("The archive of the class then holds the results of its exam."),
    )
    campaigns = CampaignsField(
        label=_("Campaigns"),
        required=False,
        max_length=200,
        help_text=_("Such as 2026质量月; several with 、 between."),
    )
    track = forms.ChoiceField(
        label=_("Track"), required=False, choices=[("", _("None")), *((key, each.name) for key, each in TRACKS.items())]
    )

    def __init__(self, data=None, *, found=None):
        """`found` is the class that is corrected."""
        activity = found.activity if found else None
        same = ("title", "starts_on", "ends_on", "place", "quota", "organisers", "campaigns", "track")
        initial = {name: getattr(activity, name) for name in same} if activity else {}
        chosen = found.programme_id if found else None
        super().__init__(data, initial=initial | {"programme": chosen})
        self.fields["programme"].queryset = programmes(chosen)


class SessionForm(forms.Form):
    """One meeting of a class. Of one that somebody signed in to, the subject alone."""

    title = forms.CharField(label=_("Subject"), max_length=120)
    starts_at = forms.DateTimeField(
        label=_("Begins"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=720, initial=45)
    lesson = LessonChoice(
        LessonPage.objects.none(),
        label=_("Lesson"),
        empty_label=_("None"),
        required=False,
        help_text=_("Who comes has attended this lesson: it counts in the course of those who have joined it."),
    )

    def __init__(self, data=None, *, found=None, sealed=False):
        """`found` is the meeting that is corrected."""
        chosen = found.lesson.localized.pk if found and found.lesson else None
        same = {name: getattr(found, name) for name in ("title", "starts_at", "minutes")} if found else {}
        super().__init__(data, initial=same | {"lesson": chosen})
        self.fields["lesson"].queryset = lessons(chosen)
        for name in ("starts_at", "minutes", "lesson") if sealed else ():
            del self.fields[name]


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
