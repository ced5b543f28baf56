"""Where the files of the library lie and what they are called on disk."""

from pathlib import PurePath
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


@deconstructible
class LibraryStorage(FileSystemStorage):
    """Private files. They lie outside MEDIA_ROOT, so that a web server that hands out uploads cannot leak them."""

    is_secure = True  # how filer tells a private storage

    def __init__(self, folder="files"):
        super().__init__(location=settings.LIBRARY_ROOT / folder, base_url=f"/library/{folder}/")
