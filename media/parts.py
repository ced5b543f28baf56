"""The arriving bytes of uploads on disk: one file each, only ever made longer, and its length is the truth.

A killed process loses nothing that was written, and a part is never seen by the library before it is whole.
"""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

SYNC_EVERY = 8 * 1024**2  # bytes that a power cut may cost, or so many seconds of a slow line
SYNC_SECONDS = 2.0
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Busy(Exception):
    """Another request is writing this part."""


class Full(Exception):
    """The disk takes no more. What was written stays."""


class Part:
    """A part under its lock."""

    def __init__(self, path: Path, descriptor: int):
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._unsynced, self._synced_at = 0, time.monotonic()

    def append(self, piece: bytes) -> None:
        """Raises Full; as much as had room is kept."""
        left = memoryview(piece)
        while left:
            try:
                written = os.write(self._descriptor, left)
            except OSError as error:
                if error.errno in FULL:
                    raise Full(str(error)) from error
                raise
            self.size += written
            self._unsynced += written
            left = left[written:]

    def due(self) -> bool:
        """Whether enough has been written since the last `sync`."""
        return self._unsynced >= SYNC_EVERY or time.monotonic() - self._synced_at > SYNC_SECONDS

    def sync(self) -> None:
        """Raises Full: some disks notice only now."""
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            if error.errno in FULL:
                raise Full(str(error)) from error
            raise
        self._unsynced, self._synced_at = 0, time.monotonic()

    def cut(self, size: int) -> None:
        """Forget what came after this byte."""
        os.ftruncate(self._descriptor, size)
        self.size = size


@contextmanager
def locked(uuid: UUID) -> Iterator[Part]:
    """The part, for one process at a time. Raises Busy; a killed process gives its lock back."""
    path = path_of(uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(str(uuid)) from error
        part = Part(path, descriptor)
        try:
            yield part
        finally:
            part.sync()
    finally:
        os.close(descriptor)


def path_of(uuid: UUID) -> Path:
    return Path(settings.UPLOAD_ROOT) / str(uuid)


def size(uuid: UUID) -> int:
    """Bytes that have arrived."""
    try:
        return path_of(uuid).stat().st_size
    except FileNotFoundError:
        return 0


def head(uuid: UUID, count: int) -> bytes:
    try:
        with path_of(uuid).open("rb") as file:
            return file.read(count)
    except FileNotFoundError:
        return b""


def sha1(path: Path) -> str:
    """The same sum that django-filer keeps of every file, so that older files can be compared with."""
    with path.open("rb") as file:
        return sha1_of(file)


def sha1_of(file: IO[bytes]) -> str:
    total = hashlib.sha1(usedforsecurity=False)
    while piece := file.read(1024**2):
        total.update(piece)
    return total.hexdigest()


def discard(uuid: UUID) -> None:
    path_of(uuid).unlink(missing_ok=True)


def strays(known: set[str], *, older_than: float) -> list[UUID]:
    """Parts on disk that belong to no open upload, last written before that moment (seconds since 1970)."""
    found = []
    for path in Path(settings.UPLOAD_ROOT).glob("*-*-*-*-*"):
        if path.name not in known and path.stat().st_mtime < older_than:
            found.append(UUID(path.name))
    return found
