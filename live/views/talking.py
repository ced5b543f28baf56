"""Voting and keeping order by plain forms: what the socket of the room does, for pages without it.

A script asks for JSON and stays on the page; a form without script is led back to the room with a message.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import TypeAdapter, ValidationError

from live import entering, orders, permissions, rollcalls
from live.views.finding import hosted, seen

ORDERS: TypeAdapter[orders.Order] = TypeAdapter(orders.ORDERS)
RULES = ("checked_first", "links_allowed", "overlay")  # boxes: what is not there is not ticked


@require_POST
@login_required
def vote(request, uuid, pk):
    return _perform(request, uuid, {"do": "vote", "id": pk}, part="questions")


@require_POST
@login_required
def ballot(request, uuid, pk):
    return _perform(request, uuid, {"do": "ballot", "poll": pk, "keys": request.POST.getlist("keys")})


@require_POST
@login_required
def moderate(request, uuid):
    """One deed: `verb`, the message it is about, and what else it needs."""
    verb = request.POST.get("verb", "")
    if verb == "roll_call":
        return _call_the_roll(request, hosted(request, uuid, permissions.may_moderate))
    return _perform(request, uuid, _order(verb, request.POST))


def _call_the_roll(request, broadcast):
    try:
        call = rollcalls.ask(broadcast, by=request.user, role=permissions.role(request.user, broadcast))
    except rollcalls.Refused as refused:
        return _answer(request, broadcast, str(refused), status=409)
    told = _("A sign-in is open. The code for the big screen is %(code)s.") % {"code": call.code}
    return _answer(request, broadcast, told, part="signin")


@require_POST
@login_required
def sign_in(request, uuid):
    """The button of a page without its socket: what the prompt on the socket would have sent."""
    broadcast = seen(request, uuid)
    posted = request.POST
    try:
        entering.enter(broadcast.uuid, request.user)
        asked, page = UUID(posted.get("roll_call", "")), posted.get("key", "")
        rollcalls.in_time(rollcalls.answer(asked, request.user, session=page, nonce=posted.get("nonce", "")))
    except ValueError:
        return _answer(request, broadcast, _("This request cannot be read."), status=422, part="signin")
    except (entering.Refused, rollcalls.Refused) as refused:
        words = getattr(refused, "message", str(refused))
        return _answer(request, broadcast, words, status=409, part="signin")
    return _answer(request, broadcast, _("Signed in"), part="signin")


@require_POST
@login_required
def sign_in_by_code(request, uuid):
    """For those who watch one screen together."""
    broadcast = seen(request, uuid)
    try:
        entering.enter(broadcast.uuid, request.user)
        rollcalls.in_time(rollcalls.answer_code(broadcast, request.user, request.POST.get("code", "")))
    except entering.Refused as refused:
        return _answer(request, broadcast, refused.message, status=403, part="signin")
    except rollcalls.Refused as refused:
        return _answer(request, broadcast, str(refused), status=422, part="signin")
    return _answer(request, broadcast, _("Signed in"), part="signin")


def _order(verb, posted):
    about = {"do": verb, "id": posted.get("message", ""), "reason": posted.get("reason", "")}
    if verb.startswith("mute-"):
        return about | {"do": "mute", "minutes": verb.removeprefix("mute-")}
    if verb == "rules":
        ticked = {name: name in posted for name in RULES}
        return {"do": "room", "mode": posted.get("mode"), "slow_seconds": posted.get("slow_seconds"), **ticked}
    if verb == "pin":
        return {"do": "room", "notice": posted.get("text", "").strip()}
    if verb == "poll":
        lines = posted.get("options", "").splitlines()
        return {"do": "poll", "question": posted.get("question", ""), "options": lines, "several": "several" in posted}
    if verb == "close_poll":
        return {"do": verb, "poll": posted.get("poll", "")}
    return about


def _perform(request, uuid, told, *, part="chat"):
    broadcast = seen(request, uuid)
    try:
        entering.enter(broadcast.uuid, request.user)
        orders.perform(broadcast.pk, request.user.pk, ORDERS.validate_python(told))
    except ValidationError:
        return _answer(request, broadcast, _("This request cannot be read."), status=422, part=part)
    except (entering.Refused, *orders.REFUSALS) as refused:
        return _answer(request, broadcast, getattr(refused, "message", str(refused)), status=409, part=part)
    return _answer(request, broadcast, "", part=part)


def _answer(request, broadcast, words, *, status=204, part="chat"):
    if request.headers.get("Accept") == "application/json":
        if status == 204 and not words:
            return HttpResponse(status=204)
        return JsonResponse({"message": words}, status=200 if status == 204 else status)
    if words:
        (messages.info if status == 204 else messages.error)(request, words)
    return HttpResponseRedirect(reverse("broadcast", args=[broadcast.uuid]) + f"#{part}")
