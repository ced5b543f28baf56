"""What stands beside the pages: standards and trainers."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from courses import catalogue
from courses.models import Standard, Trainer


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
    list_display = ["name", "title", "account"]


class TeachingGroup(SnippetViewSetGroup):
    items = (StandardViewSet, TrainerViewSet)
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
