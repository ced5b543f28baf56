"""What a signed address opens, and that nothing else does."""

import base64

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import AsyncClient, AsyncRequestFactory
from django.urls import reverse
from filer.models import File

from media import delivery, playback, transcoding
from media.models import Caption, Video

INIT = b"\0\0\0\x1cftypiso5" + bytes(range(256)) * 8


@pytest.fixture
def video(db):
    """A ready video whose ladder is a few known bytes."""
    source = File.objects.create(original_filename="a.mp4")
    made = Video.objects.create(title="第一课", source=source, state=Video.State.READY, run=playback.UUID(int=7))
    folder = transcoding.run_folder(made.uuid, made.run)
    (folder / "360p").mkdir(parents=True)
    (folder / "master.m3u8").write_text("#EXTM3U\n360p/index.m3u8\n")
    (folder / "360p/index.m3u8").write_text("#EXTM3U\n00000.m4s\n")
    (folder / "360p/init.mp4").write_bytes(INIT)
    (folder / "360p/00000.m4s").write_bytes(b"picture")
    return made


@pytest.fixture
def other(video):
    return Video.objects.create(title="第二课", source=File.objects.create(), run=playback.UUID(int=8))


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_playlist_and_its_relatives_play(client, video, learner):
    master = playback.url(video, viewer=learner)
    response = client.get(master)
    assert (response.status_code, response["Content-Type"]) == (200, "application/vnd.apple.mpegurl")
    assert response["Cache-Control"] == "private, no-cache"
    assert body(response).endswith(b"360p/index.m3u8\n")
    segment = client.get(master.replace("master.m3u8", "360p/00000.m4s"))
    assert (segment.status_code, segment["Content-Type"], body(segment)) == (200, "video/iso.segment", b"picture")
    assert segment["Cache-Control"] == "private, max-age=86400, immutable"


def test_the_address_has_no_language(video, learner):
    assert playback.url(video, viewer=learner).startswith("/videos/")


def test_a_grant_says_who_watches_what_and_until_when(video, learner):
    with time_machine.travel(1_800_000_000, tick=False):
        grant = playback.read(playback.sign(video, viewer=learner, seconds=60), video.uuid)
    assert grant == playback.Grant(video.uuid, video.run, learner.pk, 1_800_000_060)
    assert playback.read(playback.sign(video, viewer=None), video.uuid).viewer is None


def test_an_expired_address_is_refused_in_clear_words(client, video, learner):
    with time_machine.travel(0, tick=False):
        master = playback.url(video, viewer=learner, seconds=10)
    response = client.get(master)
    assert (response.status_code, response["Cache-Control"]) == (403, "no-store")
    assert response["Content-Type"].startswith("text/plain")
    english = client.get(master, headers={"Accept-Language": "en"})
    assert english.content.decode() == "This address has expired. Please open the lesson again."


def test_a_token_of_one_video_does_not_open_another(client, video, other, learner):
    token = playback.sign(video, viewer=learner)
    assert client.get(reverse("media:stream", args=[token, other.uuid, "master.m3u8"])).status_code == 403


def test_every_changed_letter_of_a_token_is_noticed(video, learner):
    token = playback.sign(video, viewer=learner)
    for place in range(len(token)):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(playback.Forged):
            playback.read(forged, video.uuid)


@pytest.mark.parametrize("token", ["x", ".", "a.b", "é.ü", "A" * 5000, base64.urlsafe_b64encode(b"0" * 48).decode()])
def test_nonsense_is_refused(client, video, token):
    assert client.get(reverse("media:stream", args=[token, video.uuid, "master.m3u8"])).status_code == 403


def test_a_token_made_with_another_secret_is_refused(video, learner, settings):
    token = playback.sign(video, viewer=learner)
    settings.SECRET_KEY = "another-" + "y" * 50
    with pytest.raises(playback.Forged):
        playback.read(token, video.uuid)


def test_a_file_token_is_no_video_token(video, learner):
    token = playback.file_url(video.source, viewer=learner).split("/")[2]
    with pytest.raises(playback.Forged):
        playback.read(token, video.uuid)


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd",
        "360p/../../secret",
        "..%2f..%2fetc/passwd",
        "%2e%2e/master.m3u8",
        "/etc/passwd",
        "360p//00000.m4s",
        "360p/00000.m4s\n",
        "360p/00000.m4s/",
        "360p\\00000.m4s",
        "36０p/00000.m4s",
        "360p/",
        "",
        "index.m3u8",
        "run.log",
    ],
)
def test_no_other_name_leads_anywhere(video, learner, name):
    grant = playback.read(playback.sign(video, viewer=learner), video.uuid)
    with pytest.raises(playback.Forged):
        playback.locate(grant, name)


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "360p/../../../x", "..%2f..%2fx", "master.m3u8%00"])
def test_no_other_name_leads_anywhere_through_the_web(client, video, learner, name):
    address = playback.url(video, viewer=learner).replace("master.m3u8", name)
    assert client.get(address).status_code in (403, 404)


def test_a_ladder_that_was_replaced_and_cleaned_away_is_gone(client, video, learner):
    address = playback.url(video, viewer=learner).replace("master.m3u8", "360p/00009.m4s")
    assert client.get(address).status_code == 410


