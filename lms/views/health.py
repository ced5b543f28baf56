"""For machines that watch the school: is the process alive, can it serve, how busy is it."""

from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from lms import readiness

LOOPBACK = {"127.0.0.1", "::1"}


@never_cache
@require_safe
def healthz(request):
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request):
    report = readiness.report(readiness.findings(), detailed=may_know(request))
    return JsonResponse(report, status=200 if report["ready"] else 503)


@never_cache
@require_safe
def metrics(request):
    if not may_know(request):
        raise Http404
    return ExportToDjangoView(request)


def may_know(request) -> bool:
    """From this machine itself and not through a proxy, or with the token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
