"""What the trainer is told about the line."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from live import health, runs, space
from live.models import Run
from lms.metrics import REGISTRY
from tests import factories

pytestmark = pytest.mark.django_db
GOOD = {"kbps": 2500, "keyframe_ms": 2000, "width": 1280, "height": 720}


@pytest.fixture
def broadcast():
    return factories.broadcast(state="live", starts_at=timezone.now())


@pytest.fixture
def run(broadcast):
    made = runs.open_run(broadcast, "rtmp", rehearsal=False)
    opened = timezone.now() - timedelta(minutes=1)
    Run.objects.update(opened_at=opened, heard_at=timezone.now(), **GOOD)
    piece(made, seconds_ago=1)
    made.refresh_from_db()
    return made


def piece(run, seconds_ago):
    started = timezone.now() - timedelta(seconds=seconds_ago + 2)
    run.segments.all().delete()
    runs.segment_closed(run, 0, started_at=started, duration_ms=2000, size=1000)


def line(broadcast, **change):
    Run.objects.update(**change)
    with translation.override("en"):
        return health.line(broadcast)


def test_a_good_line(broadcast, run):
    found = line(broadcast)
    assert found["warnings"] == []
    assert {key: found[key] for key in GOOD} == GOOD
    assert (found["open"], found["run"], found["segments"], found["source"]) == (True, 1, 1, "rtmp")
    assert 0.9 <= found["delay_s"] <= 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kbps": 100}, "bitrate"), ({"keyframe_ms": 4000}, "4.0 s apart"),
        ({"heard_at": timezone.now() - timedelta(seconds=9)}, "Nothing arrives"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(broadcast, run, change, words):
    if "heard_at" in change:
        change = {"heard_at": timezone.now() - timedelta(seconds=9)}
    (warning,) = line(broadcast, **change)["warnings"]
    assert words in warning


def test_a_slow_uplink(broadcast, run):
    piece(run, seconds_ago=9)
    assert "lower the bitrate" in line(broadcast)["warnings"][0]


def test_a_run_that_has_just_begun_is_not_judged(broadcast, run):
    assert line(broadcast, opened_at=timezone.now(), kbps=20)["warnings"] == []


def test_a_disk_that_will_not_last(broadcast, run, settings):
    settings.LIVE_WARN_BYTES = 1 << 60
    assert "nearly full" in line(broadcast)["warnings"][0]
    settings.LIVE_RESERVE_BYTES = 1 << 60
    assert "is full" in line(broadcast)["warnings"][0]


def test_room_for_the_rest_of_a_broadcast(broadcast, settings):
    settings.LIVE_WARN_BYTES = 1000
    needed = space.room(broadcast).needed
    assert needed == pytest.approx(1000 + 90 * 60 * space.BYTES_A_SECOND * space.MARGIN, rel=0.01)


def test_why_it_closed(broadcast, run):
    runs.close_run(run, Run.Closed.NETWORK)
    found = line(broadcast)
    assert (found["open"], found["warnings"]) == (False, ["The connection was lost"])
    assert "hevc" in line(broadcast, closed=Run.Closed.ENCODER, video_codec="hevc")["warnings"][0]


def test_before_anything(broadcast):
    found = line(broadcast)
    assert (found["open"], found["run"], found["warnings"]) == (False, 0, [])


def test_machines_are_told(broadcast, run):
    assert REGISTRY.get_sample_value("cqo_live_ingest_kbps", {"stream": broadcast.name, "source": "rtmp"}) == 2500
    assert REGISTRY.get_sample_value("cqo_live_on_air") == 1
    assert REGISTRY.get_sample_value("cqo_live_runs", {"closed": "open"}) == 1
    assert REGISTRY.get_sample_value("cqo_live_pieces") == 1
    assert REGISTRY.get_sample_value("cqo_live_disk_free_bytes") > 0
