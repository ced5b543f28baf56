"""The server's clock and the timeline of the recording."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from courses.intervals import length, union
from live.timeline import Piece, Timeline

gaps = st.integers(0, 600_000)
pieces = st.lists(st.tuples(gaps, st.integers(1, 10_000), st.booleans()), min_size=1, max_size=12)
moments = st.integers(-100_000, 8_000_000)
pairs = st.lists(st.tuples(moments, moments), max_size=8)


def recorded(steps):
    """Pieces one after the other, each after a gap, in the same run or in the next."""
    made, at, begin, run = [], 0, 0, 1
    for gap, duration, again in steps:
        run += again
        at += gap if again else 0
        made.append(Piece(at, begin, duration, run))
        at, begin = at + duration, begin + duration
    return made


def test_two_runs_with_a_break():
    timeline = Timeline([Piece(1_000, 0, 2_000, 1), Piece(3_000, 2_000, 2_000, 1), Piece(65_000, 4_000, 2_000, 2)])
    assert timeline.length == 6_000
    assert [timeline.at(at) for at in (0, 1_000, 2_500, 5_000, 30_000, 65_000, 66_000, 99_000)] == [
        0, 0, 1_500, 4_000, 4_000, 4_000, 5_000, 6_000,
    ]  # fmt: skip
    assert timeline.on_air([[2_000, 66_000]]) == [[1_000, 5_000]]


def test_a_clock_that_is_a_little_off_leaves_no_hole():
    timeline = Timeline([Piece(0, 0, 2_000, 1), Piece(2_600, 2_000, 2_000, 1)])
    assert timeline.on_air([[0, 4_600]]) == [[0, 4_000]]
    assert timeline.at(1_300) == 1_000


def test_a_clock_that_was_set_back_does_not_run_backwards():
    timeline = Timeline([Piece(10_000, 0, 2_000, 1), Piece(5_000, 2_000, 2_000, 2)])
    assert timeline.on_air([[0, 20_000]]) == [[0, 4_000]]
    assert timeline.at(11_000) == 1_000


def test_nothing_recorded():
    timeline = Timeline([])
    assert (timeline.length, timeline.at(5), timeline.on_air([[0, 10]])) == (0, 0, [])


@given(pieces)
def test_who_was_there_all_the_time_has_seen_all(steps):
    made = recorded(steps)
    timeline = Timeline(made)
    assert timeline.on_air([[-1, 10**9]]) == [[0, timeline.length]]
    assert timeline.length == sum(piece.duration for piece in made)


@given(pieces, moments, moments)
def test_later_is_never_earlier(steps, one, other):
    timeline = Timeline(recorded(steps))
    early, late = sorted((one, other))
    assert 0 <= timeline.at(early) <= timeline.at(late) <= timeline.length


@given(pieces, pairs, pairs)
def test_a_union_there_is_a_union_here(steps, one, other):
    timeline = Timeline(recorded(steps))
    assert timeline.on_air(union(one, other)) == union(timeline.on_air(one), timeline.on_air(other))


@given(pieces, pairs)
def test_nobody_gets_more_than_the_time_that_passed(steps, claim):
    timeline = Timeline(recorded(steps))
    seen = timeline.on_air(claim)
    assert length(seen) <= length(union(claim)) + len(claim)  # a millisecond of rounding at each border
    assert length(seen) <= timeline.length


@given(pieces)
def test_while_nothing_is_recorded_the_timeline_stands_still(steps):
    made = recorded(steps)
    timeline = Timeline(made)
    for before, after in pairwise(made):
        if after.run != before.run:
            assert timeline.on_air([[before.at + before.duration, after.at]]) == []
