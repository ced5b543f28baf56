"""The end of an upload: a whole file is looked at and enters the library, or goes."""

import structlog
from django.core.files.base import File as DiskFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media import filing, handouts, library, parts, replacing, shelves
from media.models import Upload, Video

logger = structlog.get_logger(__name__)
Purpose, State = Upload.Purpose, Upload.State


class NotFound(Exception):
    """There is no such open upload, or it is somebody else's."""

    message = gettext_lazy("This upload is no longer there. Please choose the file again.")


class Locked(Exception):
    """Another request is sending the same file at this moment."""

    message = gettext_lazy("Another page is sending this file just now. What has arrived is kept.")


def refuse(upload: Upload, message: str) -> None:
    close(upload, State.REFUSED, message=message)
    logger.warning("upload_refused", upload=str(upload.uuid), message=message)


def close(upload: Upload, state: str, **fields) -> None:
    """The end of an upload: the row says how it ended, the part goes."""
    for name, value in {"state": state, **fields}.items():
        setattr(upload, name, value)
    upload.save(update_fields=["state", *fields])
    parts.discard(upload.uuid)


def settle(upload: Upload) -> Upload:
    """When all bytes are there: look at the whole and put it into the library, or leave it to the person when the
    library has it already. May be called any number of times; the row says what became of it."""
    if upload.state != State.RECEIVING or parts.size(upload.uuid) < upload.length:
        return upload
    try:
        with parts.locked(upload.uuid):
            upload.refresh_from_db()
            if upload.state == State.RECEIVING:
                _conclude(upload)
    except parts.Busy as error:
        raise Locked from error
    return upload


def _conclude(upload):
    path = parts.path_of(upload.uuid)
    try:
        kind = _examine(upload, path)
    except (library.NotAVideo, handouts.Refused) as refused:
        refuse(upload, refused.message)
        return
    upload.sha1, upload.offset = parts.sha1(path), upload.length
    twins = shelves.twin(upload.sha1, upload.length).select_related("video")
    if upload.purpose == Purpose.REPLACEMENT and twins.filter(pk=upload.before_id).exists():
        refuse(upload, _("This is the file that the film has already."))
    elif upload.purpose != Purpose.REPLACEMENT and (
        twin := next((each for each in twins if _usable(each, upload)), None)
    ):
        _move(upload, State.DUPLICATE, file=twin, video=getattr(twin, "video", None))
    else:
        _keep(upload, kind)


def _examine(upload, path):
    with path.open("rb") as file:
        if upload.purpose == Purpose.HANDOUT:
            return handouts.check(DiskFile(file), upload.name)
        return library.examine(file)


def _usable(twin, upload):
    if upload.purpose == Purpose.HANDOUT:
        return handouts.readable(upload.owner).filter(pk=twin.pk).exists()
    return hasattr(twin, "video") and twin.video.state != Video.State.FAILED


def _keep(upload, kind):
    """On disk first, because that may copy; then all rows in one transaction."""
    ending, facts = _form(upload, kind)
    stored = filing.take_over(parts.path_of(upload.uuid), key=upload.uuid.hex, ending=ending)
    try:
        with transaction.atomic():
            upload.file = shelves.record(
                stored, size=upload.length, sha1=upload.sha1, name=upload.name, owner=upload.owner, **facts
            )
            _move(upload, State.KEPT, file=upload.file, video=_enter(upload))
    except replacing.Refused as refused:
        _take_back(upload)
        refuse(upload, refused.message)
        return
    except NotFound:
        _take_back(upload)
        parts.discard(upload.uuid)
        raise
    parts.discard(upload.uuid)
    logger.info("upload_kept", upload=str(upload.uuid), bytes=upload.length)


def _form(upload, kind):
    """Ending, and where and as what the file stands on the shelves."""
    if upload.purpose == Purpose.HANDOUT:
        return kind, {"mime_type": handouts.mime_type(kind), "folder": handouts.FOLDER}
    ending, mime_type = library.kind(kind, upload.name)
    return ending, {"mime_type": mime_type, "folder": library.FOLDER}


def _move(upload, state, **fields):
    """Raises NotFound when the person has cancelled meanwhile: that does not wait for a lock."""
    fields |= {"state": state, "sha1": upload.sha1, "offset": upload.offset}
    if not Upload.objects.filter(pk=upload.pk, state__in=Upload.OPEN).update(**fields):
        raise NotFound
    for name, value in fields.items():
        setattr(upload, name, value)


def _take_back(upload):
    """The transaction has taken the rows back; the second name on disk goes as well."""
    upload.file = upload.video = None
    filing.let_go(upload.uuid.hex)


def _enter(upload) -> Video | None:
    if upload.purpose == Purpose.HANDOUT:
        return None
    if upload.purpose == Purpose.FILM:
        return library.enter(upload.file, title=upload.title or shelves.stem(upload.name), owner=upload.owner)
    if upload.target is None:
        raise replacing.Refused(_("The film was deleted meanwhile."))
    replacing.replace(upload.target, kept=upload.file, by=upload.owner, before=upload.before_id)
    return upload.target


def decide(upload: Upload, *, reuse: bool) -> Upload:
    """The answer to "this file is already in the library": take that one, or keep both. Raises NotFound or Locked."""
    try:
        with parts.locked(upload.uuid):
            upload.refresh_from_db()
            if upload.state != State.DUPLICATE:
                raise NotFound
            if reuse and upload.file_id:
                close(upload, State.REUSED)
            else:
                _keep(upload, _examine(upload, parts.path_of(upload.uuid)))
    except parts.Busy as error:
        raise Locked from error
    return upload