def test_a_video_that_was_never_ready_has_no_address(video, learner):
    Video.objects.update(run=None)
    with pytest.raises(playback.NotReady):
        playback.sign(Video.objects.get(pk=video.pk), viewer=learner)


def test_no_segment_asks_the_database_even_for_somebody_signed_in(client, video, learner, django_assert_num_queries):
    client.force_login(learner)
    master = playback.url(video, viewer=learner)
    client.get(master)
    for name in ("master.m3u8", "360p/index.m3u8", "360p/init.mp4", "360p/00000.m4s", "360p/00009.m4s"):
        with django_assert_num_queries(0):
            client.get(master.replace("master.m3u8", name))
    with django_assert_num_queries(0):
        assert client.get(master.replace("/videos/", "/videos/x")).status_code == 403


@pytest.mark.parametrize(
    ("header", "status", "expected"),
    [
        ("bytes=0-3", 206, INIT[:4]),
        ("bytes=4-", 206, INIT[4:]),
        ("bytes=-5", 206, INIT[-5:]),
        ("bytes=0-999999", 206, INIT),
        ("bytes=999999-", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=9-4", 200, INIT),
        ("bytes=-", 200, INIT),
        ("bytes=0-1,4-5", 200, INIT),
        ("lines=1-2", 200, INIT),
        ("bytes=0-18446744073709551615", 206, INIT),
        (f"bytes={'9' * 5000}-", 200, INIT),
        (f"bytes=-{'9' * 5000}", 200, INIT),
    ],
)
def test_a_part_may_be_asked_for(client, video, learner, header, status, expected):
    address = playback.url(video, viewer=learner).replace("master.m3u8", "360p/init.mp4")
    response = client.get(address, headers={"Range": header})
    assert (response.status_code, body(response)) == (status, expected)
    assert response["Accept-Ranges"] == "bytes"
    if status == 206:
        start = INIT.index(expected) if len(expected) != 5 else len(INIT) - 5
        assert response["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(INIT)}"


def test_only_reading_is_allowed(client, video, learner):
    master = playback.url(video, viewer=learner)
    assert client.post(master).status_code == 405
    head = client.head(master)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", "24")


async def test_it_plays_under_asgi(video, learner):
    response = await AsyncClient().get(playback.url(video, viewer=learner))
    assert (response.status_code, response.content[:7]) == (200, b"#EXTM3U")


def test_the_server_in_front_may_send_the_bytes(client, video, learner, settings):
    settings.X_ACCEL_PREFIX = "/protected/"
    response = client.get(playback.url(video, viewer=learner))
    assert response["X-Accel-Redirect"] == f"/protected/hls/{video.uuid}/{video.run}/master.m3u8"
    assert (response.content, response["Content-Type"]) == (b"", "application/vnd.apple.mpegurl")


def test_captions_come_with_the_same_token(client, video, learner, outsider):
    Caption.objects.create(video=video, language="zh-hans", body="WEBVTT\n\n00:01.000 --> 00:02.000\n质量\n")
    address = playback.caption_url(video, "zh-hans", viewer=learner)
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/vtt; charset=utf-8")
    assert "质量" in response.content.decode()
    assert client.get(address.replace("zh-hans", "en")).status_code == 404
    assert client.get(address.replace("/videos/", "/videos/x")).status_code == 403


@pytest.fixture
def handout(trainer):
    content = ContentFile(b"%PDF-1.7 " + b"x" * 9_000_000, name="讲义.pdf")
    return File.objects.create(file=content, original_filename="过程能力 讲义.pdf", owner=trainer, is_public=False)


def test_a_handout_opens_for_its_reader_under_its_own_name(client, handout, learner):
    client.force_login(learner)
    response = client.get(playback.file_url(handout, viewer=learner))
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E8%BF%87")
    assert (len(body(response)), response["Content-Length"]) == (9_000_009, "9000009")
    assert response["X-Content-Type-Options"] == "nosniff"


async def test_a_large_file_flows_in_pieces_under_asgi(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(b"x" * 9_000_009)
    response = delivery.send(AsyncRequestFactory().get("/", headers={"Range": "bytes=9-"}), path)
    assert (response.is_async, response.status_code) == (True, 206)
    sizes = [len(piece) async for piece in response.streaming_content]
    assert (sum(sizes), max(sizes)) == (9_000_000, delivery.PIECE)


def test_a_handout_address_of_somebody_else_is_refused(client, handout, learner, outsider):
    address = playback.file_url(handout, viewer=learner)
    assert client.get(address).status_code == 403
    client.force_login(outsider)
    assert client.get(address).status_code == 403


def test_a_handout_address_expires(client, handout, learner):
    client.force_login(learner)
    with time_machine.travel(0, tick=False):
        address = playback.file_url(handout, viewer=learner)
    assert client.get(address).status_code == 403


def test_what_a_browser_could_run_is_saved_and_not_opened(client, learner, trainer):
    page = File.objects.create(file=ContentFile(b"<script>", name="a.html"), original_filename="a.html", owner=trainer)
    response = client.get(playback.file_url(page, viewer=None))
    assert response["Content-Disposition"] == 'attachment; filename="a.html"'


def test_the_library_itself_opens_only_for_those_who_may_read_the_folder(client, handout, trainer, outsider):
    address = handout.url
    assert client.get(address).status_code == 404
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    client.force_login(trainer)
    assert client.get(address).status_code == 200
