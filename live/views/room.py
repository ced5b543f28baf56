"""One address: the plan, the waiting room, the room, the replay."""

from uuid import uuid4

from django.db.models import F
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from live import attendance, booking, entering, permissions, playlists, rollcalls, schedule
from live.models import Broadcast, Message, RollCallAnswer, Segment
from live.views import words
from live.views.finding import seen
from media import playback

State = Broadcast.State
IN_ROOM = [State.READY, *Broadcast.ON_AIR, State.ENDED, State.PROCESSING, State.REPLAY, State.REPLAY_FAILED]
MESSAGES = 50
QUESTIONS = 50
HELD = 100
OPEN_FIRST = F("answered_at").asc(nulls_first=True)
SLOW_STEPS = (0, 3, 10, 30)  # seconds


@require_safe
@cache_control(private=True, no_store=True)
def room(request, uuid):
    broadcast = seen(request, uuid)
    may_watch, shut = _door(request, broadcast)
    if broadcast.state in IN_ROOM and may_watch and shut is None:
        return _room(request, broadcast)
    return _plan(request, broadcast, may_watch, shut)


def _door(request, broadcast):
    """Whether the broadcast is for this person, and if so what closes its room to them nevertheless."""
    may_watch = permissions.may_watch(request.user, broadcast)
    place = request.GET.get("place", "")
    return may_watch, entering.shut(broadcast, request.user, place) if may_watch else None


def _common(request, broadcast):
    return {
        "broadcast": broadcast,
        "badge": words.badge(broadcast),
        "hours": words.hours(broadcast),
        "trainers": words.trainers(broadcast),
        "organisers": words.organisers(broadcast),
        "role": permissions.role(request.user, broadcast),
        "may_manage": permissions.may_manage(request.user, broadcast),
        "may_host": permissions.may_host(request.user, broadcast),
        "now": timezone.now(),
        "section": "live",
    }


