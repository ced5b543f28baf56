"""Films as cameras, phones, meetings and old discs write them. Each becomes a ladder that any browser plays."""

import math
import subprocess

import av
import numpy as np
import pytest

from media import ffmpeg, probing
from media.models import Video
from tests.media.ladders import decodes, frames, keys, playlists, samples

pytestmark = pytest.mark.films


def make(path, *arguments):
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *map(str, arguments), path], check=True)
    return path


def card(size="320x180", seconds=2, rate=25):
    return ["-f", "lavfi", "-i", f"testsrc=s={size}:r={rate}:d={seconds}"]


def tone(seconds=2, hertz=440):
    return ["-f", "lavfi", "-i", f"sine=f={hertz}:d={seconds}:r=44100"]


H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]


def sound(video):
    """The sound of the lowest rendition, one channel, numbers from -1 to 1."""
    with av.open(str(playlists(video)[0])) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def pitch(wave):
    """The strongest frequency in Hz."""
    middle = wave[len(wave) // 4 : len(wave) // 4 + 48_000]
    return np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))) * 48_000 / len(middle)


def loudness(wave):
    """Decibels of the whole, below full scale."""
    return 20 * math.log10(float(np.sqrt(np.mean(wave[4800:-4800] ** 2))))


def picture(video):
    with av.open(str(playlists(video)[0])) as container:
        return next(container.decode(video=0))


def ready(video, seconds=2.0):
    assert video.state == Video.State.READY, video.reason
    assert video.duration == pytest.approx(seconds, abs=0.15)
    assert all(decodes(path) for path in playlists(video))
    return video


def wide_range(tmp_path, curve):
    colours = f"colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc:log-level=none"
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", colours]
    return make(tmp_path / f"{curve}.mp4", *card(), *codec, "-tag:v", "hvc1")


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67"])
def test_wide_range_colours_become_ordinary_ones(prepared, tmp_path, curve):
    film = wide_range(tmp_path, curve)
    assert probing.probe(film).wide_range
    video = ready(prepared(film))
    frame = picture(video)
    assert (frame.format.name, int(frame.color_trc), int(frame.color_primaries)) == ("yuv420p", 1, 1)
    grey = frame.to_ndarray(format="gray")
    assert grey.min() < 60
    assert grey.max() > 120  # neither black nor a grey veil


def test_a_build_without_the_filters_leaves_wide_range_pale_but_visible(prepared, tmp_path, settings):
    poor = tmp_path / "ffmpeg"
    poor.write_text(
        f'#!/bin/sh\ncase "$*" in *-filters*) echo " .. scale V->V x";; *) exec {ffmpeg.binary()} "$@";; esac\n'
    )
    poor.chmod(0o755)
    film = wide_range(tmp_path, "smpte2084")
    settings.FFMPEG = str(poor)
    video = ready(prepared(film))
    assert picture(video).to_ndarray(format="gray").std() > 10


def test_interlaced_pictures_are_joined(prepared, tmp_path):
    lines = ["-vf", "tinterlace=interleave_top,fieldorder=tff", "-flags", "+ilme+ildct", "-x264-params", "tff=1"]
    film = make(
        tmp_path / "old.mpg", *card(rate=50, size="352x288"), *tone(), *lines, "-c:v", "mpeg2video", "-c:a", "mp2"
    )
    assert probing.probe(film).interlaced
    video = ready(prepared(film))
    assert not picture(video).interlaced_frame


def test_an_uneven_frame_rate_becomes_even(prepared, tmp_path):
    uneven = ["-vf", "select='lt(t,1)+not(mod(n,13))'", "-fps_mode", "vfr"]
    film = make(tmp_path / "screen.mkv", *card(seconds=4), *tone(4), *uneven, *H264)
    video = ready(prepared(film), probing.probe(film).duration)
    assert frames(playlists(video)[0]) == pytest.approx(video.duration * float(probing.probe(film).rate), abs=2)


def test_one_slide_held_for_long_stays_until_its_end(prepared, tmp_path):
    film = make(tmp_path / "slide.mkv", "-f", "lavfi", "-i", "testsrc=s=320x180:r=1/9:d=18", *tone(18), *H264)
    video = ready(prepared(film), 18)
    first = keys(playlists(video)[0])
    assert [moment - first[0] for moment in first] == list(range(0, 18_000, 2000))


@pytest.mark.parametrize("channels", [1, 6])
def test_any_number_of_channels_becomes_two(prepared, tmp_path, channels):
    video = ready(prepared(make(tmp_path / "a.mp4", *card(), *tone(), *H264, "-ac", channels)))
    with av.open(str(playlists(video)[0])) as container:
        assert (container.streams.audio[0].codec_context.channels, container.streams.audio[0].rate) == (2, 48_000)
    assert pitch(sound(video)) == pytest.approx(440, abs=3)


