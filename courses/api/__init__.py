"""The school as JSON, under /api/v1/. Each part of it is a router in a module of its own."""

from functools import wraps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from courses import admission, enrolment
from lms import tokens

from . import attempts, catalogue, certificates, learning, notes, platform
from .shapes import BeatProblem

STATUS = {
    "not_enrolled": 403,
    "locked": 403,
    "forged": 403,
    "unrelated": 403,
    "not_found": 404,
    "lesson_gone": 410,
    "too_late": 410,
    "bad_answer": 422,
    "unwritten": 503,
    "note_empty": 422,
    "note_too_long": 422,
}

api = NinjaAPI(
    title="首席质量官网校",
    version="1",
    description="Catalogue, learning, papers and certificates. Sign in with the session cookie of the site; writing "
    "needs its CSRF token. Errors are {code, message}, the message in the language of Accept-Language.",
    auth=SessionAuth(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", catalogue.router)
api.add_router("", learning.router)
api.add_router("/lessons", notes.router)
api.add_router("", attempts.router)
api.add_router("/certificates", certificates.router)
api.add_router("/platform", platform.router)


def in_the_callers_language(run):
    """There is no language in these addresses, so the header decides; a page sends its own language."""

    @wraps(run)
    def spoken(request, *args, **kwargs):
        with translation.override(_language(request)):
            response = run(request, *args, **kwargs)
        response["Content-Language"] = _language(request)
        response["Vary"] = "Accept-Language, Cookie"
        return response

    return spoken


api.add_decorator(in_the_callers_language, mode="view")


def _language(request) -> str:
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def answer(request, status: int, code: str, message: str, **more):
    return api.create_response(request, {"code": code, "message": message, **more}, status=status)


@api.exception_handler(enrolment.Refused)
@api.exception_handler(admission.Refused)
def refused(request, error):
    return answer(request, STATUS.get(error.code, 409), **BeatProblem.told(error))


@api.exception_handler(OverflowError)
def beyond(request, error):
    """A number that no row can have is an unknown row; a day outside the calendar is a request that cannot be read."""
    if "date" in str(error):
        return answer(request, 422, "bad_request", _("This request cannot be read."))
    return missing(request, error)


@api.exception_handler(Http404)
def missing(request, error):
    return answer(request, 404, "not_found", _("There is nothing here, or it is not yours."))


@api.exception_handler(AuthenticationError)
def stranger(request, error):
    return answer(request, 401, "sign_in", _("Please sign in first."))


@api.exception_handler(tokens.Refused)
def bad_token(request, error):
    response = answer(request, 403 if error.code == "scope" else 401, error.code, str(error))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def forbidden(request, error):
    if error.status_code == 403:
        return answer(request, 403, "csrf", _("This page is too old to send this. Reload it and try again."))
    return answer(request, error.status_code, "refused", _("This request cannot be read."))


@api.exception_handler(RequestDataTooBig)
def too_large(request, error):
    return answer(request, 413, "too_long", _("This request is too large."))


@api.exception_handler(ValidationError)
def unreadable(request, error):
    fields = [".".join(map(str, each["loc"])) + ": " + each["msg"] for each in error.errors]
    return answer(request, 422, "bad_request", _("This request cannot be read."), fields=fields)


@csrf_exempt
@in_the_callers_language
def nowhere(request, rest: str):
    """Any address under ours that no router knows, by whatever method."""
    return answer(
        request,
        404,
        "no_such_address",
        _("There is nothing at this address. See %(where)s.") % {"where": reverse("api:openapi-json")},
    )