def _plan(request, broadcast, may_watch, shut):
    """Before the room opens, and for those who may not come in."""
    last = broadcast.transitions.filter(after=broadcast.state).last()
    lesson = broadcast.lesson
    context = _common(request, broadcast) | {
        "booking": booking.of(request.user, broadcast),
        "booked": broadcast.bookings.standing().count(),
        "places_left": booking.places_left(broadcast),
        "may_watch": may_watch,
        "shut": shut,
        "opens_at": broadcast.starts_at - schedule.OPENS,
        "needed": -(-attendance.promised(broadcast) // 60_000),
        "reason": last.reason if last and broadcast.state == State.CANCELLED else "",
        "course": lesson.course if lesson else None,
    }
    return render(request, "live/plan.html", context)


def _room(request, broadcast):
    shown = Message.objects.shown().filter(broadcast=broadcast)
    latest = list(shown.filter(kind=Message.Kind.MESSAGE).order_by("-pk")[:MESSAGES])
    context = _common(request, broadcast) | {
        "room": broadcast.room,
        "chat": latest[::-1],
        "questions": shown.filter(kind=Message.Kind.QUESTION).order_by(OPEN_FIRST, "-votes", "pk")[:QUESTIONS],
        "sign_ins": (sign_ins := _sign_ins(request.user, broadcast)),
        "prompt": _prompt(request.user, broadcast, sign_ins),
        "talks": broadcast.state in [State.READY, *Broadcast.ON_AIR],
        "is_public": broadcast.reviewed_at is not None,
        "held": Message.objects.filter(broadcast=broadcast, status=Message.Status.HELD)[:HELD]
        if _works(request, broadcast)
        else (),
        "failed": {"kind": request.GET.get("kind", "say"), "text": request.GET.get("draft", "")[:200]},
        "slow_steps": SLOW_STEPS,
        "replay": _replay(request, broadcast),
        "page": _page(request, broadcast),
    }
    return render(request, "live/room.html", context)


def _replay(request, broadcast):
    """The film, for everybody after its review and for those who work on it before."""
    if broadcast.state != State.REPLAY or broadcast.film is None or not broadcast.film.is_playable:
        return None
    if broadcast.reviewed_at is None and not permissions.may_manage(request.user, broadcast):
        return None
    return broadcast.film


@require_safe
@cache_control(private=True, no_store=True)
def film(request, uuid):
    """A fresh address of the replay, when the one before has expired."""
    broadcast = seen(request, uuid)
    found = _replay(request, broadcast) if permissions.may_watch(request.user, broadcast) else None
    if found is None:
        raise Http404
    viewer = request.user if request.user.is_authenticated else None
    return JsonResponse(playback.offer(found, viewer=viewer).as_json())


def _works(request, broadcast):
    return permissions.may_moderate(request.user, broadcast)


def _sign_ins(user, broadcast):
    if not user.is_authenticated:
        return []
    answers = RollCallAnswer.objects.filter(roll_call__broadcast=broadcast, user=user)
    return list(answers.select_related("roll_call").order_by("roll_call_id"))


def _prompt(user, broadcast, sign_ins):
    """The sign-in that is open, with its nonce, for who reads the page without its socket and has not answered."""
    found = rollcalls.current(broadcast) if user.is_authenticated and broadcast.is_on_air else None
    if found is None or any(answer.roll_call_id == found.pk for answer in sign_ins):
        return None
    key = str(uuid4())
    return {"uuid": found.uuid, "key": key, "nonce": rollcalls.nonce(str(found.uuid), user.pk, key)}


def _page(request, broadcast):
    """What the scripts of the room need to know."""
    user = request.user
    return {
        "socket": f"/ws/live/{broadcast.uuid}",
        "stateUrl": reverse("broadcast_state", args=[broadcast.uuid]),
        "messagesUrl": reverse("broadcast_messages", args=[broadcast.uuid]),
        "presenceUrl": reverse("presence", args=[broadcast.uuid]),
        "replayChat": reverse("replay_chat", args=[broadcast.uuid]),
        "me": user.name if user.is_authenticated else "",
        "role": permissions.role(user, broadcast),
        "from_ms": broadcast.cut_from_ms,
        **_facts(request, broadcast, may_watch=True),
    }


@require_safe
@cache_control(private=True, no_store=True)
def state(request, uuid):
    """For pages whose socket does not get through, and at every change: where the picture is."""
    broadcast = seen(request, uuid)
    told = _facts(request, broadcast, *_door(request, broadcast))
    if request.GET.get("mine"):
        told["minutes"] = _minutes(request.user, broadcast)
    return JsonResponse(told)


def _minutes(user, broadcast):
    """How long the person was there so far, as it would be counted."""
    timeline, (low, high) = attendance.lately(broadcast)
    person = attendance.of(broadcast, user.pk, timeline=timeline) if user.is_authenticated else None
    return {
        "present_ms": person.within((low, high)) if person else 0,
        "missing_ms": attendance.missing(broadcast, person, (low, high))
        if person
        else attendance.asked(broadcast, high - low),
    }


def _stream(request, broadcast):
    """Where the picture is; nothing before there is one: players give up on an empty address."""
    if not broadcast.is_on_air:
        return ""
    if not Segment.objects.filter(broadcast=broadcast, run__rehearsal=False).exists():
        return ""
    return playlists.address(broadcast, request.user if request.user.is_authenticated else None)


def _facts(request, broadcast, may_watch, shut=None):
    return {
        "state": broadcast.state,
        "version": broadcast.version,
        "public": broadcast.reviewed_at is not None,
        "now": timezone.now().isoformat(),
        "starts_at": broadcast.starts_at.isoformat(),
        "stream": _stream(request, broadcast) if may_watch and not shut else "",
        "shut": shut.code if shut else "",
        "may_talk": request.user.is_authenticated and request.user.mobile_verified,
    }
