from wagtail import hooks

from media.choosers import file_chooser, video_chooser


@hooks.register("register_admin_viewset")
def register_choosers():
    return [video_chooser, file_chooser]
