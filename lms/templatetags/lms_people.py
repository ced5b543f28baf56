"""How people, codes and enterprises are shown."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms import messages, permissions, reasons
from lms.forms import POSTS

register = template.Library()
register.filter("why", reasons.told)
POST_NAMES = dict(POSTS)


@register.filter
def masked(mobile):
    """138****8000"""
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


@register.filter
def is_officer(user):
    """Of a bureau, today: a service centre is none."""
    return permissions.is_clerk(user)


@register.filter
def post_name(post):
    """A post in the reader's language; one that is not of our list as it was written."""
    return POST_NAMES.get(post, post) if post else ""


@register.filter
def table_time(moment):
    """2026-11-23 14:32, Shanghai."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


@register.simple_tag
def local_outbox():
    """The address of the page that shows the codes, in a demo school whose messages stay inside; else empty."""
    inside = settings.SMS_SENDER == messages.LOCAL_SMS or settings.EMAIL_BACKEND == messages.LOCAL_MAIL
    return reverse("outbox") if settings.DEMO and inside else ""


@register.inclusion_tag("includes/steps.html")
def sign_up_steps(current):
    """Where one stands while signing up: 1 details, 2 code, 3 enterprise."""
    return {"steps": [_("Your details"), _("Verification code"), _("Your enterprise")], "current": current}
