"""Looking at a replay before others do: cut it, show it, or try again to make it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from live import moderation, permissions, publishing, recordings, states
from live.forms import CutForm, ReviewForm
from live.views.finding import hosted
from live.views.hosting import page

REFUSALS = (recordings.Refused, publishing.Refused, moderation.Refused, states.Refused)


@require_POST
@login_required
def cut(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = CutForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, cut_form=form)
    begin, end = form.cleaned_data["cut_from_ms"], form.cleaned_data["cut_to_ms"]
    return _done(
        request,
        broadcast,
        lambda: recordings.cut(broadcast, begin, end, by=request.user),
        _("The replay is made anew."),
    )


@require_POST
@login_required
def publish(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, review_form=form)
    told = _("The replay is shown. Those who booked are told.")
    return _done(request, broadcast, lambda: publishing.publish(broadcast, by=request.user), told)


@require_POST
@login_required
def retry(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    return _done(
        request, broadcast, lambda: recordings.retry(broadcast, by=request.user), _("The replay is tried again.")
    )


@require_POST
@login_required
def stop(request, uuid):
    """At once, by the officer on duty; also a replay that is public already."""
    broadcast = hosted(request, uuid, permissions.may_manage)
    reason = request.POST.get("reason", "")[:100]
    return _done(
        request, broadcast, lambda: moderation.stop(broadcast, request.user, reason=reason), _("Stopped at once.")
    )


@require_POST
@login_required
def resume(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    reason = request.POST.get("reason", "")[:100]
    return _done(
        request, broadcast, lambda: moderation.resume(broadcast, request.user, reason=reason), _("The stop is lifted.")
    )


def _done(request, broadcast, do, words):
    try:
        do()
        messages.success(request, words)
    except REFUSALS as refused:
        messages.error(request, str(getattr(refused, "message", refused)))
    return HttpResponseRedirect(reverse("host_broadcast", args=[broadcast.uuid]))
