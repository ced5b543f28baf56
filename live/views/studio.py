"""The studio: what a trainer needs to go on air from the browser or with an encoder, and to end it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from live import health, keys, permissions, presence, rooms, runs, space, states
from live.models import Broadcast, Message, Run
from live.views import words
from live.views.finding import hosted

State = Broadcast.State
LATEST = 30  # messages beside the picture
TEST_BYTES = 512 * 1024  # of the upload test


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def studio(request, uuid):
    broadcast = hosted(request, uuid)
    return render(request, "live/studio.html", _context(request, broadcast))


def _context(request, broadcast, key=""):
    chat = Message.objects.shown().filter(broadcast=broadcast, kind=Message.Kind.MESSAGE).order_by("-pk")[:LATEST]
    questions = Message.objects.shown().filter(broadcast=broadcast, kind=Message.Kind.QUESTION, answered_at=None)
    return {
        "broadcast": broadcast,
        "badge": words.badge(broadcast),
        "hours": words.hours(broadcast),
        "booked": broadcast.bookings.standing().count(),
        "chat": list(chat)[::-1],
        "question": questions.order_by("-votes", "pk").first(),
        "role": permissions.role(request.user, broadcast),
        "room": broadcast.room,
        "talks": broadcast.state in [State.READY, *Broadcast.ON_AIR],
        "server": keys.server(),
        "stream_key": keys.stream(broadcast, key) if key else "",
        "opens_at": broadcast.starts_at - keys.EARLY,
        "may_reopen": states.can_be_taken_up(broadcast),
        "facts": facts(request, broadcast) | {"test_bytes": TEST_BYTES},
        "section": "live",
        "now": timezone.now(),
    }


def facts(request, broadcast):
    """What the scripts of the studio need to know."""
    address = {name: reverse(f"studio_{name}", args=[broadcast.uuid]) for name in ADDRESSES}
    return {
        "addresses": address,
        "socket": f"{settings.STUDIO_URL}/ws/live/{broadcast.uuid}/studio",
        "room": f"/ws/live/{broadcast.uuid}",
        "messages": reverse("broadcast_messages", args=[broadcast.uuid]),
        "me": request.user.name,
        "role": permissions.role(request.user, broadcast),
        "state": broadcast.state,
        "line": health.line(broadcast),
        "started_at": broadcast.started_at.isoformat() if broadcast.started_at else None,
        "now": timezone.now().isoformat(),
    }


ADDRESSES = ("start", "end", "ticket", "line", "upload")


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def line(request, uuid):
    """The state of the line in figures; asked every few seconds while the studio is open."""
    broadcast = hosted(request, uuid)
    people, anonymous = (
        max(pair) for pair in zip(presence.there_now(broadcast), rooms.count(broadcast.pk), strict=True)
    )
    told = {
        "state": broadcast.state,
        "line": health.line(broadcast),
        "people": people,
        "anonymous": anonymous,
        "breaks": broadcast.runs.filter(rehearsal=False).exclude(closed__in=["", Run.Closed.STOPPED]).count(),
        "booked": broadcast.bookings.standing().count(),
        "started_at": broadcast.started_at.isoformat() if broadcast.started_at else None,
        "disk_ok": not space.room(broadcast).tight,
    }
    return JsonResponse(told)


@require_POST
@login_required
def start(request, uuid):
    """On air as soon as the first piece of the picture is complete."""
    return _done(request, uuid, lambda broadcast: runs.start(broadcast, request.user))


@require_POST
@login_required
def end(request, uuid):
    return _done(request, uuid, lambda broadcast: runs.stop(broadcast, request.user))


@require_POST
@login_required
def reopen(request, uuid):
    """After a wrong click, within half an hour: the room waits for the picture again."""
    reason = "taken up again"
    return _done(request, uuid, lambda it: states.move(it, State.INTERRUPTED, actor=request.user, reason=reason))


def _done(request, uuid, do):
    """By script a JSON answer, by form back to the studio."""
    broadcast = hosted(request, uuid)
    script = request.headers.get("Accept") == "application/json"
    try:
        do(broadcast)
    except states.Refused as refused:
        if script:
            return JsonResponse({"message": str(refused)}, status=409)
        messages.error(request, str(refused))
    if script:
        return JsonResponse({"state": broadcast.state})
    return HttpResponseRedirect(reverse("studio", args=[broadcast.uuid]))


@require_POST
@login_required
def ticket(request, uuid):
    """Lets this page's recorder in at the ingest process, for a quarter of an hour."""
    broadcast = hosted(request, uuid)
    try:
        keys.check_time(broadcast)
    except keys.Refused as refused:
        return JsonResponse({"message": str(refused)}, status=409)
    return JsonResponse({"ticket": keys.ticket(broadcast, request.user)})


@require_POST
@login_required
def upload(request, uuid):
    """Takes a block of bytes so that the page can measure how fast they leave; nothing is kept."""
    hosted(request, uuid)
    return JsonResponse({"bytes": len(request.body)})


@require_POST
@login_required
@cache_control(private=True, no_store=True)
def key(request, uuid):
    """A new key, shown once on the page that answers; the one before it is no longer valid."""
    broadcast = hosted(request, uuid)
    fresh = keys.issue(broadcast, by=request.user)
    messages.success(request, _("A new key was made. It is shown once: copy it now."))
    return render(request, "live/studio.html", _context(request, broadcast, fresh))
