"""Every component with sample data in both languages: look here before changing one."""

import json
import re
from functools import cache

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from lms.tracks import TRACKS

from . import bureau, desk_samples

SECTIONS = [
    "colour",
    "type",
    "button",
    "field",
    "badge",
    "notice",
    "progress",
    "tabs",
    "table",
    "stat",
    "bureau",
    "card",
    "cover",
    "outline",
    "checklist",
    "question",
    "schedule",
    "steps",
    "standard",
    "facets",
    "certificate",
    "verdict",
    "empty",
    "dialog",
    "icons",
]


def styleguide(request):
    data = samples("en" if get_language() == "en" else "zh-hans")
    context = {
        **data,
        **desk_samples.sample(bureau.label),
        "sections": [{"name": name, "template": f"styleguide/{name}.html"} for name in SECTIONS],
        "icons": icons(),
        "tracks": TRACKS.values(),
        "form": sample_form(data),
        "page_obj": Paginator(range(90), 10).page(3),
    }
    return render(request, "styleguide.html", context)


def samples(language: str) -> dict:
    path = settings.BASE_DIR / f"templates/styleguide/samples.{language}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for session in data["sessions"]:
        session["datetime"] = parse_datetime(session["datetime"])
    return data


@cache
def icons() -> list[str]:
    sprite = (settings.BASE_DIR / "lms/static/icons.svg").read_text(encoding="utf-8")
    return re.findall(r'<symbol id="(?!mark|motif-)([\w-]+)"', sprite)


class SampleForm(forms.Form):
    name = forms.CharField()
    code = forms.CharField(widget=forms.TextInput(attrs={"class": "input--code"}))
    city = forms.ChoiceField()
    note = forms.CharField(required=False, widget=forms.Textarea)
    export = forms.ChoiceField(widget=forms.RadioSelect)
    remind = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    agree = forms.BooleanField()


def sample_form(data) -> SampleForm:
    """With a name of twenty characters and two things wrong."""
    typed = {
        "name": "阿卜杜拉·买买提江·艾合买提·吐尔逊",
        "code": "91510700DEMQ0A1B2X",
        "city": "5107",
        "export": "page",
    }
    form = SampleForm(typed, auto_id="sample-%s")
    for name, words in data["form"].items():
        form.fields[name].label = words["label"]
        form.fields[name].help_text = words["help"]
        if "choices" in words:
            form.fields[name].choices = words["choices"]
    form.add_error("code", data["form_error"])
    return form
