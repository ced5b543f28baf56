"""Another file for a film, in the editors' office."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from media import allowances, replacing, usage
from media.forms import ReplacementForm
from media.models import Video


def _tended(request, pk):
    video = get_object_or_404(Video.objects.select_related("source"), pk=pk)
    if not allowances.may_tend(request.user, video):
        raise PermissionDenied
    return video


def replace(request, pk):
    """Says what will happen before anything does; with scripts the uploader sends the file, without them a form."""
    video = _tended(request, pk)
    form = ReplacementForm(
        request.POST or None, request.FILES or None, video=video, by=request.user, initial={"before": video.source_id}
    )
    if request.method == "POST" and form.is_valid() and form.keep():
        messages.success(request, _("The film has its new file. The former one plays until the new one is prepared."))
        return redirect("videos:inspect", pk)
    return render(request, "media/library/replace.html", _context(request, video, form))


def _context(request, video, form):
    return {
        "object": video,
        "video": video,
        "form": form,
        "page_title": _("Replace the file"),
        "header_title": _("Replace the file"),
        "header_icon": "media",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("videos:index"), "label": _("Video library")},
            {"url": reverse("videos:inspect", args=[video.pk]), "label": video.title},
            {"url": "", "label": _("Replace the file")},
        ],
        "places": usage.places(video, viewer=request.user),
        "records": usage.records(video),
        "open_url": reverse("videos:inspect", args=[0]),
    }


@require_POST
def undo(request, pk):
    video = _tended(request, pk)
    try:
        replacing.undo(video, by=request.user)
    except replacing.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The film has its former file again."))
    return redirect("videos:inspect", pk)
