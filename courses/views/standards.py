"""The page of a standard: what is known of its edition, and the lessons and chapters that explain it."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from courses import standards
from courses.models import Standard


@require_safe
def standard(request, pk):
    found = get_object_or_404(Standard.objects.select_related("successor"), pk=pk)
    treatments = standards.treatments(found, language=get_language())
    with translation.override("zh-hans" if get_language() == "en" else "en"):
        other = reverse("standard", args=[pk])
    context = {
        "standard": found,
        "predecessors": list(found.predecessors.order_by("number")),
        "treatments": treatments,
        "section": "catalogue",
        "other_language_url": other,
    }
    return render(request, "courses/standard.html", context)
