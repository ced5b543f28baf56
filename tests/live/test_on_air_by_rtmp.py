"""An encoder goes on air, is cut off, comes back at another resolution, and the trainer ends it."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from live import keys, playlists, runs
from live.models import Broadcast, Run, Segment
from media.models import Hold
from tests import factories
from tests.live import encoders
from tests.live.encoders import until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def broadcast(transactional_db):
    return factories.broadcast(state="ready", starts_at=timezone.now(), trainer=factories.user(name="李蔚然"))


def state():
    return Broadcast.objects.get().state


def fetch(address):
    return Client().get(address)


async def test_a_lecture_with_a_cut_line(broadcast):
    key = await sync_to_async(keys.issue)(broadcast)
    stream_key = keys.stream(broadcast, key)
    address = playlists.address(broadcast, None)
    async with encoders.ingest() as desk:
        await sync_to_async(runs.start)(broadcast, None)
        first = await encoders.publish(desk.address(stream_key))
        await until(lambda: Segment.objects.count() >= 2)
        assert await sync_to_async(state)() == State.LIVE
        assert await sync_to_async(Hold.objects.count)() == 1

        playlist = await sync_to_async(fetch)(address)
        assert playlist.status_code == 200
        assert playlist.headers["Cache-Control"] == "public, max-age=1"
        assert not {"Vary", "Set-Cookie", "Content-Language"} & set(playlist.headers)
        assert not playlist.cookies
        names = re.findall(r"^r0001/\d{5}\.m4s$", playlist.content.decode(), re.MULTILINE)
        piece = await sync_to_async(fetch)(address.replace("live.m3u8", names[0]))
        assert piece.status_code == 200
        assert piece.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert piece.content[4:8] in (b"styp", b"moof", b"sidx")

        await first.end(kill=True)
        await until(lambda: state() == State.INTERRUPTED)
        second = await encoders.publish(desk.address(stream_key), arguments=encoders.picture("240x136"))
        await until(lambda: state() == State.LIVE)
        await until(lambda: Segment.objects.filter(run__number=2).count() >= 2)
        run = await sync_to_async(Run.objects.get)(number=2)
        assert (run.width, run.height, run.source) == (240, 136, "rtmp")

        await sync_to_async(runs.stop)(broadcast, None)
        await until(lambda: not Run.objects.open().exists())
        assert await second.end()
        text = await sync_to_async(playlists.window)(broadcast)
        assert text.count("#EXT-X-DISCONTINUITY\n") == 1
        assert text.endswith("#EXT-X-ENDLIST\n")
        assert await sync_to_async(state)() == State.ENDED
        assert not await sync_to_async(Hold.objects.exists)()
