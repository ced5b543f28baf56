"""The question in the address of a page of the desk, and the form that asks it."""

from functools import wraps
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lms import bureau, permissions, timespans
from lms.bureau import NONE, Question
from lms.models import Activity, Enterprise, IndustryChain, Participation, Region
from lms.tracks import TRACKS

SPANS = [
    (timespans.MONTH, _("This month")),
    (timespans.QUARTER, _("This quarter")),
    (timespans.HALF, _("First half")),
    (timespans.YEAR, _("The year so far")),
    (timespans.CUSTOM, _("Other days")),
]

FILTERS = ("county", "kind", "channel", "track", "campaign", "chain", "size")


def officers_only(view):
    """Who is no officer, or asks for what others see, gets a page that says what is open to whom."""

    @login_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            bureau.reach(request.user)
            return view(request, *args, **kwargs)
        except bureau.OutOfReach as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except Region.DoesNotExist as error:
            raise Http404 from error

    return wrapped


def clerks_only(view):
    """For pages that name people or enterprises: a service centre has the desk, and not these."""

    @officers_only
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not permissions.is_clerk(request.user):
            raise bureau.OutOfReach(str(bureau.ROWS_CLOSED))
        return view(request, *args, **kwargs)

    return wrapped


class QuestionForm(forms.Form):
    """Names are short because they stand in the address."""

    period = forms.ChoiceField(
        label=_("Days counted"), choices=SPANS, required=False, widget=forms.RadioSelect, initial=timespans.QUARTER
    )
    since = forms.DateField(
        label=pgettext_lazy("dates", "From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=pgettext_lazy("dates", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    county = forms.ChoiceField(label=_("County"), required=False)
    kind = forms.ChoiceField(label=_("Kind of activity"), required=False)
    channel = forms.ChoiceField(label=_("Way of taking part"), required=False)
    track = forms.ChoiceField(label=_("Track"), required=False)
    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    chain = forms.ChoiceField(label=_("Industry chain"), required=False)
    size = forms.ChoiceField(label=_("Size of enterprise"), required=False)
    by = forms.ChoiceField(label=_("A row of the table for each"), required=False)
    as_of = forms.DateTimeField(
        label=_("As the book stood at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data, *, user, region):
        super().__init__(data or None, auto_id="q-%s")
        any_one, none = [("", _("All"))], [(NONE, _("Not given"))]
        self.fields["region"].choices = _regions(user, region)
        self.fields["county"].choices = [*any_one, *_counties(region), *none]
        self.fields["campaign"].choices = [*any_one, *((label, label) for label in bureau.campaigns()), *none]
        chains = IndustryChain.objects.order_by("-in_use", "code")
        self.fields["chain"].choices = [*any_one, *((row.code, str(row)) for row in chains), *none]
        self.fields["size"].choices = [*any_one, *Enterprise.Size.choices]
        self.fields["kind"].choices = [*any_one, *Activity.Kind.choices]
        self.fields["channel"].choices = [*any_one, *Participation.Channel.choices]
        self.fields["track"].choices = [*any_one, *((key, track.name) for key, track in TRACKS.items()), *none]
        self.fields["by"].choices = [("", _("Parts of the region")), *bureau.GROUPS.items()]
        for name, field in self.fields.items():
            if name != "period":
                field.widget.attrs["class"] = "input"

    def clean_as_of(self):
        try:
            return timespans.moment(self.cleaned_data["as_of"])
        except timespans.Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self):
        data = super().clean()
        today = timezone.localdate()
        kind = data.get("period") or (timespans.CUSTOM if data.get("since") else timespans.QUARTER)
        if "since" in self.errors or "until" in self.errors:
            return data
        try:
            data["span"] = timespans.choose(kind, today=today, first=data.get("since"), last=data.get("until"))
        except timespans.Refused as refusal:
            self.add_error("since", str(refusal))
        return data


def _regions(user, region):
    """What the officer may choose, in the official order, and the counties of the city that is shown."""
    seats = permissions.seats(user)
    if None in seats:
        found = [("", _("The whole school")), *_named(Region.objects.statistical().current())]
    else:
        found = _named(seats)
    city = region if region is None or region.level != Region.Level.COUNTY else region.parent
    if city and permissions.can_see_figures(user, city):
        inner = Region.objects.current().filter(parent__code=city.code, level=Region.Level.COUNTY).order_by("code")
        found += [choice for choice in _named(inner) if choice not in found]
    return found


def _counties(region):
    """Those of the city that is shown; of the whole school all of them, by city."""
    found = Region.objects.current().filter(level=Region.Level.COUNTY).select_related("parent").order_by("code")
    if region is not None:
        return _named(found.filter(parent__code=region.code))
    cities = {}
    for each in found:
        cities.setdefault(str(each.parent), []).append((each.code, str(each)))
    return list(cities.items())


def _named(regions):
    return [(each.code, str(each)) for each in regions]


def read(request):
    """The form, and the question when the form can be read. The region of the address is looked at first: a clerk
    who asks for another city learns that, and not that the choice is not valid."""
    code = request.GET.get("region", "")
    region = bureau.reach(request.user, code)
    data = request.GET.copy()
    data["region"] = region.code if region else ""
    data["county"] = _county_within(region, data.get("county", ""))
    form = QuestionForm(data, user=request.user, region=region)
    if not form.is_valid():
        return form, None
    values = form.cleaned_data
    filters = {name: values[name] for name in FILTERS if values[name]}
    if request.GET.get("activity"):
        filters["activity"] = request.GET["activity"]
    return form, Question(values["span"], region, filters, values["as_of"], values["by"])


def _county_within(region, county):
    """Another city was chosen while the county of the former one stood in the form: the city is what was meant."""
    if region is None or county in ("", NONE):
        return "" if region is not None and region.level == Region.Level.COUNTY else county
    inside = region.level == Region.Level.CITY and county.startswith(permissions.codes_within(region.code))
    return county if inside else ""


def query(question, **more):
    """The same question as the end of an address, with what is added."""
    span = question.span
    parts = {"region": question.region.code if question.region else "", **question.filters}
    if question.as_of:
        parts["as_of"] = f"{timezone.localtime(question.as_of):%Y-%m-%dT%H:%M:%S}"
    if question.rows:
        parts["by"] = question.rows
    parts |= {"period": timespans.CUSTOM, "since": span.first, "until": span.last, **more}
    return urlencode({name: value for name, value in parts.items() if value})
