"""Setting right what was left behind, by the clock."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from live import indexes, pids, reconciling, runs
from live.models import Broadcast, Run, Segment, Transition
from media.models import Hold
from tests import factories

pytestmark = pytest.mark.django_db
INDEX = """#EXTM3U
#EXT-X-MEDIA-SEQUENCE:0
#EXTINF:2.000000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-01T09:00:00.000+0800
00000.m4s
#EXTINF:2.040000,
#EXT-X-PROGRAM-DATE-TIME:2026-11-01T09:00:02.000+0800
00001.m4s
"""


@pytest.fixture
def broadcast():
    return factories.broadcast(state="live", starts_at=timezone.now() - timedelta(minutes=30), minutes=90)


def left_behind(broadcast, **fields):
    """An open run whose process has gone, with two pieces on disk."""
    run = runs.open_run(broadcast, "rtmp", rehearsal=False)
    place = runs.folder(run)
    shutil.rmtree(place)
    place.mkdir(parents=True)
    for number in range(2):
        (place / indexes.PIECE.format(number)).write_bytes(b"a piece")
    (place / indexes.INDEX).write_text(INDEX)
    Run.objects.filter(pk=run.pk).update(heard_at=timezone.now() - timedelta(minutes=1), **fields)
    return run


def test_pieces_on_disk_are_written_down_and_the_broadcast_is_interrupted(broadcast):
    run = left_behind(broadcast)
    assert reconciling.reconcile() == 1
    assert list(Segment.objects.values_list("number", "duration_ms", "begin_ms")) == [(0, 2000, 0), (1, 2040, 2000)]
    run.refresh_from_db()
    assert (run.closed, Broadcast.objects.get().state) == (Run.Closed.RESTART, "interrupted")
    assert reconciling.reconcile() == 0


def test_a_run_that_is_fed_is_left_alone(broadcast):
    runs.open_run(broadcast, "rtmp", rehearsal=False)
    assert reconciling.reconcile() == 0
    assert Broadcast.objects.get().state == "live"
    assert Hold.objects.exists()


def test_on_air_without_a_run(broadcast):
    reconciling.reconcile()
    assert Broadcast.objects.get().state == "interrupted"


def test_an_orphan_is_ended_and_a_stranger_of_its_number_is_not(broadcast):
    with subprocess.Popen(["sleep", "60"]) as orphan, subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            left_behind(broadcast, pid=orphan.pid, pid_started=pids.born(orphan.pid))
            reconciling.reconcile()
            assert orphan.wait(5) < 0
            left_behind(broadcast, pid=stranger.pid, pid_started="another time")
            reconciling.reconcile()
            assert stranger.poll() is None
        finally:
            orphan.kill()
            stranger.kill()


def test_an_empty_piece_is_never_listed(broadcast):
    run = left_behind(broadcast)
    (runs.folder(run) / indexes.PIECE.format(1)).write_bytes(b"")
    reconciling.reconcile()
    assert list(Segment.objects.values_list("number", flat=True)) == [0]


@pytest.mark.parametrize(
    ("state", "past", "since", "after"),
    [
        ("interrupted", -30, 29, "interrupted"), ("interrupted", 14, 60, "interrupted"),
        ("interrupted", 16, 60, "ended"),
        ("interrupted", 60, 14, "interrupted"), ("interrupted", 60, 16, "ended"), ("live", 60, None, "live"),
        ("live", 121, None, "ended"), ("ready", 600, None, "ready"),
    ],
)  # fmt: skip
def test_nobody_ends_it(broadcast, state, past, since, after):
    """`past` minutes past the planned end, `since` minutes without a picture."""
    now = timezone.now()
    Broadcast.objects.update(
        state=state, starts_at=now - timedelta(minutes=90 + past), minutes=90,
        interrupted_at=None if since is None else now - timedelta(minutes=since),
    )  # fmt: skip
    if state == "live":
        runs.open_run(broadcast, "rtmp", rehearsal=False)
    reconciling.reconcile()
    assert Broadcast.objects.get().state == after
    if after == "ended":
        assert Transition.objects.get().reason


def test_the_list_of_an_encoder_is_read_from_its_end(tmp_path):
    entry = "#EXTINF:2.000000,\n#EXT-X-PROGRAM-DATE-TIME:2026-11-01T09:00:00.000+0800\n{:05}.m4s\n"
    (tmp_path / indexes.INDEX).write_text("#EXTM3U\n" + "".join(entry.format(number) for number in range(500)))
    assert [piece.number for piece in indexes.pieces(tmp_path, 498)] == [499]
    assert len(indexes.pieces(tmp_path)) == 500
    assert indexes.pieces(tmp_path / "nowhere") == []
    (tmp_path / indexes.INDEX).write_text("")
    assert indexes.pieces(tmp_path, 499) == []
