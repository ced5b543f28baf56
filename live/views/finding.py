"""The broadcast of an address, for who may see it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from live import permissions
from live.models import Broadcast


def seen(request, uuid) -> Broadcast:
    """404 for what is not announced: a draft's address tells nothing."""
    found = get_object_or_404(Broadcast.objects.select_related("room", "lesson", "film"), uuid=uuid)
    if not permissions.may_see(request.user, found):
        raise Http404
    return found


def hosted(request, uuid, may=permissions.may_host) -> Broadcast:
    """For those who work on it; everybody else is told that it is not theirs."""
    found = seen(request, uuid)
    if not may(request.user, found):
        raise PermissionDenied
    return found
