"""Pages of the tree, found in one query by their whole address where Wagtail asks for each step of the way.

A lesson is asked for most. Its row with what hangs on its revision is kept for all readers, and for those of whom
nothing is known the whole page: it holds no token, sets no cookie, and no script or style of it needs a nonce.
"""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail.views import serve as wagtail_serve

from courses import freshness
from courses.models import CoursePage, HomePage, LessonPage, TrackPage

FRESH_FOR = 60
# What usually stands that many steps below the home page; another kind costs two more queries.
USUAL = {0: HomePage, 1: TrackPage, 2: CoursePage, 3: LessonPage}


def serve(request, path):
    """Wagtail's own view: hooks, restrictions and previews work as it documents them."""
    name = _common(request, path)
    place = freshness.key(name) if name else ""
    kept = freshness.recall(place) if place else None
    if kept is not None:
        return HttpResponse(kept, headers={"Vary": "Cookie"})  # for caches on the way
    request._wagtail_site = _site(request)
    request._wagtail_route_for_request = _route(request._wagtail_site, path)
    response = wagtail_serve(request, path)
    if place and response.status_code == 200 and getattr(response, "template_name", "") == LessonPage.template:
        response.add_post_render_callback(lambda made: _keep(place, made))
    return response


def _common(request, path):
    """The name of a page that is the same for everybody who comes like this; empty where somebody may be known."""
    known = {settings.SESSION_COOKIE_NAME, "messages"} & set(request.COOKIES)
    if (
        known
        or request.method not in ("GET", "HEAD")
        or request.META.get("QUERY_STRING")
        or getattr(request, "htmx", False)
    ):
        return ""
    scale = "large" if request.COOKIES.get("scale") == "large" else ""
    return f"whole:{request.scheme}:{request.get_host()}:{get_language()}:{scale}:{path}"


def _keep(place, response):
    if not response.cookies:
        freshness.keep(place, response.content)


def _site(request):
    """A change of hosts shows within a minute."""
    return cache.get_or_set(f"site:{request.get_host()}", lambda: Site.find_for_request(request), FRESH_FOR)


def _route(site, path):
    root = _root(site)
    if root is None:
        return None
    steps = [step for step in path.split("/") if step]
    address = f"{root}{'/'.join(steps)}/" if steps else root
    kind = USUAL.get(len(steps), LessonPage)
    usual = freshness.shared(f"lesson:{address}", lambda: _lesson(address)) if kind is LessonPage else None
    usual = usual or kind.objects.live().filter(url_path=address).first()
    if usual:
        return RouteResult(usual)
    page = Page.objects.live().filter(url_path=address).first()
    return RouteResult(page.specific) if page else None


def _lesson(address):
    """With what else its revision holds, as a page that is being edited has it at hand."""
    page = LessonPage.objects.live().filter(url_path=address).first()
    if page:
        page.film_chapters = list(page.film_chapters.select_related("standard"))
        page.standards = list(page.standards.all())
        page.restrictions_found = list(page.get_view_restrictions())
    return page


def _root(site):
    """Where the tree of this site and language begins; the site's first language where there is no other."""
    if site is None:
        return None
    roots = {each.language_code: each.root_path for each in Site.get_site_root_paths() if each.site_id == site.pk}
    return roots.get(get_language()) or site.root_page.url_path
