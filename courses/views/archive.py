"""The training archive of an activity: asked for, waited for, downloaded."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from courses import activities, archive
from lms import bureau, exports
from lms.models import Activity
from lms.views.exports import hand_out

private = cache_control(private=True, no_store=True)


@login_required
@require_POST
def order(request, uuid):
    activity = get_object_or_404(Activity, uuid=uuid)
    try:
        made = archive.ask(request.user, activity)
    except bureau.OutOfReach as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    return redirect("archive_state", made.uuid)


@login_required
@private
@require_safe
def state(request, key):
    """How far it is."""
    made = get_object_or_404(exports.visible(request.user), uuid=key, kind=archive.KIND)
    activity = get_object_or_404(Activity, uuid=made.question["activity"])
    context = {"export": made, "activity": activity, "back": activities.page_of(activity)}
    return render(request, "courses/archive.html", context)


@login_required
@private
@require_safe
def file(request, key):
    get_object_or_404(exports.visible(request.user), uuid=key, kind=archive.KIND)
    try:
        return hand_out(request, key, state="archive_state")
    except bureau.OutOfReach as refusal:
        raise PermissionDenied(str(refusal)) from refusal
