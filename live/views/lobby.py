"""What is on: the next broadcast, the schedule day by day, the replays."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from live import calendars, permissions, reminders
from live.models import Booking, Broadcast
from live.views import words

State = Broadcast.State
SHOWN = 60
REPLAYS = 12


@require_safe
def lobby(request):
    coming = list(
        _listed(Broadcast.objects.announced().exclude(state__in=Broadcast.OVER)).order_by("starts_at")[:SHOWN]
    )
    booked = _booked(request.user)
    # What is on air stands first; of what is to come, the soonest.
    upcoming = next((row for row in coming if row.is_on_air), coming[0] if coming else None)
    replays = _listed(Broadcast.objects.filter(state=State.REPLAY).exclude(reviewed_at=None))
    context = {
        "upcoming": upcoming,
        "badge": words.badge(upcoming) if upcoming else None,
        "hours": words.hours(upcoming) if upcoming else "",
        "trainers": words.trainers(upcoming) if upcoming else [],
        "is_booked": upcoming is not None and upcoming.pk in booked,
        "days": _days([row for row in coming if row != upcoming], booked),
        "replays": [words.item(row) for row in replays.order_by("-starts_at")[:REPLAYS]],
        "bookings": [words.item(row) for row in coming if row.pk in booked],
        "calendar_url": _calendar(request),
        "news": [_told(row) for row in reminders.unread(request.user)],
        "may_schedule": permissions.may_schedule(request.user),
        "now": timezone.now(),
    }
    return render(request, "live/lobby.html", context)


def _listed(rows):
    return rows.prefetch_related("hosts__user")


def _booked(user):
    if not user.is_authenticated:
        return frozenset()
    return frozenset(Booking.objects.standing().filter(user=user).values_list("broadcast_id", flat=True))


def _days(rows, booked):
    """[(day, items)] in order."""
    by_day = groupby(rows, key=lambda row: timezone.localtime(row.starts_at).date())
    return [(day, [words.item(row, booked=booked) for row in group]) for day, group in by_day]


def _calendar(request):
    """To subscribe to: the own bookings for who is signed in, else what everybody may know."""
    if request.user.is_authenticated:
        path = reverse("my_calendar", args=[calendars.token(request.user)])
    else:
        path = reverse("live_calendar")
    return request.build_absolute_uri(path)


def _told(row):
    subject, text = reminders.words(row.kind, row.booking.broadcast)
    return {"subject": subject, "text": text, "url": reminders.address(row.booking.broadcast)}


@login_required
@require_POST
def read(request):
    reminders.read(request.user)
    return HttpResponseRedirect(reverse("live"))
