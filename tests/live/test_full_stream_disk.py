"""A disk that is full in the middle of a lecture: nothing empty is ever listed, and what was finished stays.

No limit is set here. Linux has a device that is always full: a segment whose place is a link to it fails in the encoder
as with a quota that is used up, while the disk itself has room. The disk without a byte left is a small file system in
the memory of a process that may mount for itself alone; where that is not allowed, its test is skipped.
"""

import errno
import shutil
import subprocess
import time
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from live import health, indexes, keys, playlists, runs, space
from live.models import Broadcast, Run, Segment
from tests import factories
from tests.live import encoders
from tests.live.encoders import until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.stream_key = keys.stream(made, keys.issue(made))
    return made


@pytest.fixture
def small_disk():
    """A file system of 4 MB, seen from here through its process."""
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    mount = "mount -t tmpfs -o size=4m none /mnt && echo mounted && exec sleep 300"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            if process.stdout.readline() != b"mounted\n":
                pytest.skip("no file system may be mounted here")
            yield Path(f"/proc/{process.pid}/root/mnt")
        finally:
            process.kill()


def fill(place):
    """To the last byte. The file that does it."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match=f"Errno {errno.ENOSPC}"):
        file.writelines(repeat(bytes(4096)))
    return filler


def closed_as(number):
    return lambda: Run.objects.exclude(closed="").filter(number=number).values_list("closed", flat=True).first()


async def test_a_disk_without_a_byte_left(broadcast, settings, small_disk):
    assert settings.LIVE_RESERVE_BYTES == settings.LIVE_WARN_BYTES == 0
    settings.LIVE_ROOT = small_disk
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.count() >= 2)
        filler, since = fill(small_disk), time.monotonic()
        assert await until(closed_as(1), seconds=10) == Run.Closed.DISK
        assert time.monotonic() - since < 10
        await publisher.said()
        assert await sync_to_async(lambda: Broadcast.objects.get().state)() == State.INTERRUPTED

        refused = await encoders.publish(desk.address(broadcast.stream_key))
        await refused.said()
        assert await sync_to_async(Run.objects.count)() == 1

        filler.unlink()
        again = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.filter(run__number=2).exists())
        await again.end()
        text = await sync_to_async(playlists.rewind)(broadcast)
    listed = [line for line in text.splitlines() if line.endswith(".m4s")]
    assert len(listed) >= 3
    assert all((small_disk / broadcast.name / line).stat().st_size > 1000 for line in listed)


async def test_in_the_middle_of_a_lecture(broadcast, settings):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.count() >= 2)
        run = await sync_to_async(Run.objects.select_related("broadcast").get)()
        folder = runs.folder(run)
        written = len(list(folder.glob("*.m4s*")))
        for number in range(written, written + 20):
            (folder / f"{indexes.PIECE.format(number)}.tmp").symlink_to("/dev/full")
        assert await until(closed_as(1), seconds=25) == Run.Closed.DISK
        await publisher.said()
        assert await sync_to_async(lambda: Broadcast.objects.get().state)() == State.INTERRUPTED

        again = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.filter(run__number=2).exists())
        await again.end()
    assert await sync_to_async(lambda: min(Segment.objects.values_list("bytes", flat=True)))() > 1000
    text = await sync_to_async(playlists.rewind)(broadcast)
    listed = [line for line in text.splitlines() if line.endswith(".m4s")]
    assert all((folder.parent / line).stat().st_size for line in listed)


def test_nothing_is_left_though_no_limit_is_set(broadcast, monkeypatch):
    monkeypatch.setattr(space.shutil, "disk_usage", lambda place: SimpleNamespace(free=0))
    assert space.room().full
    told = health.warnings(Run(), {"seconds_since_heard": 9.0, "delay_s": 30.0, "kbps": 1}, space.room(), settled=True)
    assert len(told) == 1  # and no word about the trainer's line


def test_pieces_and_lists_that_are_finished_and_empty(tmp_path):
    assert not indexes.hollow(tmp_path, 0)
    (tmp_path / "00000.m4s").write_bytes(b"x")
    (tmp_path / "00001.m4s.tmp").touch()  # is being written
    assert not indexes.hollow(tmp_path, 0)
    (tmp_path / "00001.m4s").touch()
    assert indexes.hollow(tmp_path, 0)
    assert not indexes.hollow(tmp_path, 2)
    (tmp_path / indexes.INDEX).touch()
    assert indexes.hollow(tmp_path, 2)
