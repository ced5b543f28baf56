"""What the school answers when it cannot answer, and what robots may read."""

from django.contrib.sitemaps import Sitemap
from django.db.models import Q
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from wagtail.contrib.sitemaps import Sitemap as TreeSitemap
from wagtail.models import Page

from lms import navigation

# The root of the tree is 1, the home page 2.
TRACK_DEPTH, COURSE_DEPTH = 3, 4


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """A rule that refuses may say in its exception who may enter; otherwise the page says it in general."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def csrf_failure(request, reason=""):
    return HttpResponseForbidden(render_to_string("403_csrf.html", request=request))


def server_error(request):
    """Without the request in its context, so that no template can ask the database, which may be what failed."""
    if request.path.startswith("/api/"):
        words = _("Something went wrong here; it was not you")
        return JsonResponse({"code": "error", "message": words, "request_id": _number(request)}, status=500)
    context = {
        "number": _number(request),
        "scale": "large" if request.COOKIES.get("scale") == "large" else "",
        "back": request.get_full_path() if request.method == "GET" else "",
    }
    return HttpResponseServerError(render_to_string("500.html", context))


def _number(request):
    return getattr(request, "number", "")


@cache_control(max_age=86400)
def robots(request):
    lines = [
        "User-agent: *",
        "Disallow: /cms/",
        "Disallow: /admin/",
        "Disallow: /api/",
        *(f"Disallow: {url}" for url in (navigation.address("my_learning"), reverse("preferences")) if url),
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


class PublicPages(TreeSitemap):
    """The trees of all languages, without what is not published or not for everybody."""

    def items(self):
        root = self.get_wagtail_site().root_page
        below = Q()
        for each in Page.objects.filter(translation_key=root.translation_key, depth=root.depth):
            below |= Q(path__startswith=each.path)
        return Page.objects.filter(below).live().public().order_by("path").defer_streamfields().specific()


class PublicRooms(Sitemap):
    """What is open to everybody and stands in no tree, in all languages."""

    i18n = True
    alternates = True

    def items(self):
        return [name for name in ("catalogue", "verify", "agreement", "privacy") if navigation.address(name)]

    def location(self, name):
        return reverse(name)


SITEMAPS = {"pages": PublicPages, "rooms": PublicRooms}


def site_map(request):
    """What is open to everybody in the reader's language, down to the courses."""
    language = get_language() or "zh-hans"
    open_pages = (
        Page.objects.live().public().filter(locale__language_code=language, depth__in=[TRACK_DEPTH, COURSE_DEPTH])
    )
    context = {"pages": open_pages.order_by("path"), "course_depth": COURSE_DEPTH, "others": navigation.entries("")}
    return render(request, "site_map.html", context)
