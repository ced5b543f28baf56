"""Signed addresses of what is being sent: one for all, cacheable, and closed to whoever guesses."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from live import playlists, states
from live.models import Run
from live.views import streams
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(streams, "_cards", {})


@pytest.fixture
def broadcast():
    made = factories.broadcast(state="live", starts_at=timezone.now())
    for number, rehearsal in ((1, True), (2, False)):
        run = Run.objects.create(
            broadcast=made, number=number, source="rtmp", rehearsal=rehearsal, opened_at=timezone.now(),
            closed_at=timezone.now() if rehearsal else None,
        )  # fmt: skip
        folder = Path(settings.LIVE_ROOT) / made.name / run.folder
        folder.mkdir(parents=True)
        (folder / "00000.m4s").write_bytes(b"a piece")
        run.segments.create(
            broadcast=made, number=0, sequence=number, started_at=timezone.now(), duration_ms=2000, begin_ms=0, bytes=7
        )
    return made


def test_everybody_has_the_same_address(broadcast, learner, trainer, time_machine):
    now = timezone.now().replace(minute=3, second=0)
    time_machine.move_to(now, tick=False)
    assert playlists.address(broadcast, learner) == playlists.address(broadcast, trainer)
    before = playlists.address(broadcast, None)
    time_machine.move_to(now + timedelta(minutes=5), tick=False)
    assert playlists.address(broadcast, None) == before


def test_a_playlist_and_its_piece(broadcast, client, learner):
    client.force_login(learner)
    address = playlists.address(broadcast, learner)
    answer = client.get(address, headers={"accept-language": "en"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=1")
    assert answer["Content-Type"] == "application/vnd.apple.mpegurl"
    assert not {"Vary", "Set-Cookie", "Content-Language", "Content-Security-Policy"} & set(answer.headers)
    (name,) = re.findall(r"^r\d{4}/.*m4s$", answer.content.decode(), re.MULTILINE)
    piece = client.get(address.replace("live.m3u8", name))
    assert (piece.content, piece["Cache-Control"]) == (b"a piece", "public, max-age=31536000, immutable")
    assert not {"Vary", "Set-Cookie"} & set(piece.headers)
    assert piece["X-Content-Type-Options"] == "nosniff"


def test_a_web_server_in_front_sends_the_bytes(broadcast, client):
    address = playlists.address(broadcast, None).replace("live.m3u8", "r0002/00000.m4s")
    with override_settings(X_ACCEL_PREFIX="/protected/"):
        answer = client.get(address)
    assert answer["X-Accel-Redirect"] == f"/protected/live/{broadcast.name}/r0002/00000.m4s"
    assert answer.content == b""


@pytest.mark.parametrize(
    "change",
    [
        lambda address, name: address.replace("/streams/v", "/streams/s"),
        lambda address, name: address.replace(name, "0" * 24),
        lambda address, name: re.sub(r"/v[0-9a-z]+-", "/vzzzzzz-", address),
        lambda address, name: re.sub(r"-[0-9a-f]{24}/", f"-{'0' * 24}/", address),
        lambda address, name: address.replace("live.m3u8", "r0001/00000.m4s"),
        lambda address, name: address.replace("live.m3u8", "rehearsal.m3u8"),
        lambda address, name: address.replace("live.m3u8", "r0002/index.m3u8"),
        lambda address, name: address.replace("live.m3u8", "../../db.sqlite3"),
        lambda address, name: address.replace("live.m3u8", "r0002/%2e%2e/x.m4s"),
    ],
)
def test_guesses(broadcast, client, change):
    address = change(playlists.address(broadcast, None), broadcast.name)
    assert client.get(address).status_code in (403, 404)


def test_hosts_see_the_rehearsal(broadcast, client, trainer):
    address = playlists.address(broadcast, trainer, playlists.REHEARSAL)
    assert "r0001/00000.m4s" in client.get(address).content.decode()
    assert client.get(address.replace("rehearsal.m3u8", "r0001/00000.m4s")).status_code == 200


def test_after_its_time(broadcast, client, time_machine):
    address = playlists.address(broadcast, None)
    time_machine.move_to(broadcast.planned_end + playlists.AFTER + timedelta(minutes=11))
    answer = client.get(address, headers={"accept-language": "en"})
    assert (answer.status_code, answer["Cache-Control"]) == (403, "no-store")
    assert "open the broadcast again" in answer.content.decode()


def test_the_recording_closes_five_minutes_after_the_end(broadcast, client, trainer, time_machine):
    """Its review comes first; a broadcast that is taken up again goes on at the same address."""
    run = broadcast.runs.get(number=2)
    run.closed_at = timezone.now()
    run.save()
    address, own = (playlists.address(broadcast, trainer, name) for name in ("live.m3u8", "rehearsal.m3u8"))
    parts = [address.replace("live.m3u8", name) for name in ("live.m3u8", "rewind.m3u8", "r0002/00000.m4s")]
    end = timezone.now()
    states.move(broadcast, "ended", reason="test", at=end)
    for minutes, state, expected in ((4, "ended", 200), (6, "ended", 403), (7, "interrupted", 200)):
        time_machine.move_to(end + timedelta(minutes=minutes))
        states.move(broadcast, state, reason="test")
        streams._cards.clear()
        assert [client.get(part).status_code for part in parts] == [expected] * 3, minutes
    assert client.get(own.replace("rehearsal.m3u8", "rewind.m3u8")).status_code == 200


def test_before_the_first_picture(client):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    assert client.get(playlists.address(made, None)).status_code == 404


def test_the_bureau_stops_it(broadcast, client, time_machine):
    address = playlists.address(broadcast, None)
    assert client.get(address).status_code == 200
    states.move(broadcast, "blocked", reason="test")
    streams._cards[broadcast.name].at -= 2
    streams._cards[broadcast.name].playlists.clear()
    assert "m4s" not in client.get(address).content.decode()
    assert client.get(address.replace("live.m3u8", "r0002/00000.m4s")).status_code == 403


def test_a_piece_asks_the_database_once_a_second(broadcast, client, django_assert_num_queries):
    address = playlists.address(broadcast, None).replace("live.m3u8", "r0002/00000.m4s")
    client.get(address)
    with django_assert_num_queries(0):
        assert client.get(address).status_code == 200
