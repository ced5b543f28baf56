"""Real films through real ffmpeg."""

import os
import re
import subprocess
from uuid import uuid4

import av
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from filer.models import File

from media import ffmpeg, hls, library, transcoding
from media.models import Video
from tests.media.ladders import decodes, folder, keys


def renditions(video):
    return list(video.renditions.values_list("name", "width", "height"))


def test_a_film_becomes_a_ladder_lowest_first(prepared, film):
    video = prepared(film("1280x720", 5, name="hd.mp4"))
    assert (video.state, video.progress, video.reason, video.lease) == (Video.State.READY, 100, "", None)
    assert (video.width, video.height, video.has_audio) == (1280, 720, True)
    assert video.duration == pytest.approx(5, abs=0.1)
    assert renditions(video) == [("360p", 640, 360), ("720p", 1280, 720)]
    master = (folder(video) / "master.m3u8").read_text()
    assert re.findall(r"RESOLUTION=(\S+?),", master) == ["640x360", "1280x720"]
    assert re.findall(r"^\d+p/index.m3u8$", master, re.M) == ["360p/index.m3u8", "720p/index.m3u8"]
    assert re.findall(r'CODECS="(.+?)"', master)[0].startswith("avc1.64")


def test_every_rendition_decodes_and_they_cut_at_the_same_moments(prepared, film):
    video = prepared(film("1280x720", 5, name="hd.mp4"))
    playlists = [folder(video) / name / "index.m3u8" for name in ("360p", "720p")]
    assert all(decodes(playlist) for playlist in playlists)
    low, high = (keys(playlist) for playlist in playlists)
    assert low == high
    assert [moment - low[0] for moment in low] == [0, 2000, 4000]
    assert hls.CUT.findall(playlists[0].read_text()) == hls.CUT.findall(playlists[1].read_text())


def test_a_planted_fault_in_a_segment_is_found(prepared, film):
    video = prepared(film("640x360", 3))
    rendition = folder(video) / "360p"
    segment = rendition / "00000.m4s"
    content = bytearray(segment.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = b"\xaa" * 4000
    segment.write_bytes(content)
    assert not decodes(rendition / "index.m3u8")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"size": "360x640", "sound": False}, [("360p", 360, 640)]),
        ({"size": "321x241", "name": "odd.mkv", "options": ("-pix_fmt", "yuv444p")}, [("241p", 320, 240)]),
        ({"size": "640x360", "rate": 50}, [("360p", 640, 360)]),
        ({"size": "640x360", "name": "tenbit.mkv", "options": ("-pix_fmt", "yuv420p10le")}, [("360p", 640, 360)]),
        ({"size": "320x180", "options": ("-vf", "setsar=2/1")}, [("180p", 320, 90)]),
    ],
    ids=["upright without sound", "odd sides", "fifty pictures", "ten bits", "wide pixels"],
)
def test_unusual_films(prepared, film, request_, expected):
    video = prepared(film(seconds=2, **request_))
    assert video.state == Video.State.READY, video.reason
    assert renditions(video) == expected
    assert all(decodes(folder(video) / name / "index.m3u8") for name, *_ in renditions(video))
    assert max(r[1] for r in renditions(video)) <= video.width
    assert max(r[2] for r in renditions(video)) <= video.height


def test_a_film_that_a_phone_turned_stands_upright(prepared, film, tmp_path):
    turned = tmp_path / "turned.mp4"
    source = film("640x360", 2)
    command = [ffmpeg.binary(), "-v", "error", "-display_rotation", "90", "-i", source, "-c", "copy", turned]
    subprocess.run(command, check=True)
    video = prepared(turned)
    assert (video.width, video.height) == (360, 640)
    with av.open(str(folder(video) / "360p/index.m3u8")) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height, frame.rotation) == (360, 640, 0)


def test_the_frame_rate_is_halved_above_thirty(prepared, film):
    video = prepared(film(seconds=2, rate=50))
    assert "FRAME-RATE=25.000" in (folder(video) / "master.m3u8").read_text()


def test_what_a_phone_wrote_about_the_place_is_left_behind(prepared, film):
    place = ("-metadata", "location=+30.6586+104.0648/", "-movflags", "use_metadata_tags")
    video = prepared(film(seconds=2, options=place))
    assert b"104.0648" in film(seconds=2, options=place).read_bytes()
    assert all(b"104.0648" not in path.read_bytes() for path in folder(video).rglob("*.*"))


def test_a_film_that_stops_before_its_end_fails_with_a_reason(prepared, film, tmp_path):
    whole = film("640x360", 6, options=("-movflags", "+faststart")).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    video = prepared(cut)
    assert (video.state, video.reason) == (Video.State.FAILED, Video.Reason.ENDS_EARLY)
    assert not any((transcoding.settings.HLS_ROOT / str(video.uuid)).iterdir())


def test_a_picture_in_a_film_container_fails_with_a_reason(prepared, film):
    video = prepared(film(seconds=0.04, name="still.mp4", sound=False))
    assert (video.state, video.reason) == (Video.State.FAILED, Video.Reason.STILL)


def test_a_film_over_the_time_limit_fails_with_a_reason(prepared, film, settings):
    settings.VIDEO_MAX_SECONDS = 2
    assert prepared(film()).reason == Video.Reason.TOO_LONG


def test_an_original_that_vanished_fails_with_a_reason(queued, film):
    video = queued(film())
    video.source.file.storage.delete(video.source.file.name)
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert (video.state, video.reason) == (Video.State.FAILED, Video.Reason.MISSING)


def test_text_that_was_adopted_fails_with_a_reason(trainer):
    File.objects.create(file=ContentFile(b"only words", name="a.mp4"), original_filename="a.mp4", owner=trainer)
    (video,) = library.adopt()
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert (video.state, video.reason) == (Video.State.FAILED, Video.Reason.NOT_VIDEO)


def test_a_full_disk_is_named(queued, film, settings, tmp_path):
    video = queued(film())
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho 'av_interleaved_write_frame(): No space left on device' >&2\nexit 1\n")
    fake.chmod(0o755)
    settings.FFMPEG = str(fake)
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert (video.state, video.reason) == (Video.State.FAILED, Video.Reason.DISK_FULL)


def test_a_failed_video_can_be_tried_again_and_an_old_ladder_stays_in_service(prepared, film, settings):
    video = prepared(film())
    served = video.run
    Video.objects.filter(pk=video.pk).update(state=Video.State.FAILED, attempts=3)
    assert transcoding.retry(video)
    settings.FFMPEG = "/bin/false"
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert (video.state, video.run, video.is_playable) == (Video.State.FAILED, served, True)
    assert (folder(video) / "master.m3u8").exists()


def test_the_clean_up_takes_only_what_nobody_needs(prepared, film):
    video = prepared(film())
    fresh, orphan = (folder(video).parent / str(uuid4()) for _ in range(2))
    long_ago = (timezone.now() - 2 * transcoding.KEEP).timestamp()
    for path in (fresh, orphan):
        path.mkdir()
    for path in (folder(video), orphan):
        os.utime(path, (long_ago, long_ago))
    assert transcoding.sweep() == 1
    assert sorted(folder(video).parent.iterdir()) == sorted([folder(video), fresh])
