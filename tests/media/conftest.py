"""Films made by ffmpeg for the tests: a moving test card with a tone."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files import File

from media import ffmpeg, library, transcoding
from tests import databases


def encode(*arguments):
    subprocess.run([ffmpeg.binary(), "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """film("640x360", 3, sound=True, name="a.mp4", options=[…]) → Path; the same request is made once."""
    folder = tmp_path_factory.mktemp("films")
    made, numbers = {}, count()

    def make(size="640x360", seconds=3.0, *, sound=True, name="film.mp4", rate=25, options=()):
        key = (size, seconds, sound, name, rate, tuple(options))
        if key not in made:
            path = folder / str(next(numbers)) / name
            path.parent.mkdir()
            source = ["-f", "lavfi", "-i", f"testsrc=s={size}:r={rate}:d={seconds}"]
            if sound:
                source += ["-f", "lavfi", "-i", f"sine=f=440:d={seconds}"]
            codec = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
            encode(*source, *codec, *options, path)
            made[key] = path
        return made[key]

    return make


@pytest.fixture
def upload():
    """upload(path) → what a form would hand over."""
    with ExitStack() as opened:
        yield lambda path: File(opened.enter_context(Path(path).open("rb")), name=Path(path).name)


@pytest.fixture
def queued(trainer, upload):
    """queued(path) → a video that waits for a worker."""
    return lambda path, **fields: library.add(file=upload(path), name=path.name, owner=trainer, **fields)


@pytest.fixture
def prepared(queued):
    """prepared(path) → the video after a worker had it, ready or failed."""

    def prepare(path):
        video = queued(path)
        transcoding.work(transcoding.claim())
        video.refresh_from_db()
        return video

    return prepare


@pytest.fixture
def worker():
    """worker("--once") → the process, on the database of the test; nothing of it survives the test."""
    started = []

    def start(*arguments, **variables):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "DATABASE_URL": databases.address(),
            "VAR_DIR": str(settings.VAR_DIR),
            "LOG_LEVEL": "WARNING",
            **variables,
        }
        command = [sys.executable, "manage.py", "transcode_worker", *arguments]
        started.append(subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(autouse=True)
def empty_shelves():
    """Each test begins with nothing on disk."""
    yield
    for root in (settings.HLS_ROOT, settings.LIBRARY_ROOT, settings.UPLOAD_ROOT):
        shutil.rmtree(root, ignore_errors=True)
