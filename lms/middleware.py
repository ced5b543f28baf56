"""What every request gets: a number that people can read out, and the headers that keep pages ours."""

import asyncio
import re
import secrets
from inspect import iscoroutinefunction

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.dispatch import receiver
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin
from django_structlog import signals

# Neither O and 0 nor I and 1 together: the number is read out on the telephone.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PIECE = 256 * 1024  # bytes of a file at a time
FROM_A_PROXY = re.compile(r"[A-Za-z0-9-]{8,64}")


def new_number() -> str:
    return f"E-{timezone.localtime():%Y%m%d-%H%M}-{''.join(secrets.choice(LETTERS) for _ in range(6))}"


@sync_and_async_middleware
def request_number(get_response):
    """Stands before django-structlog, which puts the number on every log line; error pages show the same one."""

    def prepare(request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.number = given if FROM_A_PROXY.fullmatch(given) else new_number()
        request.META["HTTP_X_REQUEST_ID"] = request.number

    if iscoroutinefunction(get_response):

        async def middleware(request):
            prepare(request)
            response = await get_response(request)
            response["X-Request-ID"] = request.number
            return response

    else:

        def middleware(request):
            prepare(request)
            response = get_response(request)
            response["X-Request-ID"] = request.number
            return response

    return middleware


def sent_in_pieces(get_response):
    """Stands before all others. A file that a view, or WhiteNoise, hands out is read piece by piece in a thread; left
    alone, an ASGI server would wait for the whole of it in memory. Under WSGI there is nothing to do. What is made
    while it is sent is left alone: it may ask the database, which belongs to the thread of the request.
    """

    def middleware(request):
        response = get_response(request)
        if isinstance(request, ASGIRequest) and isinstance(response, FileResponse) and not response.is_async:
            response.block_size = PIECE
            response.streaming_content = _later(iter(response.streaming_content))
        return response

    return middleware


async def _later(pieces):
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


@receiver([signals.bind_extra_request_finished_metadata, signals.bind_extra_request_failed_metadata])
def log_who(request, log_kwargs, **kwargs):
    """With what it was read, and by whom, where somebody asked that already: looking it up here would need the
    database, which may be what failed.
    """
    user = getattr(request, "_cached_user", None) or getattr(request, "_acached_user", None)
    log_kwargs["user_agent"] = request.META.get("HTTP_USER_AGENT")
    if user is not None and user.pk:
        log_kwargs["user_id"] = user.pk


class PolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere, a wider one where Wagtail's and Django's own admin pages live."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if is_admin(request.path_info) and not report_only:
            return PolicyParts(parts.config, parts.update, settings.ADMIN_SECURITY_POLICY, parts.nonce)
        return parts

    def process_response(self, request, response):
        response = super().process_response(request, response)
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if getattr(response, "shared", False):
            _depersonalise(response)
        return response


class WithoutNul(MiddlewareMixin):
    """What people send as a form, or in an address, has no NUL: PostgreSQL refuses it in text, wherever it is used, and
    nobody types it. Stands behind the protection of forms, which has read the form by then."""

    def process_request(self, request):
        if "\0" in request.path_info:
            raise Http404
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")

    def process_view(self, request, view, args, kwargs):
        if request.content_type not in FORMS:
            return
        sent = {name: texts for name, texts in request.POST.lists() if any("\0" in text for text in texts)}
        if sent:
            request.POST = request.POST.copy()
        for name, texts in sent.items():
            request.POST.setlist(name, [text.replace("\0", "") for text in texts])


def _depersonalise(response):
    """A response marked as shared is the same for all, so caches may keep one copy: see live.views.streams."""
    response.cookies.clear()
    for name in ("Vary", "Content-Language", "Content-Security-Policy", "Permissions-Policy"):
        response.headers.pop(name, None)


def is_admin(path: str) -> bool:
    return path.startswith(("/cms/", "/admin/"))
