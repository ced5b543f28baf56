"""Requests for missing credit in the editors' office: found, read beside their evidence, and answered."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from courses.models import Appeal
from courses.views import appeal_desk

from .certificates import KeeperPolicy

register_permission_policy(Appeal, KeeperPolicy(Appeal, "view"))


class AppealViewSet(ModelViewSet):
    model = Appeal
    icon = "comment"
    menu_label = _("Requests for credit")
    menu_order = 266
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = appeal_desk.AppealIndexView
    inspect_view_class = appeal_desk.AppealInspectView
    form_fields = []  # required by the view set, though nobody may add or change
    list_per_page = 50
    filterset_class = appeal_desk.AppealFilters
    search_fields = ["enrolment__user__name", "enrolment__user__mobile", "lesson__title", "text"]
    search_backend_name = None
    ordering = ["-filed_at", "-pk"]

    @property
    def menu_url(self):
        """What waits comes first."""
        return f"{reverse(self.get_url_name('index'))}?state=open"


@hooks.register("register_admin_viewset")
def appeal_viewset():
    return AppealViewSet()
