"""People, enterprises and reference data on the content desk."""

from django.templatetags.static import static
from django.urls import path, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from . import permissions
from .models import AccountChange, Appointment, BureauPost, Enterprise, IndustryChain, Membership, Region, Terms
from .views import platform_desk, staff


class Listed(SnippetViewSet):
    """Looked at, not edited here."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True


class Edited(SnippetViewSet):
    add_to_reference_index = False
    copy_view_enabled = False
    list_per_page = 50


class EnterpriseViewSet(Edited):
    model = Enterprise
    icon = "site"
    list_display = [
        "name",
        "uscc",
        "city",
        "size",
        BooleanColumn("inner_check_failed", label=_("inner check digit differs")),
    ]
    list_filter = ["city", "size", "subject", "inner_check_failed"]
    search_fields = ["name", "uscc"]
    panels = [FieldPanel(name) for name in ("name", "uscc", "subject", "size", "city", "chains")]


class MembershipViewSet(Edited):
    model = Membership
    icon = "group"
    menu_label = _("Members and managers")
    list_display = ["user", "enterprise", "post", "role", "started_on", "ended_on"]
    list_filter = ["role"]
    search_fields = ["user__name", "user__mobile", "enterprise__name", "enterprise__uscc"]
    panels = [FieldPanel("post"), FieldPanel("role")]


class AppointmentViewSet(Edited):
    model = Appointment
    icon = "crosshairs"
    list_display = ["user", "enterprise", "title", "document", "started_on", "ended_on"]
    search_fields = ["user__name", "enterprise__name", "document"]
    panels = [FieldPanel(name) for name in ("user", "enterprise", "title", "document", "started_on", "ended_on")]


class BureauPostViewSet(Edited):
    model = BureauPost
    icon = "view"
    list_display = ["user", "region", "duty", "unit", "started_on", "ended_on"]
    search_fields = ["user__name", "region__name", "unit"]
    panels = [FieldPanel(name) for name in ("user", "region", "duty", "unit", "started_on", "ended_on")]


class IndustryChainViewSet(Edited):
    model = IndustryChain
    icon = "link"
    list_display = ["code", "name", "pillar_name", "featured", "in_use"]
    panels = [FieldPanel(name) for name in ("code", "name", "pillar", "pillar_name", "featured", "in_use")]


class RegionViewSet(Listed):
    model = Region
    icon = "globe"
    list_display = ["code", "name", "level", "parent", "valid_from", "valid_to"]
    list_filter = ["level"]
    search_fields = ["code", "name"]


class TermsViewSet(Listed):
    model = Terms
    icon = "doc-full-inverse"
    list_display = ["title", "version", "language", "published_at"]


class AccountChangeViewSet(Listed):
    model = AccountChange
    icon = "history"
    list_display = ["user", "field", "before", "after", "by", "at"]
    search_fields = ["user__name", "before", "after"]


class PeopleGroup(SnippetViewSetGroup):
    menu_label = _("People and enterprises")
    menu_icon = "group"
    menu_order = 300
    items = (
        EnterpriseViewSet,
        MembershipViewSet,
        AppointmentViewSet,
        BureauPostViewSet,
        IndustryChainViewSet,
        RegionViewSet,
        TermsViewSet,
        AccountChangeViewSet,
    )


register_snippet(PeopleGroup)


@hooks.register("register_admin_urls")
def terms_urls():
    return [path("terms/publish/", staff.publish_terms, name="publish_terms")]


class PublishTermsItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm("lms.add_terms")


@hooks.register("register_settings_menu_item")
def publish_terms_item():
    return PublishTermsItem(_("Publish terms"), reverse_lazy("publish_terms"), icon_name="doc-full-inverse", order=900)


@hooks.register("insert_global_admin_css")
def colours():
    return format_html('<link rel="stylesheet" href="{}">', static("css/office.css"))


@hooks.register("register_admin_urls")
def platform_urls():
    return [
        path("platform/", platform_desk.index, name="platform_desk"),
        path("platform/tokens/issue/", platform_desk.issue, name="platform_issue"),
        path("platform/tokens/<row:pk>/revoke/", platform_desk.revoke, name="platform_revoke"),
        path("platform/hooks/add/", platform_desk.hook, name="platform_hook_add"),
        path("platform/hooks/<row:pk>/", platform_desk.hook, name="platform_hook"),
        path("platform/hooks/<row:pk>/secret/", platform_desk.secret, name="platform_secret"),
        path("platform/letters/<row:pk>/again/", platform_desk.again, name="platform_again"),
    ]


class PlatformItem(MenuItem):
    def is_shown(self, request):
        return permissions.keeps_keys(request.user)


@hooks.register("register_settings_menu_item")
def platform_item():
    return PlatformItem(_("Tokens and webhooks"), reverse_lazy("platform_desk"), icon_name="link", order=910)
