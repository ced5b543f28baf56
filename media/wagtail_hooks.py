"""What the library adds to the editors' office."""

from django.forms import modelform_factory
from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from media.choosers import file_chooser, video_chooser
from media.forms import NewVideoForm
from media.models import Video
from media.views import library as views
from media.views import replacing


class VideoViewSet(ModelViewSet):
    model = Video
    name = "videos"
    icon = "media"
    menu_label = _("Video library")
    menu_order = 240
    add_to_admin_menu = True
    add_to_reference_index = False  # a film refers to nothing that needs watching
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 25
    list_filter = ["state"]
    search_fields = ["title", "source__original_filename"]
    index_view_class = views.VideoIndex
    add_view_class = views.VideoCreate
    edit_view_class = views.VideoEdit
    inspect_view_class = views.VideoInspect
    delete_view_class = views.VideoDelete
    inspect_view_fields = ["title"]

    def get_form_class(self, for_update=False):
        return modelform_factory(Video, fields=["title"]) if for_update else NewVideoForm

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("retry/<row:pk>/", views.retry, name="retry"),
            path("cancel/<row:pk>/", views.cancel, name="cancel"),
            path("renew/<row:pk>/", views.renew, name="renew"),
            path("replace/<row:pk>/", replacing.replace, name="replace"),
            path("undo/<row:pk>/", replacing.undo, name="undo"),
        ]


@hooks.register("register_admin_viewset")
def register_viewsets():
    return [VideoViewSet(), video_chooser, file_chooser]


class ShelvesMenuItem(MenuItem):
    """django-filer's own pages, where folders and their rights are kept; they let staff in only."""

    def is_shown(self, request):
        return request.user.is_staff and request.user.has_perm("filer.can_use_directory_listing")


@hooks.register("register_admin_menu_item")
def shelves_menu_item():
    address = reverse_lazy("admin:filer-directory_listing-root")
    return ShelvesMenuItem(_("Files and folders"), address, name="files", icon_name="folder-open-inverse", order=245)


@hooks.register("construct_main_menu")
def hide_documents(request, menu_items):
    """One file has one home: the library. Wagtail needs its documents installed, but nobody needs to see them."""
    menu_items[:] = [item for item in menu_items if item.name != "documents"]
