"""A disk that is full: known before the work where it can be, and survived in the middle of it.

Linux has a device that is always full. A piece whose place is a link to it fails in the encoder exactly as on a full
disk, for any user and without mounting one.
"""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from media import making, transcoding
from media.models import Video
from tests.media.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


def now(video):
    video.refresh_from_db()
    return video


def fill(video, rendition="360p"):
    """From here on the pieces of this rendition find no room."""
    folder = transcoding.run_folder(video.uuid, video.making)
    (folder / making.TRIAL).symlink_to("/dev/full")
    work = folder / "work" / rendition
    written = len(list(work.glob("*.m4s*")))
    for number in range(written, 20):
        place = work / f"{number:05d}.m4s.tmp"
        if not place.exists():
            place.symlink_to("/dev/full")


@pytest.mark.parametrize("rendition", ["360p", "480p", "audio"])
def test_in_mid_transcode_the_film_fails_with_the_reason_and_the_next_is_prepared(queued, film, worker, rendition):
    big = queued(film("854x480", 60, name="long.mp4", rate=30, options=("-g", "250")))
    small = queued(film("160x120", 1))
    process = worker("--once")
    until(lambda: now(big).run)
    fill(big, rendition)
    assert process.wait(timeout=120) == 0
    assert (now(big).state, big.reason) == (Video.State.FAILED, Video.Reason.DISK_FULL)
    assert (big.run, big.making) == (None, None)
    assert not list(Path(settings.HLS_ROOT).glob(f"{big.uuid}/*"))  # what was begun makes room
    assert now(small).state == Video.State.READY


def test_the_former_ladder_plays_on(prepared, film, worker):
    video = prepared(film("854x480", 60, name="long.mp4", rate=30, options=("-g", "250")))
    served = video.run
    Video.objects.update(state=Video.State.QUEUED)
    process = worker("--once")
    until(lambda: now(video).progress >= 10 and video.state == Video.State.TRANSCODING and video.making)
    fill(video)
    assert process.wait(timeout=120) == 0
    assert (now(video).state, video.reason, video.run) == (Video.State.FAILED, Video.Reason.DISK_FULL, served)
    assert (transcoding.run_folder(video.uuid, served) / "master.m3u8").exists()
    assert transcoding.retry(video)
    call_command("transcode_worker", once=True)
    assert now(video).state == Video.State.READY


def test_a_film_that_could_not_be_held_is_not_begun(queued, film, monkeypatch):
    """The limit is moved to the disk, since a disk cannot be moved to the limit."""
    video = queued(film())
    monkeypatch.setattr(making, "RESERVE", shutil.disk_usage(settings.LIBRARY_ROOT).free + 1024**3)
    settings_before = settings.FFMPEG
    settings.FFMPEG = "/bin/false"  # the encoder is not even asked
    try:
        transcoding.work(transcoding.claim())
    finally:
        settings.FFMPEG = settings_before
    assert (now(video).state, video.reason) == (Video.State.FAILED, Video.Reason.DISK_FULL)
    assert not list(Path(settings.HLS_ROOT).glob(f"{video.uuid}/*"))
