"""What stands beside the pages: standards and trainers."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from courses import catalogue
from courses.models import EvaluationQuestion, Standard, Trainer


class StandardViewSet(SnippetViewSet):
    model = Standard
    icon = "doc-full-inverse"
    menu_label = _("List of standards")
    list_display = ["number", "title", "status", BooleanColumn("status_checked", label=_("checked")), "successor"]
    list_filter = ["status", "status_checked", "group"]
    list_per_page = 50
    inspect_view_enabled = True
    list_export = ["number", "title", "status", "status_checked", "replaces", "adopts"]


class TrainerViewSet(SnippetViewSet):
    model = Trainer
    icon = "user"
    menu_label = _("Trainers")
    list_display = ["name", Column("title", label=_("Job title")), Column("account", label=_("Account"))]


class WordedOnly(ModelPermissionPolicy):
    """The five questions are worded; none comes and none goes."""

    def user_has_permission(self, user, action):
        return action not in ("add", "delete") and super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user, action, instance):
        return self.user_has_permission(user, action)


register_permission_policy(EvaluationQuestion, WordedOnly(EvaluationQuestion))


class EvaluationQuestionViewSet(SnippetViewSet):
    model = EvaluationQuestion
    icon = "list-ol"
    menu_label = _("Questions of the evaluation")
    list_display = ["text", "text_en", "aspect"]
    ordering = ["pk"]
    copy_view_enabled = False


class TeachingGroup(SnippetViewSetGroup):
    items = (StandardViewSet, TrainerViewSet, EvaluationQuestionViewSet)
    menu_label = _("Standards and trainers")
    menu_icon = "doc-full-inverse"
    menu_order = 250
    add_to_admin_menu = True


register_snippet(TeachingGroup)


@hooks.register("after_edit_snippet")
def find_pages_by_new_words(request, instance):
    """Lessons are found by the standards they cite, courses by their trainers."""
    if isinstance(instance, Standard | Trainer):
        catalogue.renew_index(instance)
