"""A film is watched while it is made; its editor can cancel it; it waits while a broadcast is on air."""

import signal
import time
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from media import hls, holds, playback, transcoding
from media.models import Hold, Video
from tests.media.ladders import gaps, playlists
from tests.media.processes import encoders_of, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long(queued, film):
    return queued(film("854x480", 40, name="long.mp4", rate=30))


def now(video):
    video.refresh_from_db()
    return video


def state_of(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def until_it_stands_still(video):
    """The encoder alone is left: what makes the poster has ended."""
    until(lambda: [state_of(each) for each in encoders_of(video)] == ["T"], seconds=60)


def test_it_can_be_watched_long_before_its_end(queued, film, worker, client, learner):
    long = queued(film("1280x720", 40, name="long.mp4", rate=30))
    process = worker("--once")
    until(lambda: now(long).run and playback.offer(long, viewer=learner).poster)
    holds.hold("a look in peace", seconds=600)
    until_it_stands_still(long)
    assert (now(long).state, long.is_growing, long.progress < 90) == (Video.State.TRANSCODING, True, True)
    assert long.duration == pytest.approx(40, abs=0.1)  # what evidence is counted against, known from the start
    offer = playback.offer(long, viewer=learner)
    assert offer.run == str(long.run)
    master = client.get(offer.src).content.decode()
    renditions = [line for line in master.splitlines() if line.endswith(hls.INDEX)]
    assert renditions == ["360p/index.m3u8", "720p/index.m3u8", "audio/index.m3u8"]
    assert "#EXT-X-START:TIME-OFFSET=0" in master  # a growing playlist would else be played from its end
    for name in renditions:
        playlist = client.get(offer.src.replace("master.m3u8", name)).content.decode()
        assert "EVENT" in playlist
        assert "ENDLIST" not in playlist
        (first, *_) = [line for line in playlist.splitlines() if line.endswith(".m4s")]
        for piece in ("init.mp4", first):
            assert client.get(offer.src.replace("master.m3u8", name.replace("index.m3u8", piece))).status_code == 200
    poster = client.get(offer.poster)
    assert (poster.headers["Content-Type"], poster.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert (offer.thumbnails, offer.audio_src.endswith("/audio/index.m3u8")) == ("", True)
    served = long.run
    holds.release("a look in peace")
    assert process.wait(timeout=120) == 0
    assert (now(long).state, long.run, long.making) == (Video.State.READY, served, None)
    assert long.duration == pytest.approx(40, abs=0.1)
    assert playback.offer(long, viewer=learner).thumbnails


def test_a_second_ladder_is_served_only_when_it_is_complete(prepared, film, worker):
    video = prepared(film("854x480", 40, name="long.mp4", rate=30))
    first = video.run
    Video.objects.update(state=Video.State.QUEUED)
    process = worker("--once")
    until(lambda: now(video).progress > 30 and video.state == Video.State.TRANSCODING)
    assert (video.run, video.is_growing) == (first, False)
    assert process.wait(timeout=120) == 0
    assert now(video).run != first


def test_how_long_it_will_take_is_told(long, worker, client, admin):
    worker("--once")
    until(lambda: now(long).seconds_left is not None)
    assert 0 < long.seconds_left < 600
    client.force_login(admin)
    words = gettext("about %(time)s left") % {"time": "0:"}
    assert words[:4] in client.get(reverse("videos:index")).content.decode()
    assert words[:4] in client.get(reverse("videos:inspect", args=[long.pk])).content.decode()


def test_an_editor_cancels_and_the_encoder_ends(long, worker, client, admin):
    worker()
    until(lambda: now(long).run)
    client.force_login(admin)
    client.post(reverse("videos:cancel", args=[long.pk]))
    assert (now(long).state, long.reason, long.run, long.making) == ("failed", "cancelled", None, None)
    until(lambda: not encoders_of(long), seconds=10)
    until(lambda: not list(transcoding.settings.HLS_ROOT.glob(f"{long.uuid}/*")), seconds=10)
    assert transcoding.retry(long)
    until(lambda: now(long).state == Video.State.READY)


def test_cancelling_leaves_the_former_ladder_in_service(prepared, film):
    video = prepared(film())
    Video.objects.update(state=Video.State.QUEUED)
    assert transcoding.cancel(video)
    assert (now(video).state, video.is_playable) == (Video.State.FAILED, True)
    assert not transcoding.cancel(video)


def test_only_who_may_change_films_may_cancel(long, client, learner):
    client.force_login(learner)
    assert client.post(reverse("videos:cancel", args=[long.pk])).status_code in (302, 403)
    assert client.get(reverse("videos:cancel", args=[long.pk])).status_code in (302, 403, 405)
    assert now(long).state == Video.State.QUEUED


def beat_on(video):
    last = now(video).lease_until
    until(lambda: now(video).lease_until > last, seconds=15)


def until_all_is_told(video):
    """What was made before the encoder stood still comes with one of the next beats."""
    told = None
    while told != now(video).progress:
        told = video.progress
        beat_on(video)


def test_the_encoder_stands_still_during_a_broadcast_and_its_worker_beats_on(long, worker, client, admin):
    process = worker("--once")
    until(lambda: now(long).run)
    holds.hold("live-1", seconds=60, reason="公开课")
    until_it_stands_still(long)
    client.force_login(admin)
    assert gettext("Waits for the broadcast") in client.get(reverse("videos:index")).content.decode()
    until_all_is_told(long)
    reached = long.progress
    beat_on(long)
    assert long.progress == reached < 100
    assert [state_of(each) for each in encoders_of(long)] == ["T"]
    holds.release("live-1")
    assert process.wait(timeout=120) == 0
    assert now(long).state == Video.State.READY
    assert [gaps(path.parent) for path in playlists(long)] == [[], [], []]


def test_a_stopped_encoder_still_dies_with_its_worker(long, worker):
    process = worker()
    until(lambda: now(long).run)
    holds.hold("live-1", seconds=60)
    until_it_stands_still(long)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not encoders_of(long), seconds=5)


def test_nothing_new_is_begun_during_a_broadcast(queued, film, worker):
    video = queued(film("160x120", 1))
    holds.hold("live-1", seconds=4)  # and nobody says it again: a broadcast whose server died
    process = worker("--once")
    time.sleep(2)
    assert now(video).state == Video.State.QUEUED
    assert process.wait(timeout=60) == 0
    assert now(video).state == Video.State.READY


def test_a_hold_lasts_as_long_as_the_longest_says_and_ends_by_itself(db):
    assert holds.active() is None
    with time_machine.travel(timezone.now(), tick=False) as clock:
        holds.hold("a", seconds=30)
        holds.hold("b", seconds=60, reason="直播")
        holds.hold("a", seconds=10)
        assert (holds.active().name, Hold.objects.count()) == ("b", 2)
        holds.release("b")
        assert holds.active().name == "a"
        clock.shift(timedelta(seconds=11))
        assert holds.active() is None
        assert (holds.tidy(), Hold.objects.count()) == (1, 0)
    holds.release("never there")
