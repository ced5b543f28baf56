"""The worker as a process of its own, on the database of the test."""

import pytest
from django.conf import settings
from django.core.management import call_command

from media import transcoding
from media.models import Video
from tests.media.processes import encoders_of, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_once_prepares_everything_that_waits_and_ends(queued, film):
    first, second = queued(film("160x120", 1)), queued(film("160x120", 1, name="b.mp4"))
    call_command("transcode_worker", once=True)
    assert set(Video.objects.ready()) == {first, second}


def test_a_stopped_worker_gives_its_video_back_and_ends_well(queued, film, worker):
    video = queued(film("1280x720", 20, sound=False, name="long.mp4"))
    process = worker()
    until(lambda: Video.objects.get().state == Video.State.TRANSCODING)
    process.terminate()
    assert process.wait(timeout=60) == 0
    assert not encoders_of(video)
    video.refresh_from_db()
    assert (video.state, video.lease, video.attempts) == (Video.State.QUEUED, None, 0)
    folder = transcoding.run_folder(video.uuid, video.making)
    assert list((settings.HLS_ROOT / str(video.uuid)).iterdir()) == [folder]  # for the next worker


def test_two_workers_share_the_queue_without_doing_anything_twice(queued, film, worker):
    paths = [film("160x120", 1, name=f"{n}.mp4") for n in range(6)]
    videos = [queued(path) for path in paths]
    processes = [worker("--once"), worker("--once")]
    assert [process.wait(timeout=180) for process in processes] == [0, 0]
    assert Video.objects.ready().count() == len(videos)
    assert {video.attempts for video in Video.objects.all()} == {1}
