"""What players are given: windows over breaks, numbers that only grow, an end when there is one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from live import playlists, runs
from live.models import Broadcast, Run, Segment
from tests import factories

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def broadcast():
    return factories.broadcast(state="live", starts_at=timezone.now())


def run(broadcast, pieces, *, at=0.0, seconds=2.0, rehearsal=False, closed=True):
    number = broadcast.runs.count() + 1
    made = Run.objects.create(
        broadcast=broadcast, number=number, source="rtmp", opened_at=BEGAN, rehearsal=rehearsal,
        closed_at=BEGAN if closed else None,
    )  # fmt: skip
    for piece in range(pieces):
        started = BEGAN + timedelta(seconds=at + piece * seconds)
        runs.segment_closed(made, piece, started_at=started, duration_ms=round(seconds * 1000), size=1000, last=True)
    return made


def header(text, name):
    found = re.search(rf"^#EXT-X-{name}:(.*)$", text, re.MULTILINE)
    return found and found[1]


def names(text):
    return re.findall(r"^r\d{4}/\d+\.m4s$", text, re.MULTILINE)


def test_nothing_yet(broadcast):
    assert playlists.window(broadcast) == playlists.rewind(broadcast) == playlists.recording(broadcast) == ""
    run(broadcast, 0)
    assert playlists.window(broadcast) == ""


def test_one_run(broadcast):
    run(broadcast, 2, closed=False)
    assert playlists.window(broadcast) == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MAP:URI="r0001/init.mp4"\n'
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-01T01:00:00.000Z\n#EXTINF:2.000,\nr0001/00000.m4s\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-01T01:00:02.000Z\n#EXTINF:2.000,\nr0001/00001.m4s\n"
    )


def test_a_run_without_a_piece_is_no_break(broadcast):
    run(broadcast, 2)
    run(broadcast, 0)
    run(broadcast, 2)
    text = playlists.rewind(broadcast)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert names(text) == ["r0001/00000.m4s", "r0001/00001.m4s", "r0003/00000.m4s", "r0003/00001.m4s"]
    assert header(text, "PLAYLIST-TYPE") == "EVENT"


def test_a_window_over_two_breaks(broadcast):
    run(broadcast, 10)
    run(broadcast, 10, at=60)
    run(broadcast, 15, at=120)
    text = playlists.window(broadcast)
    assert len(names(text)) == 30
    assert header(text, "MEDIA-SEQUENCE") == "5"
    assert header(text, "DISCONTINUITY-SEQUENCE") is None
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2


def test_a_window_that_begins_at_a_break(broadcast):
    run(broadcast, 3)
    run(broadcast, 30, at=60)
    text = playlists.window(broadcast)
    assert (header(text, "MEDIA-SEQUENCE"), header(text, "DISCONTINUITY-SEQUENCE")) == ("3", "1")
    assert "#EXT-X-DISCONTINUITY\n" not in text


def test_the_target_does_not_change_when_a_long_piece_comes(broadcast):
    run(broadcast, 2)
    before = header(playlists.window(broadcast), "TARGETDURATION")
    run(broadcast, 1, at=60, seconds=4.4)
    assert header(playlists.window(broadcast), "TARGETDURATION") == before


def test_rehearsals_are_for_hosts_alone(broadcast):
    run(broadcast, 3, rehearsal=True)
    run(broadcast, 2, at=60)
    for text in (playlists.window(broadcast), playlists.rewind(broadcast), playlists.recording(broadcast)):
        assert names(text) == ["r0002/00000.m4s", "r0002/00001.m4s"]
    assert names(playlists.rehearsal(broadcast)) == [f"r0001/0000{number}.m4s" for number in range(3)]
    assert Segment.objects.filter(run__number=2).first().begin_ms == 0


def test_the_end_is_written_when_the_last_run_has_been_closed(broadcast):
    made = run(broadcast, 2, closed=False)
    Broadcast.objects.update(state="ended")
    broadcast.refresh_from_db()
    assert "#EXT-X-ENDLIST" not in playlists.window(broadcast)
    assert not runs.settled(broadcast)
    runs.close_run(made, Run.Closed.STOPPED)
    assert playlists.window(broadcast).endswith("#EXT-X-ENDLIST\n")
    assert runs.settled(broadcast)


def test_an_interruption_is_no_end(broadcast):
    made = run(broadcast, 2, closed=False)
    runs.close_run(made, Run.Closed.NETWORK)
    broadcast.refresh_from_db()
    assert broadcast.state == "interrupted"
    assert "#EXT-X-ENDLIST" not in playlists.window(broadcast)


def test_what_the_bureau_stopped_has_no_pieces(broadcast):
    run(broadcast, 2)
    broadcast.state = "blocked"
    for text in (playlists.window(broadcast), playlists.rewind(broadcast)):
        assert not names(text)
        assert text.endswith("#EXT-X-ENDLIST\n")


def test_a_part_of_the_recording(broadcast):
    run(broadcast, 5)
    run(broadcast, 5, at=60)
    text = playlists.recording(broadcast, 3000, 12_000)
    assert names(text) == [*(f"r0001/0000{number}.m4s" for number in range(1, 5)), "r0002/00000.m4s"]
    assert header(text, "PLAYLIST-TYPE") == "VOD"


def test_the_clock_and_the_recording(broadcast):
    run(broadcast, 5)
    run(broadcast, 5, at=60)
    moments = {-1: None, 0: 0, 3.5: 3500, 9.999: 9999, 30: 10_000, 61: 11_000, 500: 20_000}
    assert {at: playlists.media_ms(broadcast, BEGAN + timedelta(seconds=at)) for at in moments} == moments


def test_the_same_said_twice_is_written_once(broadcast):
    made = run(broadcast, 1, closed=False)
    again = runs.segment_closed(made, 0, started_at=BEGAN, duration_ms=2000, size=1000)
    assert again == Segment.objects.get()
    with pytest.raises(runs.Spoilt):
        runs.segment_closed(made, 1, started_at=BEGAN, duration_ms=2000, size=0)
    assert Segment.objects.count() == 1


@pytest.mark.parametrize("pieces", [1, 30])
def test_questions_to_the_database(broadcast, pieces, django_assert_num_queries):
    run(broadcast, pieces)
    with django_assert_num_queries(2):
        playlists.window(broadcast)


class EachWindowFollowsTheOneBefore(TestCase):
    """As pieces come in, in runs of any length, no number in a window goes back and no piece changes its number."""

    @examples(max_examples=15)
    @given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(1, 6))
    def test_monotonic(self, lengths, window):
        broadcast = factories.broadcast(state="live", starts_at=timezone.now())
        places, last, kept = {}, (-1, -1), playlists.WINDOW
        playlists.WINDOW = window
        try:
            for length in lengths:
                made = run(broadcast, 0)
                for number in range(length):
                    runs.segment_closed(made, number, started_at=BEGAN, duration_ms=2000, size=1, last=True)
                    last = self.follow(playlists.window(broadcast), places, last)
        finally:
            playlists.WINDOW = kept

    def follow(self, text, places, last):
        first = int(header(text, "MEDIA-SEQUENCE"))
        breaks = int(header(text, "DISCONTINUITY-SEQUENCE") or 0)
        assert (first, breaks) >= last
        assert breaks >= last[1]
        place = breaks
        for number, line in enumerate(names(text), first):
            before = places.setdefault(line, number)
            assert before == number
        for line in text.splitlines():
            place += line == "#EXT-X-DISCONTINUITY"
            if line.endswith(".m4s"):
                assert places.setdefault("break " + line[:5], place) == place
        return first, breaks
