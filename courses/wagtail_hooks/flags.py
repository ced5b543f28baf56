"""What looks strange in the evidence, in the editors' office: found, read beside the evidence, and judged by people."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from courses.models import Flag
from courses.views import flag_desk

from .certificates import KeeperPolicy

register_permission_policy(Flag, KeeperPolicy(Flag, "view"))


class FlagViewSet(ModelViewSet):
    model = Flag
    icon = "warning"
    menu_label = _("Strange patterns")
    menu_order = 267
    add_to_admin_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = flag_desk.FlagIndexView
    inspect_view_class = flag_desk.FlagInspectView
    form_fields = []  # required by the view set, though nobody may add or change
    list_per_page = 50
    filterset_class = flag_desk.FlagFilters
    search_fields = ["enrolment__user__name", "enrolment__user__mobile", "lesson__title"]
    search_backend_name = None
    ordering = ["-created_at", "-pk"]

    @property
    def menu_url(self):
        """What nobody has looked at comes first."""
        return f"{reverse(self.get_url_name('index'))}?state=open"


@hooks.register("register_admin_viewset")
def flag_viewset():
    return FlagViewSet()
