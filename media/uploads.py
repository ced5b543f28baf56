"""A file on its way into the library, in as many pieces as the connection makes of it.

Nothing of an unfinished upload is in the library. A film enters it in one transaction, when all bytes are there, its
content has been looked at, and the library has no other copy of it.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import File as DiskFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from filer.models import File

from lms import reading
from lms.models import User
from media import allowances, arrivals, handouts, library, parts, shelves
from media.allowances import NoRoom, Refused, TooLarge
from media.arrivals import Locked, NotFound
from media.models import Upload, Video

logger = structlog.get_logger(__name__)
HEAD = 64 * 1024  # bytes after which the content is looked at
PIECE = 256 * 1024  # bytes taken from the connection at a time
AT_ONCE = 50  # uploads in one round of a duty
REMEMBERED = timedelta(days=30)  # a row after its end
Purpose, State = Upload.Purpose, Upload.State

__all__ = ["Interrupted", "Locked", "NoRoom", "NotFound", "Refused", "TooLarge", "WrongOffset"]


class WrongOffset(Exception):
    """The sender and the disk disagree about where to go on."""

    message = gettext_lazy("The server has another part of this file than was expected. Ask it where to go on.")


class Interrupted(Exception):
    """The connection ended before the announced bytes did. What came is kept."""

    message = gettext_lazy("The connection broke off. What has arrived is kept.")


def begin(
    *, owner: User, name: str, length: int, purpose: str = Purpose.FILM, target: Video | None = None, stamp: str = "",
    title: str = "", head: bytes = b"",
) -> Upload:  # fmt: skip
    """Open an upload, or find the person's unfinished one of the same file. `head` are its first bytes.

    Raises Refused, TooLarge, NoRoom, or NotFound for a film that the person may not replace.
    """
    name, title = shelves.clean_name(name), title.strip()[: shelves.NAME_LIMIT]
    if purpose == Purpose.REPLACEMENT and not (target and allowances.may_tend(owner, target)):
        raise NotFound
    if length <= 0:
        raise Refused(_("The file is empty."))
    if purpose == Purpose.HANDOUT and length > handouts.LIMIT:
        raise TooLarge(_("The file is larger than %(size)d MB.") % {"size": handouts.LIMIT // 1024**2})
    same = {"name": name, "length": length, "purpose": purpose, "target": target, "stamp": stamp[:40]}
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one after another, or none sees the others
        found = _unfinished(owner, head=head, **same)
        if found:
            return found
        allowances.check(owner, length)
        made = _open(owner=owner, title=title, **same)
    logger.info("upload_begun", upload=str(made.uuid), bytes=length, owner=owner.pk, purpose=purpose)
    return made


def _unfinished(owner, *, head, **same):
    for upload in owner.uploads.filter(state=State.RECEIVING, **same):
        if parts.head(upload.uuid, len(head)) == head[: parts.size(upload.uuid)]:
            return upload
    return None


def _open(*, target, **fields):
    try:
        with transaction.atomic():
            return Upload.objects.create(
                target=target, before=target.source if target else None, expires_at=_expiry(), **fields
            )
    except IntegrityError as error:
        other = Upload.objects.unfinished().filter(target=target).select_related("owner").first()
        words = _("%(name)s is replacing this film at the moment. Please talk to each other, then try again.")
        raise Refused(words % {"name": other.owner if other else _("Somebody else")}) from error


def find(owner: User, uuid: UUID) -> Upload:
    """Raises NotFound, also for somebody else's."""
    upload = Upload.objects.filter(owner=owner, uuid=uuid).select_related("owner", "target", "video", "file").first()
    if upload is None:
        raise NotFound
    return upload


def arrived(upload: Upload) -> int:
    """Bytes that are on disk, which is where to go on."""
    return parts.size(upload.uuid) if upload.state == State.RECEIVING else upload.offset


def receive(upload: Upload, *, offset: int, announced: int | None, read: Callable[[int], bytes]) -> int:
    """Take bytes from `read`, which gives b"" at the end and raises Interrupted. Returns what has arrived by now.

    Raises NotFound, Locked, WrongOffset, TooLarge, NoRoom, Interrupted, or Refused for content that is of no use.
    """
    try:
        with parts.locked(upload.uuid) as part:
            _still_open(upload)
            if offset != part.size:
                raise WrongOffset
            _refuse_excess(upload, offset + (announced or 0))
            try:
                _take(upload, part, read)
            finally:
                _advance(upload, part)
            return part.size
    except parts.Busy as error:
        raise Locked from error
    except parts.Full as error:
        logger.error("upload_disk_full", upload=str(upload.uuid))
        raise NoRoom(allowances.full()) from error


