"""What a person may send into the library, and what the disk can take. Asked before the first byte."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms import permissions
from lms.models import User
from media.models import Upload, Video

DAY = timedelta(hours=24)
LADDER = 1.5  # renditions of a film take up to this much of its own size


class Refused(Exception):
    """The file does not come in. `message` says why and what to do, in the reader's language."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class TooLarge(Refused):
    """More than this person may send, in one file or in a day."""


class NoRoom(Refused):
    """The disk is too full for it."""


def may_send(user: User) -> bool:
    return user.is_active and user.has_perm("media.add_video")


def may_tend(user: User, video: Video) -> bool:
    """Replace or delete a film: one's own, or any for those who keep the library."""
    own = video.created_by_id == user.pk and user.is_active and user.has_perm("media.change_video")
    return own or _keeps_the_library(user)


def may_see(user: User, video: Video) -> bool:
    """Read what a film is called and whose it is: one's own, and all of them with the library before one's eyes."""
    return video.created_by_id == user.pk or user.has_perm("media.view_video") or _keeps_the_library(user)


def shown_title(upload: Upload) -> str:
    """What the library calls the film or file of this upload, which may be a colleague's; "" when its sender may not
    know."""
    if upload.video:
        return upload.video.title if may_see(upload.owner, upload.video) else ""
    return upload.file.label if upload.file else ""


def largest(user: User) -> int:
    """Bytes of the largest file this person may send."""
    return settings.UPLOAD_EDITOR_BYTES if _keeps_the_library(user) else settings.UPLOAD_TRAINER_BYTES


def check(owner: User, length: int) -> None:
    """Raises TooLarge, NoRoom or Refused."""
    limit = largest(owner)
    if length > limit:
        raise TooLarge(
            _("The file has %(size)s; you may upload up to %(limit)s. Please export it smaller or cut it in parts.")
            % {"size": filesizeformat(length), "limit": filesizeformat(limit)}
        )
    open_ = owner.uploads.unfinished().count()
    if open_ >= settings.UPLOAD_UNFINISHED:
        raise Refused(
            ngettext(
                "You have %(count)d unfinished upload. Please finish or cancel it first.",
                "You have %(count)d unfinished uploads. Please finish or cancel one of them first.",
                open_,
            )
            % {"count": open_}
        )
    sent = sent_today(owner)
    if sent + length > settings.UPLOAD_DAY_BYTES:
        raise TooLarge(
            _("You have uploaded %(sent)s within 24 hours; the limit is %(limit)s. Please go on tomorrow.")
            % {"sent": filesizeformat(sent), "limit": filesizeformat(settings.UPLOAD_DAY_BYTES)}
        )
    if length > room():
        raise NoRoom(_("The server has too little free disk space for this file. Please tell the administrator."))


def sent_today(owner: User, now: datetime | None = None) -> int:
    """Bytes of the last 24 hours: whole files of open and kept uploads, of the others what really arrived."""
    rows = owner.uploads.filter(created_at__gt=(now or timezone.now()) - DAY)
    whole = rows.filter(state__in=[*Upload.OPEN, Upload.State.KEPT]).aggregate(sum=Sum("length"))["sum"]
    rest = rows.exclude(state__in=[*Upload.OPEN, Upload.State.KEPT]).aggregate(sum=Sum("offset"))["sum"]
    return (whole or 0) + (rest or 0)


def room() -> int:
    """Bytes of the largest file that the disk can take with its ladder, after what others were promised."""
    sums = Upload.objects.unfinished().aggregate(whole=Sum("length"), here=Sum("offset"))
    promised = (1 + LADDER) * (sums["whole"] or 0) - (sums["here"] or 0)
    free = shutil.disk_usage(_root()).free - settings.UPLOAD_RESERVE_BYTES - promised
    return max(0, int(free / (1 + LADDER)))


def keep_a_reserve() -> None:
    """Asked while bytes come in: the last of the disk belongs to the database. Raises NoRoom."""
    if shutil.disk_usage(_root()).free < settings.UPLOAD_RESERVE_BYTES // 2:
        raise NoRoom(full())


def full() -> str:
    return _("The server's disk is full. What has arrived is kept; please tell the administrator, then continue.")


def _root():
    """The folder of the parts or, as long as it is not there, the one that will hold it."""
    root = Path(settings.UPLOAD_ROOT)
    while not root.exists():
        root = root.parent
    return root


def _keeps_the_library(user: User) -> bool:
    return user.is_active and (permissions.is_editor(user) or user.has_perm("media.delete_video"))
