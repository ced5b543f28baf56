"""A lecture of two hours, 3,600 pieces: what everybody fetches stays small, and its end takes no more than its length.

The pieces are real ones that an encoder made of a picture of a stamp's size at a frame a second.
"""

import re
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from live import playlists, recordings, runs, settling
from live.models import Broadcast, Presence, Segment
from live.timeline import Timeline
from media import probing
from media.transcoding import run_folder
from tests import factories
from tests.live import streams

pytestmark = pytest.mark.django_db
HOURS = 2
PIECES = HOURS * 1800
SECONDS = PIECES * 2
MEGABYTE = 1024**2


@pytest.fixture
def began():
    return timezone.now().replace(microsecond=0) - timedelta(hours=HOURS, minutes=40)


@pytest.fixture
def lecture(began, trainer):
    """On air for two hours, and still."""
    made = factories.broadcast(
        state="live", trainer=trainer, created_by=trainer, starts_at=began, started_at=began, minutes=HOURS * 60
    )
    streams.record(made, began, SECONDS)
    return made


def queries(act):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return len(asked)


def names(text):
    return re.findall(r"^r\d{4}/(\d+)\.m4s$", text, re.MULTILINE)


def test_what_everybody_fetches_stays_small(lecture):
    text = playlists.window(lecture)
    assert names(text) == [f"{number:05}" for number in range(PIECES - playlists.WINDOW, PIECES)]
    assert len(text) < 4_000
    assert f"#EXT-X-MEDIA-SEQUENCE:{PIECES - playlists.WINDOW}\n" in text


def test_the_long_one_is_for_who_goes_back(lecture):
    text = playlists.rewind(lecture)
    assert names(text) == [f"{number:05}" for number in range(PIECES)]
    assert text.count("#EXT-X-DISCONTINUITY\n") == 0
    assert playlists.newest(lecture.name) == PIECES - 1


def test_the_database_is_asked_as_often_as_after_a_minute(lecture, began, trainer):
    short = factories.broadcast(state="live", trainer=trainer, starts_at=began, minutes=1)
    streams.record(short, began, 60)
    for write in (playlists.window, playlists.rewind, playlists.recording, Timeline.of):
        assert queries(lambda write=write: write(lecture)) == queries(lambda write=write: write(short)), write


def test_another_piece_is_written_down_like_the_first(lecture, began, trainer):
    short = factories.broadcast(state="live", trainer=trainer, starts_at=began)
    streams.record(short, began, 2)
    asked = []
    for broadcast in (lecture, short):
        run = broadcast.runs.get()
        number = run.segments.count()
        asked.append(
            queries(lambda run=run, number=number: runs.segment_closed(
                run, number, started_at=timezone.now(), duration_ms=2000, size=1000
            ))
        )  # fmt: skip
    assert asked[0] == asked[1]
    last = Segment.objects.get(broadcast=lecture, sequence=PIECES)
    assert (last.number, last.begin_ms) == (PIECES, SECONDS * 1000)


def test_everybody_is_settled_to_the_minute(lecture, began, trainer):
    people = [factories.user(name=f"学员{number}") for number in range(3)]
    end = began + timedelta(hours=HOURS)
    streams.stay(lecture, people[0], (began, end))
    streams.stay(
        lecture,
        people[1],
        *((began + timedelta(minutes=n), began + timedelta(minutes=n + 1)) for n in range(0, 120, 2)),
    )
    streams.stay(lecture, people[2], (end - timedelta(minutes=5), end + timedelta(minutes=5)))
    streams.end(lecture, end, by=trainer)
    assert settling.settle_due() == 3
    minutes = {row.user: row.present_ms / 60_000 for row in Presence.objects.select_related("user")}
    assert minutes == {people[0]: 120, people[1]: 60, people[2]: 5}


@pytest.mark.films
def test_the_replay_is_the_same_pieces(lecture, began, trainer, tmp_path):
    pieces = streams.encode(tmp_path, size="64x36", seconds=SECONDS, rate=1, sound=False)
    folder = Path(settings.LIVE_ROOT) / lecture.name / "r0001"
    folder.parent.mkdir(parents=True, exist_ok=True)
    pieces.rename(folder)
    assert len(list(folder.glob("*.m4s"))) == PIECES
    streams.end(lecture, began + timedelta(seconds=SECONDS), by=trainer)
    tracemalloc.start()
    recordings.make_due()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    lecture.refresh_from_db()
    film = lecture.film
    assert (lecture.state, film.duration) == (Broadcast.State.REPLAY, SECONDS)
    assert most < 32 * MEGABYTE
    laid = run_folder(film.uuid, film.run) / "36p"
    assert len(list(laid.glob("*.m4s"))) == PIECES
    assert (laid / "03599.m4s").samefile(folder / "03599.m4s")
    original = Path(film.source.path)
    assert probing.probe(original).duration == pytest.approx(SECONDS, abs=2)
    kept = original.read_bytes()
    for number in (0, PIECES // 2, PIECES - 1):  # the pictures themselves, not made anew
        assert pictures(folder / f"{number:05}.m4s") in kept


def pictures(piece):
    """The second half of what the encoder made: in front of the first half the decoder's parameters are repeated."""
    data = piece.read_bytes()
    place = data.index(b"mdat")
    content = data[place + 4 : place - 4 + int.from_bytes(data[place - 4 : place])]
    return content[len(content) // 2 :]
