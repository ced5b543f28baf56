"""Where the files of the library lie and what they are called on disk."""

import os
import shutil
from pathlib import Path, PurePath
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

EXTENSION_LIMIT = 10


def extension(name: str) -> str:
    """The lower-case ending of a name with its dot; nothing when it has none fit for a disk."""
    ending = PurePath(name.replace("\\", "/")).suffix.lower()
    return ending if len(ending) <= EXTENSION_LIMIT and ending[1:].isascii() and ending[1:].isalnum() else ""


def upload_to(instance, filename: str) -> str:
    """A random name in one of 256 folders: what people called the file stays in the database alone."""
    name = uuid4().hex
    return f"{name[:2]}/{name}{extension(filename)}"


def take_over(part: Path, *, key: str, ending: str) -> str:
    """Give a whole part a second name among the private files, without copying where the disk allows it; that name.

    The same key gives the same name, so that an attempt that was killed half-way leaves nothing behind.
    """
    name = f"{key[:2]}/{key}{ending}"
    place = library_path(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(part, place)
    except OSError:  # another disk, or one that knows no second names
        copy = place.with_name(f"{place.name}.copy")
        shutil.copyfile(part, copy)
        copy.replace(place)
    place.chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o644)
    return name


def let_go(key: str) -> None:
    """Take a name that `take_over` gave back, when the rows that wanted it were not kept."""
    for place in library_path(key[:2]).glob(f"{key}*"):
        place.unlink()


def library_path(name: str) -> Path:
    return Path(settings.LIBRARY_ROOT) / "files" / name


@deconstructible
class LibraryStorage(FileSystemStorage):
    """Private files. They lie outside MEDIA_ROOT, so that a web server that hands out uploads cannot leak them."""

    is_secure = True  # how filer tells a private storage

    def __init__(self, folder="files"):
        super().__init__(location=settings.LIBRARY_ROOT / folder, base_url=f"/library/{folder}/")