def _still_open(upload):
    upload.refresh_from_db(fields=["state"])
    if upload.state != State.RECEIVING:
        parts.discard(upload.uuid)
        raise NotFound


def _take(upload, part, read):
    allowances.keep_a_reserve()
    began, enough = part.size, min(HEAD, upload.length)
    while piece := read(PIECE):
        if part.size + len(piece) > upload.length:
            part.cut(began)
            _refuse_excess(upload, upload.length + 1)
        looked_at = part.size >= enough
        part.append(piece)
        if not looked_at and part.size >= enough:
            _recognise(upload)
        if part.due():
            part.sync()
            if not _advance(upload, part):
                raise NotFound  # cancelled meanwhile
            allowances.keep_a_reserve()


def _refuse_excess(upload, reaching):
    if reaching > upload.length:
        raise TooLarge(_("More bytes were sent than announced. The file has changed; please choose it again."))


def _advance(upload, part):
    upload.offset, upload.touched_at, upload.expires_at = part.size, timezone.now(), _expiry()
    open_ = Upload.objects.filter(pk=upload.pk, state=State.RECEIVING)
    return open_.update(offset=upload.offset, touched_at=upload.touched_at, expires_at=upload.expires_at)


def _expiry():
    return timezone.now() + timedelta(hours=settings.UPLOAD_KEEP_HOURS)


def _recognise(upload):
    """The first bytes say whether the rest is worth sending."""
    try:
        if upload.purpose == Purpose.HANDOUT:
            with parts.path_of(upload.uuid).open("rb") as file:
                handouts.check(DiskFile(file), upload.name)
        else:
            library.recognise(parts.head(upload.uuid, HEAD))
    except (library.NotAVideo, handouts.Refused) as refused:
        arrivals.refuse(upload, refused.message)
        raise Refused(refused.message) from refused


def cancel(upload: Upload) -> None:
    """The person wants it no more. A request that still brings bytes notices within seconds. Raises NotFound when it
    has ended already."""
    ended = Upload.objects.unfinished().filter(pk=upload.pk).update(state=State.CANCELLED, offset=arrived(upload))
    if not ended:
        raise NotFound
    parts.discard(upload.uuid)


def similar(owner: User, *, name: str, length: int) -> Video | None:
    """A film of the same name and size, which is worth a question before anything is sent."""
    same = File.objects.non_polymorphic().filter(original_filename=shelves.clean_name(name), _file_size=length)
    return library.offered(same).select_related("created_by").first()


def data(user: User) -> list[Any]:
    """What is kept about a person here, for the download of one's own data."""
    return list(user.uploads.values("name", "title", "length", "purpose", "state", "created_at"))


def finish_left() -> int:
    """Finish uploads whose process died after the last byte; the number of them. A periodic duty."""
    quiet = timezone.now() - timedelta(minutes=2)
    left = Upload.objects.filter(state=State.RECEIVING, touched_at__lt=quiet).select_related("owner", "target")
    waiting = reading.through(left.order_by("touched_at", "pk"))
    whole = (upload for upload in waiting if parts.size(upload.uuid) >= upload.length)
    return sum(_finish(upload) for upload in islice(whole, AT_ONCE))


def _finish(upload: Upload) -> bool:
    """One that cannot be finished now does not stop the others."""
    try:
        arrivals.settle(upload)
    except (Locked, NotFound):
        return False  # somebody is at it, or wants it no more
    except Exception:
        logger.exception("upload_unfinished", upload=str(upload.uuid))
        # At the end of the queue from now on.
        Upload.objects.filter(pk=upload.pk, state=State.RECEIVING).update(touched_at=timezone.now())
        return False
    return True


def sweep() -> int:
    """End uploads that nobody went on with and remove parts that belong to nobody; the number of what was removed.
    A periodic duty."""
    now, removed = timezone.now(), 0
    for upload in Upload.objects.unfinished().filter(expires_at__lt=now).order_by("expires_at", "pk"):
        removed += _expire(upload)
        if removed >= AT_ONCE:
            break
    Upload.objects.exclude(state__in=Upload.OPEN).filter(created_at__lt=now - REMEMBERED).delete()
    known = {str(uuid) for uuid in Upload.objects.unfinished().values_list("uuid", flat=True)}
    for uuid in parts.strays(known, older_than=(now - timedelta(hours=1)).timestamp()):
        parts.discard(uuid)
        removed += 1
    return removed


def _expire(upload):
    try:
        with parts.locked(upload.uuid):
            arrivals.close(upload, State.EXPIRED)
    except parts.Busy:
        return 0
    except OSError:  # of its part on disk; the next round tries again
        logger.exception("upload_not_removed", upload=str(upload.uuid))
        return 0
    return 1
