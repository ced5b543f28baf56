"""Report: lessons that cite an edition which no longer counts."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import PageReportView

from courses import standards
from courses.models import LessonPage


class ReviewView(PageReportView):
    index_url_name = "standards_review"
    index_results_url_name = "standards_review_results"
    results_template_name = "courses/admin/review_results.html"
    page_title = _("Lessons to review")
    header_icon = "warning"
    any_permission_required = ["add", "change", "publish"]
    list_export = ["title", "outdated_numbers", "status_string"]
    export_headings = {"outdated_numbers": _("Outdated standards"), "status_string": _("Status")}

    def get_queryset(self):
        self.found = {lesson.pk: lesson for lesson in standards.lessons_to_review()}
        return LessonPage.objects.filter(pk__in=self.found).order_by("path")

    def decorate_paginated_queryset(self, object_list):
        for lesson in object_list:
            lesson.outdated = self.found[lesson.pk].outdated
            lesson.outdated_numbers = ", ".join(standard.number for standard in lesson.outdated)
        return object_list


@hooks.register("register_admin_urls")
def review_urls():
    return [
        path("reports/standards/", ReviewView.as_view(), name="standards_review"),
        path("reports/standards/results/", ReviewView.as_view(results_only=True), name="standards_review_results"),
    ]


@hooks.register("register_reports_menu_item")
def review_menu_item():
    return MenuItem(_("Lessons to review"), reverse("standards_review"), icon_name="warning", order=700)
