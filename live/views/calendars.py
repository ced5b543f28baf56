"""Broadcasts for calendar programs: all of them, one, or those that a person booked."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from live import calendars
from live.views.finding import seen
from lms import school

TYPE = "text/calendar; charset=utf-8"


@require_safe
@cache_control(public=True, max_age=300)
def public(request):
    return _answer(request, calendars.public(), _("%(school)s: broadcasts"))


@require_safe
@cache_control(private=True, max_age=300)
def personal(request, token):
    """Calendar programs send no cookie: the token in the address says whose calendar it is."""
    user = calendars.holder(token)
    if user is None:
        raise Http404
    return _answer(request, calendars.personal(user), _("%(school)s: my broadcasts"))


@require_safe
def one(request, uuid):
    broadcast = seen(request, uuid)
    response = _answer(request, [broadcast], _("%(school)s: broadcasts"))
    response["Content-Disposition"] = f'attachment; filename="live-{broadcast.starts_at:%Y%m%d-%H%M}.ics"'
    return response


def _answer(request, broadcasts, name):
    site = f"{request.scheme}://{request.get_host()}"
    body = calendars.feed(broadcasts, name=name % {"school": school.facts().shown_name}, site=site)
    return HttpResponse(body, content_type=TYPE)
