"""A trainer's own films, on the site: what is there, what is on its way, where it is used."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from media import allowances, library, playback, replacing, transcoding, usage
from media.forms import NewVideoForm, ReplacementForm, TitleForm
from media.models import Video

PER_PAGE = 20


def for_trainers(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not allowances.may_send(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(guarded)


def _own(request, pk):
    return get_object_or_404(Video.objects.select_related("source"), pk=pk, created_by=request.user)


@for_trainers
def films(request):
    form = NewVideoForm(request.POST or None, request.FILES or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        video = form.keep(request.user)
        messages.success(request, _("“%(title)s” is in the library and is being prepared.") % {"title": video})
        return redirect("my_films")
    own = Video.objects.filter(created_by=request.user).select_related("source")
    page = Paginator(own, PER_PAGE).get_page(request.GET.get("page"))
    used = usage.counts(page.object_list)
    rows = [{"video": video, "used": used.get(video.pk, 0)} for video in page.object_list]
    busy = any(row["video"].is_unfinished for row in rows)
    context = {"page_obj": page, "rows": rows, "busy": busy, "form": form, "open_url": reverse("my_film", args=[0])}
    return render(request, "media/teaching/films.html", context)


@for_trainers
def film(request, pk):
    """Its state and player, its title, its other file, its places."""
    video = _own(request, pk)
    form = TitleForm(request.POST or None, instance=video)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The title has been saved."))
        return redirect("my_film", pk=pk)
    return render(request, "media/teaching/film.html", _facts(request, video, form=form))


def _facts(request, video, **more):
    return {
        "video": video,
        "places": usage.places(video, viewer=request.user),
        "records": usage.records(video),
        "replacement": replacing.last(video),
        "history": video.replacements.select_related("by")[:10],
        "replacing_form": ReplacementForm(initial={"before": video.source_id}),
        "renew_url": reverse("my_film_renew", args=[video.pk]),
        **more,
    }


@require_POST
@for_trainers
def replace(request, pk):
    """Another file by a plain form; with scripts the uploader does it."""
    video = _own(request, pk)
    form = ReplacementForm(request.POST, request.FILES, video=video, by=request.user)
    if form.is_valid() and form.keep():
        messages.success(request, _("The film has its new file. The former one plays until the new one is prepared."))
        return redirect("my_film", pk=pk)
    return render(
        request, "media/teaching/film.html", _facts(request, video, form=TitleForm(instance=video), replacing_form=form)
    )


@require_POST
@for_trainers
def undo(request, pk):
    _undo(request, _own(request, pk))
    return redirect("my_film", pk=pk)


def _undo(request, video):
    try:
        replacing.undo(video, by=request.user)
    except replacing.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The film has its former file again."))


@require_POST
@for_trainers
def retry(request, pk):
    if transcoding.retry(_own(request, pk)):
        messages.success(request, _("The video waits for another try."))
    else:
        messages.warning(request, _("Only a video that failed can be tried again."))
    return redirect("my_film", pk=pk)


@require_POST
@for_trainers
def delete(request, pk):
    video = _own(request, pk)
    try:
        library.remove(video)
    except library.InUse as refused:
        messages.error(request, refused.message)
        return redirect("my_film", pk=pk)
    messages.success(request, _("“%(title)s” has been deleted.") % {"title": video})
    return redirect("my_films")


@require_safe
@for_trainers
def renew(request, pk):
    video = get_object_or_404(Video.objects.playable(), pk=pk, created_by=request.user)
    return JsonResponse(playback.offer(video, viewer=request.user).as_json())
