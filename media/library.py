"""The library of teaching material: what comes in, and who may pick it."""

import mimetypes
from pathlib import PurePath

import structlog
from django.conf import settings
from django.core.files.base import File as Upload
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from filer.models import File, Folder, FolderPermission

from lms.models import User
from media import filing, probing
from media.models import Video

logger = structlog.get_logger(__name__)
FOLDER = "videos"
NAME_LIMIT = 255
ENDINGS = {"mov": ".mp4", "matroska": ".mkv", "avi": ".avi", "asf": ".wmv", "mpeg": ".mpg", "flv": ".flv"}
MIME_TYPES = {".mkv": "video/x-matroska", ".flv": "video/x-flv", ".wmv": "video/x-ms-wmv", ".ts": "video/mp2t"}


class NotAVideo(Exception):
    """The content cannot become a lesson film. `message` says so in the reader's language."""

    def __init__(self, reason: Video.Reason):
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        return str(self.reason.label)


class InUse(Exception):
    """A page, a record or a certificate still needs this video."""

    message = _("This video is used by a lesson. Take it out of the lesson first.")


def add(*, file: Upload, name: str, owner: User | None, title: str | None = None) -> Video:
    """Take a film into the library; a worker will prepare it. Raises NotAVideo and then keeps nothing."""
    name = clean_name(name)
    if file.size > settings.VIDEO_MAX_BYTES:
        raise NotAVideo(Video.Reason.TOO_LARGE)
    try:
        demuxer = probing.check(file)
    except probing.Refused as refused:
        raise NotAVideo(refused.reason) from refused
    with transaction.atomic():
        kept = _file(file, name, owner, demuxer)
        video = Video.objects.create(title=title or stem(name), source=kept, created_by=owner)
    logger.info("video_added", video=str(video.uuid), bytes=file.size, owner=owner and owner.pk)
    return video


def _file(upload, name, owner, demuxer):
    ending = filing.extension(name) or ENDINGS.get(demuxer, ".ts")
    upload.name = f"film{ending}"
    kept = File(file=upload, original_filename=name, owner=owner, folder=_folder(), is_public=False)
    kept.mime_type = MIME_TYPES.get(ending) or mimetypes.guess_type(upload.name)[0] or "video/mp4"
    kept.save()
    return kept


def _folder():
    found = Folder.objects.filter(name=FOLDER, parent=None).first()
    return found or Folder.objects.create(name=FOLDER)


def clean_name(name: str) -> str:
    """What the file was called, without folders and short enough to keep, its ending included."""
    name = PurePath(name.replace("\\", "/").replace("\0", "")).name or "video"
    ending = filing.extension(name)
    return name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - len(ending)] + ending


def stem(name: str) -> str:
    return name.removesuffix(PurePath(name).suffix) or name


def adopt() -> list[Video]:
    """A video for each film that came into the library by another door, such as filer's own pages.

    What turns out to be no film becomes a failed video, so that its owner sees why it cannot be picked.
    """
    adopted = []
    films = File.objects.non_polymorphic().filter(mime_type__startswith="video/", video=None)
    for file in films.select_related("owner")[:100]:
        video, created = Video.objects.get_or_create(
            source=file, defaults={"title": stem(file.label)[:NAME_LIMIT], "created_by": file.owner}
        )
        if created:
            adopted.append(video)
            logger.info("video_adopted", video=str(video.uuid), file=file.pk)
    return adopted


def readable_files(user: User):
    """The files this person may pick: their own, and those of folders that filer lets them read."""
    files = File.objects.non_polymorphic().select_related("folder", "owner")
    folders = FolderPermission.objects.get_read_id_list(user)
    if folders == "All":
        return files
    return files.filter(Q(owner=user) | Q(folder__in=folders) | Q(folder__owner=user))


def handouts(user: User):
    """Readable files without the originals of films: nobody hands those out as a paper."""
    return readable_files(user).exclude(mime_type__startswith="video/")
