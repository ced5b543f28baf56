"""The first page of the editors' office: what waits, and the way to it."""

from django.urls import reverse
from wagtail import hooks
from wagtail.admin.ui.components import Component

from courses import office

PLACES = {
    "failed": ("videos:index", "?state=failed"),
    "unfinished": ("videos:index", ""),
    "review": ("standards_review", ""),
    "held": ("certificate:index", "?print_state=review"),
    "appeals": ("appeal:index", "?state=open"),
    "flags": ("flag:index", "?state=open"),
}


class WaitingPanel(Component):
    name = "waiting"
    template_name = "courses/admin/waiting.html"
    order = 50

    def get_context_data(self, parent_context):
        piles = list(office.piles(parent_context["request"].user))
        return {"piles": [(pile, "".join((reverse(PLACES[pile.name][0]), PLACES[pile.name][1]))) for pile in piles]}


@hooks.register("construct_homepage_panels")
def waiting(request, panels):
    panels.append(WaitingPanel())


@hooks.register("construct_homepage_summary_items", order=1000)
def leave_out_counts(request, summary_items):
    """How many pages and pictures there are tells nobody anything, and readers of records may not open them."""
    summary_items.clear()
