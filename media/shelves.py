"""Files on django-filer's shelves: how one is kept, and who may pick it."""

import unicodedata
from functools import partial
from pathlib import PurePath

from django.contrib.auth.models import Group
from django.core.files.base import File as Upload
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q, QuerySet
from filer.models import File, Folder, FolderPermission

from lms.models import User
from media import filing

NAME_LIMIT = 255
HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")  # control, direction and private signs, halves of signs, line breaks
SHARED_WITH = ("Editors", "Moderators")  # groups that read and tidy every folder of ours


def keep(upload: Upload, *, name: str, ending: str, mime_type: str, owner: User | None, folder: str) -> File:
    """Private, under a random name on disk; `name` is what people called it."""
    upload.name = f"file{ending}"
    kept = File(file=upload, original_filename=name, owner=owner, folder=_folder(folder), is_public=False)
    kept.mime_type = mime_type
    kept.save()
    return kept


def record(stored: str, *, size: int, sha1: str, name: str, mime_type: str, owner: User | None, folder: str) -> File:
    """The same for a file that `filing.take_over` has put in its place; its sum is known and not made again."""
    facts = {"file": stored, "_file_size": size, "sha1": sha1, "original_filename": name, "is_public": False}
    kept = File(**facts, owner=owner, folder=_folder(folder), mime_type=mime_type)
    kept.save()
    return kept


def discard(file: File) -> None:
    """Take a file from the shelves: the row in the caller's transaction, the bytes when that is committed.

    Filer's own deletion takes the bytes at once; a transaction that fails afterwards would bring back an empty row.
    """
    name, is_public, storage = file.file.name, file.is_public, file.file.storage
    super(File, file).delete()
    transaction.on_commit(partial(_let_go, storage, name, is_public), robust=True)


def _let_go(storage: Storage, name: str, is_public: bool) -> None:
    if not File.objects.non_polymorphic().filter(file=name, is_public=is_public).exists():
        storage.delete(name)


def twin(sha1: str, size: int) -> QuerySet[File]:
    """Files with the same content."""
    return File.objects.non_polymorphic().filter(sha1=sha1, _file_size=size)


def readable(user: User) -> QuerySet[File]:
    """The files this person may pick: their own, and those of folders that filer lets them read."""
    files = File.objects.non_polymorphic().select_related("folder", "owner")
    folders = FolderPermission.objects.get_read_id_list(user)
    if folders == "All":
        return files
    return files.filter(Q(owner=user) | Q(folder__in=folders) | Q(folder__owner=user))


def clean_name(name: str) -> str:
    """What the file was called: without folders, without signs that hide or turn the text around, and short enough
    to keep, its ending included."""
    shown = "".join(sign for sign in name if unicodedata.category(sign) not in HIDDEN)
    name = PurePath(shown.replace("\\", "/")).name.strip() or "file"
    ending = filing.extension(name)
    return name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - len(ending)] + ending


def stem(name: str) -> str:
    return name.removesuffix(PurePath(name).suffix) or name


def _folder(name):
    found = Folder.objects.filter(name=name, parent=None).first()
    return found or _new_folder(name)


def _new_folder(name):
    folder = Folder.objects.create(name=name)
    allow = FolderPermission.ALLOW
    rights = {"can_read": allow, "can_edit": allow, "can_add_children": allow}
    for group in Group.objects.filter(name__in=SHARED_WITH):
        FolderPermission.objects.create(folder=folder, type=FolderPermission.CHILDREN, group=group, **rights)
    return folder
