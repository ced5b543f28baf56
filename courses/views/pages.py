"""Pages of the tree, found in one query by their whole address where Wagtail asks for each step of the way."""

from django.core.cache import cache
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail.views import serve as wagtail_serve

from courses.models import CoursePage, HomePage, LessonPage, TrackPage

FRESH_FOR = 60
# What usually stands that many steps below the home page; another kind costs two more queries.
USUAL = {0: HomePage, 1: TrackPage, 2: CoursePage, 3: LessonPage}


def serve(request, path):
    """Wagtail's own view: hooks, restrictions and previews work as it documents them."""
    request._wagtail_site = _site(request)
    request._wagtail_route_for_request = _route(request._wagtail_site, path)
    return wagtail_serve(request, path)


def _site(request):
    """A change of hosts shows within a minute."""
    return cache.get_or_set(f"site:{request.get_host()}", lambda: Site.find_for_request(request), FRESH_FOR)


def _route(site, path):
    root = _root(site)
    if root is None:
        return None
    steps = [step for step in path.split("/") if step]
    address = f"{root}{'/'.join(steps)}/" if steps else root
    usual = USUAL.get(len(steps), LessonPage).objects.live().filter(url_path=address).first()
    if usual:
        return RouteResult(usual)
    page = Page.objects.live().filter(url_path=address).first()
    return RouteResult(page.specific) if page else None


def _root(site):
    """Where the tree of this site and language begins; the site's first language where there is no other."""
    if site is None:
        return None
    roots = {each.language_code: each.root_path for each in Site.get_site_root_paths() if each.site_id == site.pk}
    return roots.get(get_language()) or site.root_page.url_path
