"""Files that are no films, or want more than to be one. What they name is never read, and the reason is stated."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.files.base import ContentFile
from filer.models import File

from media import ffmpeg, library, transcoding
from media.models import Video
from tests.media.ladders import folder

pytestmark = pytest.mark.films

SECRET = "密码四个字母QUALITYSECRET"


@pytest.fixture
def adopted(trainer):
    """adopted(content) → the video that a worker made of a file which came in by another door, looked at by nobody."""

    def adopt(content, name="film.mp4"):
        File.objects.create(file=ContentFile(content, name=name), original_filename=name, owner=trainer)
        (video,) = library.adopt()
        transcoding.work(transcoding.claim())
        video.refresh_from_db()
        return video

    return adopt


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    return path


@pytest.fixture
def listener():
    """A server that notes who asks it for something."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def encode(path, *arguments):
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *map(str, arguments), path], check=True)
    return path


def refused(video):
    assert video.state == Video.State.FAILED
    assert not list(transcoding.settings.HLS_ROOT.glob("*/*/*/*.m4s"))
    return video.reason


@pytest.mark.parametrize(
    "content", [b"", b"only words", b"\0" * 10_000, b"\xff\xd8\xff\xe0" + b"\0" * 500, b"%PDF-1.7\n"]
)
def test_what_is_no_film_is_named_so(adopted, content):
    assert refused(adopted(content)) == Video.Reason.NOT_VIDEO


@pytest.mark.parametrize("name", ["film.mp4", "film.m3u8", "film.avi", "../film.mkv"])
@pytest.mark.parametrize("kind", ["playlist", "list of files", "script", "picture list"])
def test_a_playlist_or_a_script_with_the_name_of_a_film(adopted, secret, listener, kind, name):
    address, asked = listener
    content = {
        "playlist": f"#EXTM3U\n#EXTINF:1,\n{address}/a.ts\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "list of files": f"ffconcat version 1.0\nfile '{secret}'\nfile '{address}/b'\n",
        "script": f"#!/bin/sh\ncat {secret}\n",
        "picture list": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/c.png"/></svg>',
    }[kind]
    File.objects.create(file=ContentFile(content.encode(), name="x.mp4"), original_filename=name, mime_type="video/mp4")
    (video,) = library.adopt()
    transcoding.work(transcoding.claim())
    video.refresh_from_db()
    assert refused(video) == Video.Reason.NOT_VIDEO
    assert asked == []


def gab2(text):
    """A stream of subtitles in an AVI whose only packet claims to be a playlist: players have followed such ones."""
    return b"GAB2\0\x02\0" + (0).to_bytes(4, "little") + b"\x04\0" + len(text).to_bytes(4, "little") + text


def riff(kind, body):
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def test_a_playlist_inside_of_a_film_is_not_followed(adopted, tmp_path, secret, listener):
    address, asked = listener
    whole = encode(tmp_path / "a.avi", "-f", "lavfi", "-i", "testsrc=s=160x120:d=1", "-c:v", "mjpeg").read_bytes()
    playlist = (
        f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n{address}/x.ts\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    )
    header = b"txts" + b"\0" * 16 + (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"\0" * 28
    stream = riff(b"LIST", b"strl" + riff(b"strh", header) + riff(b"strf", b"") + riff(b"strn", b"s"))
    place = whole.index(b"LIST", whole.index(b"strl"))  # after the stream of the picture
    films = whole.index(b"movi") + 4
    bad = whole[:place] + stream + whole[place:films] + riff(b"01tx", gab2(playlist.encode())) + whole[films:]
    head = bytearray(bad)
    head[4:8] = (len(bad) - 8).to_bytes(4, "little")
    for name, grown in ((b"hdrl", len(stream)), (b"movi", len(bad) - len(whole) - len(stream))):
        at = head.index(name) - 4
        head[at : at + 4] = (int.from_bytes(head[at : at + 4], "little") + grown).to_bytes(4, "little")
    video = adopted(bytes(head), "subtitles.avi")
    assert asked == []
    if video.state == Video.State.READY:
        assert all(SECRET.encode() not in path.read_bytes() for path in folder(video).rglob("*.*"))
        assert video.renditions.count() == 1
    else:
        assert video.reason == Video.Reason.DAMAGED


def test_a_film_whose_pieces_lie_elsewhere_is_not_put_together(adopted, tmp_path, secret):
    """A QuickTime film may name other files as the place of its samples."""
    inner = encode(tmp_path / "a.mov", "-f", "lavfi", "-i", "testsrc=s=160x120:d=1", "-c:v", "mjpeg").read_bytes()
    place = str(secret).encode()
    own = b"url \0\0\0\1"
    assert own in inner
    outside = inner.replace(own, b"url \0\0\0\0", 1).replace(b"alis\0\0\0\1", b"alis\0\0\0\0")
    video = adopted(outside + place, "elsewhere.mov")
    if video.state == Video.State.READY:
        assert all(SECRET.encode() not in path.read_bytes() for path in folder(video).rglob("*.*"))


@pytest.mark.parametrize("name", ["song.m4a", "song.mp4", "song.mkv"])
def test_sound_alone_is_refused_with_words(adopted, tmp_path, name):
    film = encode(tmp_path / name, "-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac")
    video = adopted(film.read_bytes(), "song.mp4")
    assert refused(video) == Video.Reason.NO_PICTURE
    assert "只有声音" in video.get_reason_display()


def test_a_single_picture_is_refused_with_words(adopted, tmp_path):
    film = encode(
        tmp_path / "a.mp4", "-f", "lavfi", "-i", "testsrc=s=320x180:d=1", "-frames:v", 1, "-pix_fmt", "yuv420p"
    )
    assert refused(adopted(film.read_bytes())) == Video.Reason.STILL


def test_a_film_without_a_picture_in_it_is_refused(adopted, tmp_path):
    film = encode(tmp_path / "a.mkv", "-f", "lavfi", "-i", "testsrc=s=320x180:d=1", "-t", 0)
    assert refused(adopted(film.read_bytes())) in (Video.Reason.DAMAGED, Video.Reason.NO_PICTURE, Video.Reason.STILL)


def test_twelve_hours_are_refused_before_any_work(adopted, tmp_path, settings):
    source = ["-f", "lavfi", "-i", "color=s=32x32:r=1/60", "-t", 12 * 3600]
    film = encode(tmp_path / "a.mp4", *source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    settings.FFMPEG = "/bin/false"  # the encoder is not even asked
    assert refused(adopted(film.read_bytes())) == Video.Reason.TOO_LONG


def test_a_film_whose_middle_is_noise_is_made_as_far_as_it_can_be_read(adopted, tmp_path):
    source = ["-f", "lavfi", "-i", "testsrc=s=320x180:d=8", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", 25]
    content = bytearray(encode(tmp_path / "a.mkv", *source).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = b"\x5a" * 3000
    video = adopted(bytes(content), "scratched.mkv")
    if video.state == Video.State.READY:
        assert video.duration == pytest.approx(8, abs=0.5)
    else:
        assert video.reason in (Video.Reason.DAMAGED, Video.Reason.ENDS_EARLY)