@pytest.mark.parametrize(
    ("tags", "heard"),
    [
        (["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=chi", "-disposition:a:0", "default"], 880),
        (["-disposition:a:0", "0", "-disposition:a:1", "default"], 880),
        (["-metadata:s:a:0", "language=chi", "-metadata:s:a:1", "language=chi", "-disposition:a:0", "comment"], 880),
        ([], 440),
    ],
    ids=["the school's language", "the film's own choice", "no commentary", "the first"],
)
def test_of_several_sound_tracks_one_is_taken(prepared, tmp_path, tags, heard):
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a"]
    video = ready(prepared(make(tmp_path / "two.mkv", *card(), *tone(), *tone(hertz=880), *maps, *H264, *tags)))
    assert pitch(sound(video)) == pytest.approx(heard, abs=3)


def test_a_cover_picture_is_not_the_film(prepared, tmp_path):
    cover = make(tmp_path / "cover.png", "-f", "lavfi", "-i", "color=red:s=640x640", "-frames:v", 1)
    maps = ["-map", "0:v", "-map", "1:v", "-map", "2:a", "-disposition:v:0", "attached_pic", "-c:v:0", "png"]
    codec = ["-c:v:1", "libx264", "-pix_fmt:v:1", "yuv420p", "-c:a", "aac"]
    video = ready(prepared(make(tmp_path / "song.mp4", "-i", cover, *card(), *tone(), *maps, *codec)))
    assert (video.width, video.height) == (320, 180)


def test_clocks_that_do_not_begin_at_nought(prepared, tmp_path):
    late = make(tmp_path / "late.ts", *card(), *tone(), *H264, "-output_ts_offset", 1000)
    assert keys(playlists(ready(prepared(late)))[0])[0] < 200


def test_sound_and_picture_that_begin_apart_stay_together(prepared, tmp_path):
    apart = make(tmp_path / "apart.mkv", *card(seconds=3), "-itsoffset", 1, *tone(2), *H264)
    wave = sound(ready(prepared(apart), 3))
    assert np.abs(wave[: 48_000 * 8 // 10]).max() < 0.01
    assert np.abs(wave[48_000 * 12 // 10 :]).max() > 0.05


def test_times_below_nought(prepared, tmp_path):
    """A piece copied out of a film begins before its first shown picture, and an edit list hides that."""
    whole = make(tmp_path / "whole.mp4", *card(seconds=6), *tone(6), *H264, "-g", 100, "-bf", 3)
    cut = make(tmp_path / "cut.mp4", "-ss", 2.5, "-i", whole, "-t", 3, "-c", "copy", "-avoid_negative_ts", "disabled")
    with av.open(str(cut)) as container:
        assert min(packet.dts for packet in container.demux(video=0) if packet.dts is not None) < 0
    ready(prepared(cut), 3)


def test_sound_that_ends_early_is_followed_by_silence(prepared, tmp_path):
    video = ready(prepared(make(tmp_path / "short-sound.mp4", *card(seconds=4), *tone(1), *H264)), 4)
    assert samples(playlists(video)[-1]) == pytest.approx(4 * 48_000, abs=2048)


@pytest.mark.parametrize("name", ["long-sound.mp4", "long-sound.mkv"])
def test_sound_that_goes_on_after_the_last_picture_is_no_fault(prepared, tmp_path, name):
    ready(prepared(make(tmp_path / name, *card(seconds=3), *tone(9), *H264)), 3)


def test_a_recording_of_a_browser_does_not_know_its_length(prepared, tmp_path):
    film = make(tmp_path / "meeting.webm", *card(), *tone(), "-c:v", "libvpx", "-c:a", "libopus", "-live", 1)
    with av.open(str(film)) as container:
        assert not container.duration
    ready(prepared(film))


@pytest.mark.parametrize(("turn", "size"), [(90, (180, 320)), (180, (320, 180)), (270, (180, 320))])
def test_a_turned_film_stands_upright(prepared, tmp_path, turn, size):
    level = make(tmp_path / "level.mp4", *card(), *H264)
    turned = make(tmp_path / "turned.mp4", "-display_rotation", turn, "-i", level, "-c", "copy")
    video = ready(prepared(turned))
    assert (video.width, video.height) == size
    assert (picture(video).width, picture(video).height, picture(video).rotation) == (*size, 0)


@pytest.mark.parametrize("decibels", [-16, 6])
def test_quiet_and_loud_films_sound_alike(prepared, tmp_path, decibels):
    noise = ["-f", "lavfi", "-i", f"anoisesrc=d=6:c=pink:r=48000:a=0.5,volume={decibels}dB"]
    video = ready(prepared(make(tmp_path / "noise.mkv", *card(seconds=6), *noise, *H264)), 6)
    measured = subprocess.run(
        [ffmpeg.binary(), "-i", playlists(video)[0], "-vn", "-af", "ebur128=framelog=verbose", "-f", "null", "-"],
        capture_output=True,
        check=True,
    )
    loud = float(measured.stderr.decode().rsplit("I:", 1)[1].split()[0])
    assert loud == pytest.approx(-18, abs=1.5)
    assert np.abs(sound(video)).max() <= 1.0
