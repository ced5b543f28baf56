"""Certificates in the editors' office: found and looked at, never edited; and the series that shape them."""

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import register_permission_policy

from courses.models import Certificate, CertificateSeries
from courses.permissions import manages_certificates
from courses.views import certificate_actions, certificate_desk, certificate_list


class KeeperPolicy(BasePermissionPolicy):
    """What those who manage certificates may do; nobody else, and nobody more, administrators included."""

    def __init__(self, model, *actions):
        super().__init__(model)
        self.actions = actions

    def user_has_permission(self, user, action):
        return action in self.actions and manages_certificates(user)

    def users_with_any_permission(self, actions):
        users = get_user_model().objects.filter(Q(is_superuser=True) | ~Q(bureau_posts=None), is_active=True)
        keepers = [user.pk for user in users.distinct() if self.user_has_any_permission(user, actions)]
        return get_user_model().objects.filter(pk__in=keepers)


register_permission_policy(Certificate, KeeperPolicy(Certificate, "view"))
register_permission_policy(CertificateSeries, KeeperPolicy(CertificateSeries, "view", "add", "change"))


class CertificateViewSet(ModelViewSet):
    """No snippet: those come with an action that deletes."""

    model = Certificate
    icon = "doc-full"
    menu_label = _("Certificates")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = certificate_list.CertificateIndexView
    index_template_name = "courses/admin/certificates.html"
    inspect_view_class = certificate_desk.CertificateInspectView
    form_fields = []  # required by the view set, though nobody may add or change
    list_display = certificate_list.COLUMNS
    list_per_page = 50
    filterset_class = certificate_list.CertificateFilters
    search_fields = certificate_list.SEARCHED
    search_backend_name = None
    ordering = ["-issued_at", "-pk"]


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class SeriesForm(WagtailAdminModelForm):
    issuers = LinesField(
        label=_("Issuers"), required=False, help_text=_("One a line; empty for the school's own issuer.")
    )
    issuers_en = LinesField(label=_("Issuers in English"), required=False)


class SeriesViewSet(ModelViewSet):
    model = CertificateSeries
    icon = "form"
    menu_label = _("Certificate series")
    add_to_reference_index = False
    copy_view_enabled = False
    edit_view_class = certificate_desk.SeriesEditView
    list_display = ["code", "title", "post", "region", "validity_months"]
    search_fields = ["code", "title"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("code"), FieldPanel("region")]),
            FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
            FieldRowPanel([FieldPanel("post"), FieldPanel("post_en")]),
            FieldRowPanel([FieldPanel("issuers"), FieldPanel("issuers_en")]),
            MultiFieldPanel(
                [FieldPanel("statement"), FieldPanel("statement_en")],
                heading=_("Statement"),
                help_text=_("Empty for the usual sentence. {post} stands for the post."),
            ),
            FieldPanel("note"),
            FieldRowPanel([FieldPanel("orientation"), FieldPanel("validity_months")]),
        ],
        base_form_class=SeriesForm,
    )


class CertificateGroup(ModelViewSetGroup):
    menu_label = _("Certificates")
    menu_icon = "doc-full"
    menu_order = 260
    items = (CertificateViewSet, SeriesViewSet)


@hooks.register("register_admin_viewset")
def certificate_viewsets():
    return CertificateGroup()


for action in certificate_actions.ACTIONS:
    hooks.register("register_bulk_action", action)


@hooks.register("register_admin_urls")
def certificate_urls():
    return [
        path("certificates/due/", certificate_desk.due, name="certificates_due"),
        path("certificates/<row:pk>/correct/", certificate_desk.correct, name="certificate_correct"),
        path("certificates/<row:pk>/file/", certificate_desk.file_by_hand, name="certificate_file"),
        path("certificates/series/<row:pk>/sample.pdf", certificate_desk.sample, name="certificate_sample"),
    ]


class KeepersItem(MenuItem):
    def is_shown(self, request):
        return manages_certificates(request.user)


@hooks.register("register_reports_menu_item")
def due_menu_item():
    return KeepersItem(_("Certificates to issue"), reverse_lazy("certificates_due"), icon_name="doc-full", order=710)
