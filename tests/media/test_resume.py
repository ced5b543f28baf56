"""A worker that is killed loses seconds, not the film: the next one goes on after the last whole pieces."""

import signal
import time

import pytest
from django.core.management import call_command
from django.utils import timezone

from media import hls, transcoding
from media.models import Video
from tests.media.ladders import decodes, folder, frames, gaps, keys, playlists, prints, samples
from tests.media.processes import encoders_of, until

pytestmark = pytest.mark.django_db(transaction=True)
LOST = 15.0  # seconds of film at most: a piece being written, and what the encoder holds in its hands


def long_film(film):
    return film("854x480", 60, name="long.mp4", rate=30, options=("-g", "250"))


def kill(process, video):
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not encoders_of(video), seconds=5)
    Video.objects.filter(pk=video.pk).update(lease_until=timezone.now())  # the lease runs out


def public(video):
    """What every rendition has: a kill in the middle of a publication may leave a piece that only one of them lists."""
    place = transcoding.run_folder(video.uuid, video.making)
    listed = {path.parent.name: [name for _, name in hls.read(path).cuts] for path in place.glob("*/index.m3u8")}
    common = min((len(names) for rendition, names in listed.items() if rendition != hls.SOUND), default=0)
    everywhere = {
        f"{rendition}/{name}"
        for rendition, names in listed.items()
        for name in (names if rendition == hls.SOUND else names[:common])
    }
    return {name: value for name, value in prints(place).items() if name in everywhere}


def seconds(video):
    place = transcoding.run_folder(video.uuid, video.making)
    return min(sum(each for each, _ in hls.read(path).cuts) for path in place.glob("*p/index.m3u8"))


def test_killed_at_ten_fifty_and_ninety_per_cent_it_is_finished_by_the_next(queued, film, worker):
    video = queued(long_film(film))
    kept, makings, lost = {}, set(), []
    for percent in (10, 50, 90):
        process, started, before = worker(), time.monotonic(), seconds(video) if kept else 0.0
        until(lambda least=percent: Video.objects.get().progress >= least and Video.objects.get().run)
        spent = time.monotonic() - started
        kill(process, video)
        video.refresh_from_db()
        makings.add(video.making)
        now = public(video)
        assert {name: now[name] for name in kept} == kept  # neither written again nor touched
        assert len(now) > len(kept)
        kept = now
        reached = video.duration * video.progress / 100
        speed = (reached - before) / spent
        lost.append(reached - seconds(video))
        print(f"killed at {percent} %: {lost[-1]:.1f} s of film, {lost[-1] / speed:.1f} s of work lost")
        assert (video.state, video.run) == (Video.State.TRANSCODING, video.making)  # and it can be watched meanwhile
    assert max(lost) <= LOST
    call_command("transcode_worker", once=True)
    video.refresh_from_db()
    assert (video.state, makings) == (Video.State.READY, {video.run})
    after = prints(folder(video))
    assert {name: after[name] for name in kept} == kept

    assert video.duration == pytest.approx(60, abs=0.05)
    assert [path.parent.name for path in playlists(video)] == ["360p", "480p", "audio"]
    assert [len(hls.read(path).cuts) for path in playlists(video)[:2]] == [15, 15]
    assert all(decodes(path) for path in playlists(video))
    assert [gaps(path.parent) for path in playlists(video)] == [[], [], []]
    low, high = (keys(path) for path in playlists(video)[:2])
    assert low == high == [low[0] + 2000 * number for number in range(30)]
    assert {frames(path) for path in playlists(video)[:2]} == {1800}
    assert all(samples(path) == pytest.approx(60 * 48_000, abs=3 * 1024) for path in playlists(video))


def test_a_stopped_worker_leaves_its_pieces_to_the_next(queued, film, worker):
    video = queued(long_film(film))
    process = worker()
    until(lambda: Video.objects.get().run)
    process.terminate()
    assert process.wait(timeout=60) == 0
    video.refresh_from_db()
    kept = public(video)
    assert (video.state, video.attempts, bool(kept)) == (Video.State.QUEUED, 0, True)
    call_command("transcode_worker", once=True)
    video.refresh_from_db()
    after = prints(folder(video))
    assert {name: after[name] for name in kept} == kept
    assert [gaps(path.parent) for path in playlists(video)] == [[], [], []]


def test_another_file_is_never_mixed_into_what_was_begun(queued, film, worker):
    video = queued(long_film(film))
    process = worker()
    until(lambda: Video.objects.get().run)
    kill(process, video)
    video.refresh_from_db()
    begun = video.making
    short = film("320x180", 1, name="short.mp4").read_bytes()
    with open(video.source.path, "wb") as file:
        file.write(short)
    call_command("transcode_worker", once=True)
    video.refresh_from_db()
    assert video.state == Video.State.READY
    assert video.run != begun
    assert video.duration == pytest.approx(1, abs=0.1)
    assert not transcoding.run_folder(video.uuid, begun).exists()


def test_a_piece_that_the_power_cut_short_is_made_again(queued, film, worker):
    video = queued(long_film(film))
    process = worker()
    until(lambda: Video.objects.get().progress >= 25)
    kill(process, video)
    video.refresh_from_db()
    place = transcoding.run_folder(video.uuid, video.making) / "480p"
    last = place / hls.read(place / hls.INDEX).cuts[-1][1]
    last.write_bytes(last.read_bytes()[:1000])
    call_command("transcode_worker", once=True)
    video.refresh_from_db()
    assert video.state == Video.State.READY
    assert [gaps(path.parent) for path in playlists(video)] == [[], [], []]
    assert all(decodes(path) for path in playlists(video))
