"""How far viewers get, in the editors' office: one curve a lesson, and one a film wherever it is shown."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from courses import retention
from courses.curve import Curve
from courses.models import LessonPage
from courses.permissions import sees_retention
from media.models import Video

PER_PAGE = 50


def teachers_only(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not sees_retention(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


@require_safe
@teachers_only
def index(request):
    """What the person may read: lessons with their films, most viewers first."""
    words = request.GET.get("q", "").strip()
    rows = retention.readable(request.user).exclude(lesson=None).filter(viewers__gt=0)
    if words:
        rows = rows.filter(lesson__title__icontains=words) | rows.filter(video__title__icontains=words)
    page = Paginator(rows.order_by("-viewers", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "q": words, "page_title": _("Where viewers leave"), "header_icon": "view"}
    return render(request, "courses/admin/retention.html", context)


@require_safe
@teachers_only
def lesson(request, pk):
    page = get_object_or_404(LessonPage, pk=pk)
    film = page.canonical().video
    return _shown(request, film, row=_row(request, lesson=page), title=page.title, back=reverse("retention"))


@require_safe
@teachers_only
def film(request, pk):
    video = get_object_or_404(Video, pk=pk)
    return _shown(request, video, row=_row(request, video=video), title=video.title, back=reverse("retention"))


@require_safe
@teachers_only
def lesson_json(request, pk):
    return _json(_row(request, lesson=get_object_or_404(LessonPage, pk=pk)))


@require_safe
@teachers_only
def film_json(request, pk):
    return _json(_row(request, video=get_object_or_404(Video, pk=pk)))


def _row(request, **subject):
    found = retention.of(request.user, **subject)
    if found is None:
        raise Http404  # not counted yet and not theirs look the same
    return found


def _json(row):
    response = JsonResponse(Curve(row).as_dict())
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(request, video, *, row, title, back):
    curve = Curve(row)
    name, pk = ("retention_lesson_json", row.lesson_id) if row.lesson_id else ("retention_film_json", video.pk)
    context = {
        "curve": curve,
        "row": row,
        "video": video,
        "json_url": reverse(name, args=[pk]),
        "film_url": reverse("retention_film", args=[video.pk]) if row.lesson_id else "",
        "renew_url": reverse("videos:renew", args=[video.pk]),
        "back": back,
        "page_title": _("Where viewers leave"),
        "page_subtitle": title,
        "header_icon": "view",
    }
    return render(request, "courses/admin/retention_curve.html", context)
