"""The room without its socket: what was said as JSON, and a plain form to say something."""

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from live import chat, entering, frames
from live.models import Message
from live.posting import Asked, Refused
from lms.numbers import whole

PAGE = 100  # messages of an answer


@require_safe
def said(request, uuid):
    """?since=<id>: what came after it; ?before=<id>: what came before it; without: the last ones. In their order."""
    try:
        entry = entering.enter(uuid, request.user)
    except entering.Refused as refused:
        return JsonResponse({"code": refused.code, "message": refused.message}, status=refused.status)
    rows = Message.objects.shown().filter(broadcast=entry.broadcast_id)
    since, before = whole(request.GET.get("since")), whole(request.GET.get("before"))
    if since is not None:
        found = list(rows.filter(pk__gt=since).order_by("pk")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE]
    else:
        rows = rows if before is None else rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE][::-1]
    response = JsonResponse({"messages": [frames.message(row) for row in found], "more": more})
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def say(request, uuid):
    """Back to the room afterwards; what was refused comes along as `draft`. With Accept: application/json, as JSON."""
    as_json = request.accepts("application/json") and not request.accepts("text/html")
    try:
        entry = entering.enter(uuid, request.user)
    except entering.Refused as refused:
        return answer(request, refused.status, {"code": refused.code, "message": refused.message}, as_json)
    outcome = chat.post_now(
        Asked(
            entry.broadcast_id,
            entry.user_id,
            key(request.POST.get("key", "")),
            request.POST.get("text", "")[:10_240],
            timezone.now(),
            role=entry.role,
            question=request.POST.get("question") == "1",
            address=request.META.get("REMOTE_ADDR") or None,
        )
    )
    if isinstance(outcome, Refused):
        told = {"code": outcome.code, "message": outcome.message, "wait": outcome.wait}
        return answer(request, 429 if outcome.code == "too_fast" else 409, told, as_json)
    return answer(request, 200, {"id": outcome.pk, "status": outcome.status}, as_json)


def answer(request, status, told, as_json):
    if as_json:
        return JsonResponse(told, status=status)
    room = request.path.removesuffix("say")
    if status != 200:
        messages.error(request, told["message"])
        kept = {"draft": request.POST.get("text", "")[:200]} | ({"kind": "ask"} if request.POST.get("question") else {})
        return redirect(f"{room}?{urlencode(kept)}#talk")
    if told["status"] == Message.Status.HELD:
        messages.success(request, _("Your message waits for a moderator."))
    return redirect(f"{room}#talk")


def key(given):
    try:
        return UUID(given)
    except ValueError:
        return uuid4()
