"""Report: how far viewers of a film get."""

from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from courses.permissions import sees_retention
from courses.views import retention_desk


@hooks.register("register_admin_urls")
def retention_urls():
    return [
        path("reports/retention/", retention_desk.index, name="retention"),
        path("reports/retention/lesson/<row:pk>/", retention_desk.lesson, name="retention_lesson"),
        path("reports/retention/lesson/<row:pk>.json", retention_desk.lesson_json, name="retention_lesson_json"),
        path("reports/retention/film/<row:pk>/", retention_desk.film, name="retention_film"),
        path("reports/retention/film/<row:pk>.json", retention_desk.film_json, name="retention_film_json"),
    ]


class TeachersItem(MenuItem):
    def is_shown(self, request):
        return sees_retention(request.user)


@hooks.register("register_reports_menu_item")
def retention_menu_item():
    return TeachersItem(_("Where viewers leave"), reverse_lazy("retention"), icon_name="view", order=720)
