"""How editors put a video or a file of the library into a page. The windows they open are in `choosers`."""

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import BaseChooser
from wagtail.blocks import ChooserBlock


class VideoChooser(BaseChooser):
    model = "media.Video"
    icon = "media"
    choose_one_text = _("Choose a video")
    choose_another_text = _("Choose another video")
    link_to_chosen_text = _("Open this video")
    chooser_modal_url_name = "video_chooser:choose"


class FileChooser(BaseChooser):
    model = "filer.File"
    icon = "doc-full"
    choose_one_text = _("Choose a file")
    choose_another_text = _("Choose another file")
    link_to_chosen_text = _("Open this file")
    chooser_modal_url_name = "file_chooser:choose"


class VideoChooserBlock(ChooserBlock):
    target_model = "media.Video"

    @cached_property
    def widget(self):
        return VideoChooser()

    class Meta:
        icon = "media"


class FileChooserBlock(ChooserBlock):
    target_model = "filer.File"

    @cached_property
    def widget(self):
        return FileChooser()

    class Meta:
        icon = "doc-full"
