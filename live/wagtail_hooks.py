"""Broadcasts in the menu of the content desk."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from live import permissions


class BroadcastsItem(MenuItem):
    def is_shown(self, request):
        return permissions.may_schedule(request.user)


@hooks.register("register_admin_menu_item")
def broadcasts():
    return BroadcastsItem(_("Broadcasts"), reverse_lazy("my_broadcasts"), icon_name="media", order=250)
