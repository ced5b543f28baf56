"""A disk that is full in the middle of a lecture: nothing empty is ever listed, and what was finished stays.

Linux has a device that is always full. A segment whose place is a link to it fails in the encoder exactly as on a full
disk, for any user and without mounting one.
"""

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from live import indexes, keys, playlists, runs
from live.models import Broadcast, Run, Segment
from tests import factories
from tests.live import encoders
from tests.live.encoders import until

pytestmark = [pytest.mark.usefixtures("hang_up"), pytest.mark.django_db(transaction=True), pytest.mark.films]
State = Broadcast.State


@pytest.fixture
def broadcast(transactional_db):
    made = factories.broadcast(state="ready", starts_at=timezone.now())
    runs.start(made, None)
    made.stream_key = keys.stream(made, keys.issue(made))
    return made


async def test_in_the_middle_of_a_lecture(broadcast, settings):
    async with encoders.ingest() as desk:
        publisher = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.count() >= 2)
        run = await sync_to_async(Run.objects.select_related("broadcast").get)()
        folder = runs.folder(run)
        written = len(list(folder.glob("*.m4s*")))
        for number in range(written, written + 20):
            (folder / f"{indexes.PIECE.format(number)}.tmp").symlink_to("/dev/full")
        await until(lambda: Run.objects.filter(number=1).exclude(closed="").exists(), seconds=25)
        await publisher.said()
        assert await sync_to_async(lambda: Broadcast.objects.get().state)() == State.INTERRUPTED

        again = await encoders.publish(desk.address(broadcast.stream_key))
        await until(lambda: Segment.objects.filter(run__number=2).exists())
        await again.end()
    assert await sync_to_async(lambda: min(Segment.objects.values_list("bytes", flat=True)))() > 1000
    text = await sync_to_async(playlists.rewind)(broadcast)
    listed = [line for line in text.splitlines() if line.endswith(".m4s")]
    assert all((folder.parent / line).stat().st_size for line in listed)
