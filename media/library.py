"""The library of films: what comes in, what is taken over, what may go."""

import mimetypes
from io import BytesIO
from typing import IO

import structlog
from django.conf import settings
from django.core.files.base import File as Upload
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext_lazy as _
from filer.models import File
from wagtail.models import ReferenceIndex

from lms.models import User
from media import filing, parts, probing, shelves
from media.models import Replacement, Video

logger = structlog.get_logger(__name__)
FOLDER = "videos"

# The demuxer → endings that say the same; the first is given to a film whose name says something else.
ENDINGS = {
    "mov": (".mp4", ".m4v", ".mov", ".3gp"),
    "matroska": (".mkv", ".webm"),
    "avi": (".avi",),
    "asf": (".wmv", ".asf"),
    "mpeg": (".mpg", ".mpeg", ".vob"),
    "mpegts": (".ts", ".mts", ".m2ts"),
    "flv": (".flv",),
}
MIME_TYPES = {".mkv": "video/x-matroska", ".flv": "video/x-flv", ".wmv": "video/x-ms-wmv"}


class NotAVideo(Exception):
    """The content cannot become a lesson film. `message` says so in the reader's language."""

    def __init__(self, reason: Video.Reason):
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        return str(self.reason.label)


class InUse(Exception):
    """A lesson or somebody's record still needs this video."""

    message = _(
        "This video is used by a lesson or in a learner's record, so it stays. Take it out of the lesson first."
    )


def check(file: Upload) -> str:
    """Look at an upload before it is kept; the ffmpeg demuxer it needs. Raises NotAVideo."""
    if file.size > settings.VIDEO_MAX_BYTES:
        raise NotAVideo(Video.Reason.TOO_LARGE)
    return examine(file)


def examine(file: IO[bytes]) -> str:
    """The ffmpeg demuxer that this content needs. Raises NotAVideo."""
    try:
        return probing.check(file)
    except probing.Refused as refused:
        raise NotAVideo(refused.reason) from refused


def recognise(head: bytes) -> None:
    """Look at the first bytes of a film that is still arriving. Raises NotAVideo."""
    try:
        probing.sniff(BytesIO(head))
    except probing.Refused as refused:
        raise NotAVideo(refused.reason) from refused


def add(*, file: Upload, name: str, owner: User | None, title: str | None = None) -> Video:
    """Take a film into the library; a worker will prepare it. Raises NotAVideo and then keeps nothing."""
    name = shelves.clean_name(name)
    ending, mime_type = kind(check(file), name)
    with transaction.atomic():
        kept = shelves.keep(file, name=name, ending=ending, mime_type=mime_type, owner=owner, folder=FOLDER)
        return enter(kept, title=title or shelves.stem(name), owner=owner)


def enter(kept: File, *, title: str, owner: User | None) -> Video:
    """A film for an original that has been looked at and kept."""
    video = Video.objects.create(title=title, source=kept, created_by=owner)
    logger.info("video_added", video=str(video.uuid), bytes=kept.size, owner=owner and owner.pk)
    return video


def kind(demuxer: str, name: str) -> tuple[str, str]:
    """Ending and MIME type for a film whose name may say something else."""
    endings = ENDINGS[demuxer]
    ending = filing.extension(name) if filing.extension(name) in endings else endings[0]
    return ending, MIME_TYPES.get(ending) or _guess(ending)


def _guess(ending):
    """Some computers take .ts for a language of programmers."""
    guessed = mimetypes.guess_type(f"film{ending}")[0] or ""
    return guessed if guessed.startswith("video/") else "video/mpeg"


def twin_of(file: Upload) -> Video | None:
    """A film of the library with the same content."""
    file.seek(0)
    total = parts.sha1_of(file)
    file.seek(0)
    return offered(shelves.twin(total, file.size)).first()


def offered(files: QuerySet[File]) -> QuerySet[Video]:
    """Films of these originals that somebody may use instead of a copy: one that failed is no film."""
    return Video.objects.filter(source__in=files).exclude(state=Video.State.FAILED)


def adopt() -> list[Video]:
    """A video for each film that came into the library by another door, such as filer's own pages.

    What turns out to be no film becomes a failed video, so that its owner sees why it cannot be picked.
    """
    adopted = []
    films = File.objects.non_polymorphic().filter(mime_type__startswith="video/", video=None)
    films = films.exclude(pk__in=Replacement.objects.exclude(former=None).values("former"))
    for pk in films.order_by("pk").values_list("pk", flat=True)[:100]:
        with transaction.atomic():
            file = films.select_for_update(of=("self",)).filter(pk=pk).first()  # as it is now: it may be gone, or used
            if file is not None:
                title = shelves.stem(file.label)[: shelves.NAME_LIMIT]
                adopted.append(Video.objects.create(source=file, title=title, created_by=file.owner))
                logger.info("video_adopted", video=str(adopted[-1].uuid), file=file.pk)
    return adopted


def remove(video: Video) -> None:
    """Delete a video with its original and the former ones; its ladder goes with a later clean-up. Raises InUse."""
    if ReferenceIndex.get_references_to(video).exists():
        raise InUse(video.pk)
    formers = File.objects.filter(pk__in=video.replacements.exclude(former=None).values("former"))
    try:
        with transaction.atomic():
            originals = [video.source, *formers]
            video.delete()
            for original in originals:
                shelves.discard(original)
    except ProtectedError as error:
        raise InUse(video.pk) from error
