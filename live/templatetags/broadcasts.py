"""Broadcasts on pages that are not their own: the home page and 我的学习."""

from django import template
from django.utils import timezone

from live import booking
from live.models import Broadcast
from live.views import words

register = template.Library()


@register.simple_tag(takes_context=True)
def next_broadcast(context):
    """What is on air, else what comes next; None when nothing is planned. For live/includes/next.html."""
    user = context["request"].user
    rows = Broadcast.objects.announced().exclude(state__in=Broadcast.OVER).prefetch_related("hosts__user")
    found = rows.on_air().first() or rows.order_by("starts_at").first()
    if found is None:
        return None
    return {
        "broadcast": found,
        "badge": words.badge(found),
        "hours": words.hours(found),
        "trainers": words.trainers(found),
        "is_booked": booking.of(user, found) is not None,
        "now": timezone.now(),
    }


@register.simple_tag(takes_context=True)
def my_bookings(context):
    """What the reader booked and is still to come, for includes/schedule.html."""
    return [words.item(row) for row in booking.coming(context["request"].user)]
