"""Papers for learners: slides, tables, forms. `playback.file_url` hands them out."""

import mimetypes

import filetype
from django.core.files.base import File as Upload
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from filer.models import File

from lms.models import User
from media import filing, shelves

FOLDER = "handouts"
LIMIT = 200 * 1024**2  # bytes
HEAD = 8192  # bytes that are enough to recognise a kind of file

# The ending → what the content may be recognised as; None is text and whatever has no mark of its own.
OFFICE = ("zip", "docx", "xlsx", "pptx")
OLD_OFFICE = ("doc", "xls", "ppt", None)
KINDS = {
    ".pdf": ("pdf",),
    ".docx": OFFICE,
    ".xlsx": OFFICE,
    ".pptx": OFFICE,
    ".doc": OLD_OFFICE,
    ".xls": OLD_OFFICE,
    ".ppt": OLD_OFFICE,
    ".zip": ("zip",),
    ".png": ("png",),
    ".jpg": ("jpg",),
    ".jpeg": ("jpg",),
    ".webp": ("webp",),
    ".mp3": ("mp3",),
    ".txt": (None,),
    ".csv": (None,),
}


class Refused(Exception):
    """`message` says why, in the reader's language."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def check(file: Upload, name: str) -> str:
    """The ending of an upload whose name agrees with its content. Raises Refused."""
    ending = filing.extension(name)
    kind = filetype.guess(file.read(HEAD))
    file.seek(0)
    if file.size > LIMIT:
        raise Refused(_("The file is larger than %(size)d MB.") % {"size": LIMIT // 1024**2})
    if ending not in KINDS:
        raise Refused(_("Please use PDF, Word, Excel, PowerPoint, a picture, MP3, text or ZIP."))
    if (kind and kind.extension) not in KINDS[ending]:
        raise Refused(_("The content of this file does not agree with its name."))
    return ending


def add(*, file: Upload, name: str, owner: User | None) -> File:
    """Keep a paper. Raises Refused and then keeps nothing."""
    name = shelves.clean_name(name)
    ending = check(file, name)
    with transaction.atomic():
        return shelves.keep(file, name=name, ending=ending, mime_type=mime_type(ending), owner=owner, folder=FOLDER)


def mime_type(ending: str) -> str:
    return mimetypes.guess_type(f"paper{ending}")[0] or "application/octet-stream"


def readable(user: User) -> QuerySet[File]:
    """What this person may put into a lesson; the originals of films are no papers."""
    return shelves.readable(user).exclude(mime_type__startswith="video/")
