"""The worker as a process of its own, on the database of the test."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from media import transcoding
from media.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def database_url():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def worker():
    """worker("--once") → the process; nothing of it survives the test."""
    started = []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(settings.VAR_DIR),
        "LOG_LEVEL": "WARNING",
    }

    def start(*arguments):
        command = [sys.executable, "manage.py", "transcode_worker", *arguments]
        started.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition, seconds=90.0):
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not (met := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return met


def encoders_of(video):
    """Numbers of the processes that write into the folders of this video."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if str(video.uuid).encode() in words and b"ffmpeg" in words:
            found.append(int(number))
    return found


def test_once_prepares_everything_that_waits_and_ends(queued, film):
    first, second = queued(film("160x120", 1)), queued(film("160x120", 1, name="b.mp4"))
    call_command("transcode_worker", once=True)
    assert set(Video.objects.ready()) == {first, second}


def test_a_killed_worker_leaves_its_video_to_the_next(queued, film, worker):
    video = queued(film("1280x720", 20, sound=False, name="long.mp4"))
    first = worker()
    until(lambda: Video.objects.get().progress > 0)
    assert encoders_of(video)
    first.send_signal(signal.SIGKILL)
    first.wait()
    until(lambda: not encoders_of(video), seconds=5)
    video.refresh_from_db()
    dead = transcoding.run_folder(video.uuid, video.lease)
    assert (video.state, dead.exists()) == (Video.State.TRANSCODING, True)

    # The lease runs out, and a shorter film spares the test the rest of this one.
    short = film("320x180", 1, name="short.mp4").read_bytes()
    with open(video.source.path, "wb") as file:
        file.write(short)
    Video.objects.filter(pk=video.pk).update(lease_until=timezone.now())
    call_command("transcode_worker", once=True)
    video.refresh_from_db()
    assert (video.state, video.attempts) == (Video.State.READY, 2)
    assert transcoding.run_folder(video.uuid, video.run) != dead
    assert (transcoding.run_folder(video.uuid, video.run) / "master.m3u8").exists()


def test_a_stopped_worker_gives_its_video_back_and_ends_well(queued, film, worker):
    video = queued(film("1280x720", 20, sound=False, name="long.mp4"))
    process = worker()
    until(lambda: Video.objects.get().state == Video.State.TRANSCODING)
    process.terminate()
    assert process.wait(timeout=60) == 0
    assert not encoders_of(video)
    video.refresh_from_db()
    assert (video.state, video.lease, video.attempts) == (Video.State.QUEUED, None, 0)
    assert list((settings.HLS_ROOT / str(video.uuid)).iterdir()) == []


def test_two_workers_share_the_queue_without_doing_anything_twice(queued, film, worker):
    paths = [film("160x120", 1, name=f"{n}.mp4") for n in range(6)]
    videos = [queued(path) for path in paths]
    processes = [worker("--once"), worker("--once")]
    assert [process.wait(timeout=180) for process in processes] == [0, 0]
    assert Video.objects.ready().count() == len(videos)
    assert {video.attempts for video in Video.objects.all()} == {1}
