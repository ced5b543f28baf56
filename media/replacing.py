"""Another file for a film: lessons keep pointing to it, and the old ladder plays until the new one is there.

What viewers have watched stays on record. It counts on for a file of the same length; for another length it is history
and the new film starts from nothing. The former original is kept for a week, so that an editor can go back to it.
"""

from datetime import timedelta

import structlog
from django.core.files.base import File as FormUpload
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from filer.models import File

from lms.models import User
from media import library, shelves, transcoding
from media.models import Replacement, Video

logger = structlog.get_logger(__name__)
KEEP = timedelta(days=7)  # a former original, after the new film could be played
FRESH = {
    "state": Video.State.QUEUED,
    "progress": 0,
    "reason": "",
    "attempts": 0,
    "lease": None,
    "lease_until": None,
    "making": None,
    "seconds_left": None,
}
UNKNOWN = {"duration": None, "width": None, "height": None, "has_audio": False}  # of a film that does not play


class Refused(Exception):
    """`message` says why, in the reader's language."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def replace(video: Video, *, kept: File, by: User | None, before: int) -> Replacement:
    """Put a kept original in the place of the one the film had when the person began. Raises Refused when somebody
    else was faster; the caller then discards the file."""
    with transaction.atomic():
        row = Video.objects.select_for_update().select_related("source").get(pk=video.pk)
        if row.source_id != before:
            raise Refused(_overtaken(row))
        made = Replacement.objects.create(
            video=row,
            by=by,
            former=row.source,
            former_name=row.source.original_filename or row.source.label,
            former_size=row.source.size,
            former_sha1=row.source.sha1,
            former_seconds=row.duration if row.state == Video.State.READY else None,
            former_run=row.run if row.state == Video.State.READY else None,
            name=kept.original_filename,
        )
        _turn_to(row, kept)
    logger.info("video_replaced", video=str(row.uuid), by=by and by.pk, bytes=kept.size)
    return made


def with_form(video: Video, *, upload: FormUpload, name: str, by: User, before: int) -> Replacement:
    """The same for a file that came by a plain form. Raises Refused or library.NotAVideo and then keeps nothing."""
    name = shelves.clean_name(name)
    ending, mime_type = library.kind(library.check(upload), name)
    kept = None
    try:
        with transaction.atomic():  # a file on the shelves without a film is what workers make a new film of
            kept = shelves.keep(upload, name=name, ending=ending, mime_type=mime_type, owner=by, folder=library.FOLDER)
            return replace(video, kept=kept, by=by, before=before)
    except BaseException:
        if kept is not None:
            kept.file.delete(save=False)  # the transaction has taken back the row
        raise


def last(video: Video) -> Replacement | None:
    """The replacement that can still be taken back."""
    newest = video.replacements.filter(undone_at=None).select_related("former", "by").first()
    return newest if newest and newest.former_id else None


def undo(video: Video, *, by: User) -> None:
    """Go back to the former original. Raises Refused when there is none any more."""
    with transaction.atomic():
        row = Video.objects.select_for_update().select_related("source").get(pk=video.pk)
        made = last(row)
        if made is None:
            raise Refused(_("The former file of this film is no longer kept."))
        wrong = row.source
        _turn_to(row, made.former)
        _play_again(row, made)
        made.former, made.undone_at = None, timezone.now()
        made.save(update_fields=["former", "undone_at"])
        shelves.discard(wrong)
    logger.info("video_replacement_undone", video=str(row.uuid), by=by.pk)


def _play_again(video, made):
    """The ladder of the former file plays on, or again as long as it is there: then at once, while it is made anew."""
    row = Video.objects.filter(pk=video.pk)
    if video.run and video.run == made.former_run:
        row.update(state=Video.State.READY, progress=100)
    elif made.former_run and transcoding.is_whole(video.uuid, made.former_run):
        transcoding.retire(video.uuid, video.run)
        row.update(run=made.former_run, **{**UNKNOWN, "duration": made.former_seconds})


def tidy() -> int:
    """Remove former originals whose successors have been playing for a week; the number of them. A periodic duty."""
    old = Replacement.objects.exclude(former=None).filter(at__lt=timezone.now() - KEEP, video__state=Video.State.READY)
    removed = 0
    for row in old.select_related("former")[:20]:
        former = row.former
        assert former is not None  # by the filter
        with transaction.atomic():  # between the two, the former file would be one without a film
            if Replacement.objects.filter(former=former).update(former=None):
                shelves.discard(former)
                removed += 1
    return removed


def _turn_to(video, file):
    """A worker that is still at the former file loses its lease with this. A complete ladder plays on; of one that was
    only begun, nothing would ever be the end."""
    row = Video.objects.filter(pk=video.pk)
    transcoding.retire(video.uuid, video.making)
    row.filter(run=F("making")).update(run=None)
    row.filter(run=None).update(**UNKNOWN)
    row.update(source=file, **FRESH)


def _overtaken(video):
    newest = video.replacements.select_related("by").first()
    if newest is None or newest.by is None:
        return _("The film has got another file meanwhile. Your file was not taken; look at the film first.")
    return _("%(name)s replaced this film at %(time)s. Your file was not taken; look at the film first.") % {
        "name": newest.by,
        "time": f"{timezone.localtime(newest.at):%H:%M}",
    }
