"""Between a person and the school stand the terms: a new version is asked for, a withdrawn consent keeps out."""

from inspect import iscoroutinefunction

from django.http import HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import is_valid_path, resolve, reverse
from django.utils.decorators import sync_and_async_middleware
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from .models import User

# Names of pages that stay open, so that nobody is asked in a circle or kept from his own data.
OPEN = {
    "agreement",
    "consent",
    "my_data",
    "outbox",
    "preferences",
    "privacy",
    "profile",
    "verify",
    "withdraw",
}
FILMS = "/videos/"  # thousands of requests an hour, each for a signed address
OPEN_PREFIXES = ("account_", "mfa_", "healthz", "readyz")


@sync_and_async_middleware
def consent_gate(get_response):
    """Costs no query: what the account owes stands on the row of the user, which every page reads anyway."""
    if iscoroutinefunction(get_response):

        async def middleware(request):
            if not _is_asked(request):
                return await get_response(request)
            return _stop(request, await request.auser()) or await get_response(request)

    else:

        def middleware(request):
            if not _is_asked(request):
                return get_response(request)
            return _stop(request, request.user) or get_response(request)

    return middleware


def _is_asked(request) -> bool:
    """Anonymous pages are not asked who reads them, and pieces of films carry a grant of their own."""
    return request.session.session_key is not None and not request.path_info.startswith(FILMS)


def _stop(request, user):
    """A page view leads to the consent page. Work under way goes on, unless consent was withdrawn."""
    if not user.is_authenticated or user.agreement == User.Agreement.GIVEN or _is_open(request.path_info):
        return None
    if request.method == "GET" and "text/html" in request.headers.get("Accept", "") and not request.htmx:
        return redirect(f"{reverse('consent')}?{urlencode({'next': request.get_full_path()})}")
    if user.agreement == User.Agreement.WITHDRAWN:
        return HttpResponseForbidden(
            _("You have withdrawn your consent, so nothing is recorded. Agree again to go on."),
            content_type="text/plain; charset=utf-8",
        )
    return None


def _is_open(path: str) -> bool:
    if not is_valid_path(path):
        return True
    name = resolve(path).url_name or ""
    return name in OPEN or name.startswith(OPEN_PREFIXES)
