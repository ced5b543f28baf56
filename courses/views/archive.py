"""The training archive of an activity: asked for, waited for, downloaded."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from courses import archive
from lms import bureau, exports
from lms.models import Activity, Export

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
    return render(request, "courses/archive.html", {"export": made, "activity": activity})


@login_required
@private
@require_safe
def file(request, key):
    get_object_or_404(exports.visible(request.user), uuid=key, kind=archive.KIND)
    try:
        made, path = exports.take(request.user, key)
    except Export.DoesNotExist as error:
        raise Http404 from error
    except bureau.OutOfReach as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except exports.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("archive_state", key)
    return FileResponse(path.open("rb"), as_attachment=True, filename=made.file_name, content_type="application/zip")
