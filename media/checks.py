"""What must be in place before a film can be prepared."""

import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.checks import Error, register

from media import ffmpeg


@register("media")
def ffmpeg_is_found(**kwargs):
    try:
        binary = ffmpeg.binary()
    except RuntimeError:
        binary = ""
    if binary and shutil.which(binary):
        return []
    return [
        Error(
            f"ffmpeg cannot be run: {binary or 'none was found'}.",
            hint="Install ffmpeg or the package imageio-ffmpeg, or name the program in the variable FFMPEG.",
            id="media.E001",
        )
    ]


@register("media")
def folders_can_be_written(**kwargs):
    return [
        Error(
            f"{name} cannot be written: {path}.",
            hint="Give the user that runs the school the right to write there, or point VAR_DIR elsewhere.",
            id="media.E002",
        )
        for name in ("HLS_ROOT", "LIBRARY_ROOT")
        if not _writable(path := Path(getattr(settings, name)))
    ]


def _writable(path):
    """The folder itself or, as long as it is not there, the nearest one that would hold it."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
