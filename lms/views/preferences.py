"""How the reader wants to see the school: large type, language."""

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from lms import navigation
from lms import preferences as rules

YEAR = 365 * 24 * 3600


class PreferencesForm(forms.Form):
    scale = forms.ChoiceField(choices=[("large", "large"), ("normal", "normal")], required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)


@csrf_exempt
@require_POST
def preferences(request):
    """Anonymous pages are cached and carry no token, so the sender is known by where the form stood."""
    if not comes_from_here(request):
        raise PermissionDenied
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain; charset=utf-8")
    scale, language = form.cleaned_data["scale"], form.cleaned_data["language"]
    if request.user.is_authenticated:
        rules.remember(request.user, scale=scale, language=language)
    if request.headers.get("Accept") == "application/json":
        response = HttpResponse(status=204)
    else:
        response = HttpResponseRedirect(way_back(request))
    if scale:
        response.set_cookie("scale", scale, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def comes_from_here(request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def way_back(request) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return navigation.home_url()
