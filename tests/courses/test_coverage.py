"""What the bar of a lesson shows and says."""

from decimal import Decimal

import pytest
from django.utils import translation

from courses import coverage
from courses.coverage import Coverage

MINUTE = 60_000


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def half():
    """Ninety minutes of which 95 per cent are asked; two parts were left out."""
    seen = [[0, 490_000], [625_000, 41 * MINUTE], [2_705_000, 4_100_000]]
    return Coverage(5_400_000, 95, seen, position_ms=4_100_000, hours=Decimal("2.0"))


def test_the_verdict_says_how_much_is_missing(half):
    assert half.verdict == "Watch 23 min 30 s more for 2 credit hours"
    assert half.note == "Watched 62 min; 85 min 30 s (95%) are needed"


def test_left_out_is_what_lies_before_the_furthest_point(half):
    assert half.gaps == [[490_000, 625_000], [2_460_000, 2_705_000]]
    assert half.gaps_words == "Left out: 2 parts, 6 min 20 s"
    assert half.gap_links[0] == {"at": 490, "from": 490_000, "to": 625_000, "words": "Watch 08:10–10:25"}


def test_the_drawing_is_told_to_those_who_do_not_see_it(half):
    assert half.description == (
        "Watched 62 min. Left out: 08:10 to 10:25, 41:00 to 45:05. Not yet watched from 68:20 on."
    )


def test_bars_stand_on_a_ground_of_a_thousand(half):
    assert half.bars[0] == {"kind": "seen", "x": 0.0, "width": 90.7}
    assert half.bars[1] == {"kind": "gap", "x": 90.7, "width": 25.0}
    assert half.now == 759.3
    assert half.marks == ["00:00", "45:00", "90:00"]


def test_a_hole_too_small_to_be_seen_is_not_shown():
    assert Coverage(MINUTE, 90, [[0, 30_000], [30_900, 40_000]]).gaps == []


def test_a_film_without_length_draws_nothing():
    empty = Coverage()
    assert (empty.bars, empty.now, empty.note) == ([], 0.0, "")
    assert empty.verdict == "The film of this lesson is not ready yet"


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({"failed": True}, "There is no film to watch in this lesson for now"),
        ({"failed": True, "duration_ms": MINUTE}, "There is no film to watch in this lesson for now"),
        ({"failed": True, "complete": True, "hours": Decimal(1)}, "1 credit hour credited for this lesson"),
        ({"published": False}, "This lesson has been taken down; what you watched until then is kept"),
        ({"duration_ms": MINUTE, "hours": Decimal(1)}, "Watch 54 s more for 1 credit hour"),
    ],
)
def test_the_verdict_is_about_what_somebody_has_to_know_first(known, verdict):
    assert Coverage(**known).verdict == verdict


def test_a_lesson_finished_by_a_decision_says_what_was_watched_and_asks_nothing():
    assert Coverage(MINUTE, 90, [[0, 12_000]], complete=True).note == "Watched 12 s."
    assert Coverage(MINUTE, 90, [[0, 54_000]], complete=True).note == "Watched 54 s; 54 s (90%) are needed"


def test_a_finished_lesson_says_what_it_was_worth():
    assert Coverage(MINUTE, 90, [[0, MINUTE]], complete=True, hours=Decimal("1.5")).verdict == (
        "1.5 credit hours credited for this lesson"
    )


def test_a_watched_film_points_to_the_rest_of_the_lesson():
    assert Coverage(MINUTE, 90, [[0, MINUTE]]).verdict.startswith("The film is watched")


def test_who_stopped_at_the_end_begins_anew():
    assert Coverage(MINUTE, position_ms=30_000).resume_ms == 30_000
    assert Coverage(MINUTE, position_ms=58_000).resume_ms == 0


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0 s"), (1, "1 s"), (999, "1 s"), (59_001, "1 min"), (60_000, "1 min"), (1_410_000, "23 min 30 s")],
)
def test_times_are_spoken(ms, words):
    assert coverage.spoken(ms) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [("2.0", "2 credit hours"), ("0.5", "0.5 credit hours"), ("10", "10 credit hours"), ("1.0", "1 credit hour")],
)
def test_hours_are_spoken(hours, words):
    assert coverage.hours_words(Decimal(hours)) == words


def test_words_that_were_said_before_come_in_the_language_of_who_asks_now():
    seen = {"duration_ms": 120_000, "seen": [[0, 63_000]], "hours": Decimal(1)}
    told = {}
    for language in ("en", "zh-hans", "en", "zh-hans"):
        with translation.override(language):
            told.setdefault(language, []).append(Coverage(**seen).words)
    assert told["en"][0]["verdict"] == "Watch 45 s more for 1 credit hour"
    assert "学时" in told["zh-hans"][0]["verdict"]
    assert all(first == again for first, again in told.values())
    assert set(told["en"][0].values()) & set(told["zh-hans"][0].values()) == {""}
