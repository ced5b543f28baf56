"""The local outbox: where a school without gateway and mail server shows the codes it sends."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lms import messages


@never_cache
@require_GET
def outbox(request):
    if not settings.DEMO:
        raise Http404
    template = "lms/includes/outgoing.html" if request.htmx else "lms/outbox.html"
    return render(request, template, {"outgoing": messages.shown()})
