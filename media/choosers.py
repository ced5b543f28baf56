"""The windows in which an editor picks a video or a file."""

from wagtail.admin.viewsets.chooser import ChooserViewSet

from media.blocks import FileChooser, VideoChooser


class VideoChooserViewSet(ChooserViewSet):
    model = "media.Video"
    icon = VideoChooser.icon
    choose_one_text = VideoChooser.choose_one_text
    choose_another_text = VideoChooser.choose_another_text
    edit_item_text = VideoChooser.link_to_chosen_text


class FileChooserViewSet(ChooserViewSet):
    model = "filer.File"
    icon = FileChooser.icon
    choose_one_text = FileChooser.choose_one_text
    choose_another_text = FileChooser.choose_another_text
    edit_item_text = FileChooser.link_to_chosen_text


video_chooser = VideoChooserViewSet("video_chooser", url_prefix="video-chooser")
file_chooser = FileChooserViewSet("file_chooser", url_prefix="file-chooser")
