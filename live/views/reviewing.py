"""Looking at a replay before others do: cut it, show it, or try again to make it."""

from django.contrib.auth.decorators import login_required
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from live import moderation, permissions, publishing, recordings
from live.forms import CutForm, ReviewForm
from live.views.finding import hosted
from live.views.hosting import done, page


@require_POST
@login_required
def cut(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = CutForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, cut_form=form)
    begin, end, told = form.cleaned_data["cut_from_ms"], form.cleaned_data["cut_to_ms"], _("The replay is made anew.")
    return done(request, broadcast, lambda: recordings.cut(broadcast, begin, end, by=request.user), told)


@require_POST
@login_required
def publish(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, review_form=form)
    told = _("The replay is shown. Those who booked are told.")
    if publishing.left_out(broadcast):
        told += " " + _("It is not in the lesson, which has a film of its own.")
    return done(request, broadcast, lambda: publishing.publish(broadcast, by=request.user), told)


@require_POST
@login_required
def retry(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    told = _("The replay is tried again.")
    return done(request, broadcast, lambda: recordings.retry(broadcast, by=request.user), told)


@require_POST
@login_required
def stop(request, uuid):
    """At once, by the officer on duty; also a replay that is public already."""
    broadcast = hosted(request, uuid, permissions.may_manage)
    reason, told = request.POST.get("reason", "")[:100], _("Stopped at once.")
    return done(request, broadcast, lambda: moderation.stop(broadcast, request.user, reason=reason), told)


@require_POST
@login_required
def resume(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    reason, told = request.POST.get("reason", "")[:100], _("The stop is lifted.")
    return done(request, broadcast, lambda: moderation.resume(broadcast, request.user, reason=reason), told)
