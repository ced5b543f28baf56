"""What trainers fill in: the plan of a broadcast, its hosts, why it is cancelled, where the replay begins and ends."""

import re
from datetime import timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.forms import CampaignsField, LessonChoice, OrganisersField, lessons
from lms.models import Region, User
from lms.tracks import TRACKS

from .models import Broadcast, Host
from .schedule import MOST_MINUTES

SHORTEST = 1000  # milliseconds of a replay
CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})")


class PlanForm(forms.ModelForm):
    organisers = OrganisersField(
        label=_("Organisers"), required=False, help_text=_("One a line, such as 主办：四川省市场监督管理局.")
    )
    campaigns = CampaignsField(
        label=_("Campaigns"),
        required=False,
        max_length=200,
        help_text=_("Such as 2026质量月; several with 、 between."),
    )
    track = forms.ChoiceField(label=_("Track"), required=False)
    region_code = forms.ChoiceField(label=_("Organiser's region"), required=False)

    class Meta:
        model = Broadcast
        fields = [
            "title", "title_en", "summary", "summary_en", "starts_at", "minutes", "audience", "lesson", "capacity",
            "track", "organisers", "region_code", "campaigns", "threshold", "sign_ins_needed", "replay_counts",
        ]  # fmt: skip
        field_classes = {"lesson": LessonChoice}
        widgets = {
            "starts_at": forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M"),
            "summary": forms.Textarea(attrs={"rows": 4}),
            "summary_en": forms.Textarea(attrs={"rows": 4}),
            "audience": forms.RadioSelect,
        }
        help_texts = {
            "starts_at": _("By the school's clock, Asia/Shanghai."),
            "lesson": _("The replay becomes the film of this lesson; live and replay are counted together."),
            "capacity": _("Empty for no limit."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        self.fields["minutes"].validators += [MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
        self.fields["threshold"].validators += [MinValueValidator(1), MaxValueValidator(100)]
        self.fields["minutes"].widget.attrs |= {"min": 1, "max": MOST_MINUTES}
        self.fields["capacity"].validators.append(MinValueValidator(1))
        self.fields["capacity"].widget.attrs["min"] = 1
        self.fields["threshold"].widget.attrs |= {"min": 1, "max": 100}
        self.fields["audience"].choices = Broadcast.Audience.choices
        self.fields["lesson"].queryset = lessons(self.instance.lesson_id)
        self.fields["track"].choices = [("", _("None")), *((key, track.name) for key, track in TRACKS.items())]
        cities = Region.objects.current().statistical().exclude(code__in=[Region.OTHER, Region.UNKNOWN])
        self.fields["region_code"].choices = [("", _("The whole province")), *((row.code, str(row)) for row in cities)]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("audience") == Broadcast.Audience.COURSE and not cleaned.get("lesson"):
            self.add_error("lesson", _("Choose the lesson whose learners may watch."))
        if self._has_another_film(cleaned.get("lesson"), cleaned.get("replay_counts")):
            words = _("This lesson has a film already. Choose a lesson without one, or untick that the replay counts.")
            self.add_error("lesson", words)
        return cleaned

    def _has_another_film(self, lesson, counts):
        """A lesson keeps its film, so the replay would be left out of it; as it was planned before it may stay."""
        if lesson is None or not counts or {"lesson", "replay_counts"}.isdisjoint(self.changed_data):
            return False
        film = lesson.canonical().video
        return film is not None and film != self.instance.film

    def plan(self):
        """What live.schedule takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class HostForm(forms.Form):
    """Somebody more who works in the room, found by mobile number or e-mail."""

    login = forms.CharField(label=_("Mobile number or e-mail of the account"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Host.Role.choices, initial=Host.Role.MODERATOR)

    def clean_login(self):
        given = self.cleaned_data["login"].strip()
        found = User.objects.filter(Q(mobile=given, mobile_verified=True) | Q(email__iexact=given), is_active=True)
        self.user = found.first()
        if self.user is None:
            raise forms.ValidationError(_("No account has this number or address."))
        return given


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it cancelled?"), max_length=200, help_text=_("Those who booked are told this.")
    )


class MillisecondsField(forms.CharField):
    """A place in the recording, typed as 1:02:03 or 2:03."""

    def prepare_value(self, value):
        return clock(value) if isinstance(value, int) else value

    def clean(self, value):
        value = super().clean(value).strip()
        if not value:
            return None
        found = CLOCK.fullmatch(value)
        if not found or int(found[3]) > 59:
            raise forms.ValidationError(_("Write a time such as 1:02:03 or 2:03."), code="clock")
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return ((hours * 60 + minutes) * 60 + seconds) * 1000


class CutForm(forms.Form):
    """Cuts move to the nearest border of a piece of the recording: nothing is encoded again."""

    cut_from_ms = MillisecondsField(label=_("Replay begins at"), required=False, max_length=8)
    cut_to_ms = MillisecondsField(
        label=_("Replay ends at"), required=False, max_length=8, help_text=_("Empty for the end of the recording.")
    )

    def clean(self):
        cleaned = super().clean()
        begin, end = cleaned.get("cut_from_ms") or 0, cleaned.get("cut_to_ms")
        if end is not None and end - begin < SHORTEST:
            self.add_error("cut_to_ms", _("The end must come after the beginning."))
        return cleaned | {"cut_from_ms": begin}


class ReviewForm(forms.Form):
    looked = forms.BooleanField(label=_("I have looked at the replay; it may be shown."))


def clock(milliseconds: int) -> str:
    """3723000 → 1:02:03"""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def now_for_input():
    """The next full hour but one, for the form of a new plan."""
    soon = timezone.localtime() + timedelta(hours=2)
    return soon.replace(minute=0, second=0, microsecond=0)
