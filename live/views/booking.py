"""Keeping a place and giving it back, by plain forms."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from live import booking
from live.views.finding import seen


@login_required
@require_http_methods(["GET", "POST"])
def book(request, uuid):
    """Who had to sign in first comes back by GET and finds the button."""
    broadcast = seen(request, uuid)
    if request.method == "POST":
        try:
            booking.book(request.user, broadcast)
            messages.success(request, _("Booked. You will be reminded a day before and 15 minutes before."))
        except booking.Refused as refused:
            messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("broadcast", args=[broadcast.uuid]))


@login_required
@require_POST
def unbook(request, uuid):
    broadcast = seen(request, uuid)
    booking.cancel(request.user, broadcast)
    messages.success(request, _("The booking was cancelled. Your place is free for somebody else."))
    return HttpResponseRedirect(reverse("broadcast", args=[broadcast.uuid]))
