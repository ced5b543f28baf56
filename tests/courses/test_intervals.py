"""Arithmetic of watched stretches, checked against sets of single milliseconds."""

from hypothesis import given
from hypothesis import strategies as st

from courses import intervals

DURATION = 60
pairs = st.lists(st.tuples(st.integers(-10, 70), st.integers(-10, 70)).map(list), max_size=8)


def points(claim):
    return {n for start, end in claim for n in range(start, end)}


def is_tidy(result):
    flat = [edge for pair in result for edge in pair]
    return flat == sorted(set(flat))


def test_stretches_that_touch_become_one():
    assert intervals.union([[10, 20]], [[0, 10], [30, 40]]) == [[0, 20], [30, 40]]


def test_a_stretch_that_ends_before_it_begins_counts_for_nothing():
    assert intervals.union([[20, 10], [5, 5]]) == []


def test_a_film_without_length_has_no_gaps():
    assert intervals.gaps([], 0) == []


def test_trim_cuts_inside_a_stretch():
    assert intervals.trim([[0, 10], [20, 30]], 15) == [[0, 10], [20, 25]]


@given(pairs, pairs)
def test_union_is_that_of_sets(one, other):
    result = intervals.union(one, other)
    assert is_tidy(result)
    assert points(result) == points(one) | points(other)


@given(pairs, pairs)
def test_union_is_the_same_in_any_order_and_any_number_of_times(one, other):
    result = intervals.union(one, other)
    assert intervals.union(other, one) == intervals.union(result, result, one) == result


@given(pairs)
def test_length_counts_each_millisecond_once(claim):
    assert intervals.length(intervals.union(claim)) == len(points(claim))


@given(pairs)
def test_clip_keeps_what_lies_in_the_film(claim):
    result = intervals.clip(claim, DURATION)
    assert is_tidy(result)
    assert points(result) == points(claim) & set(range(DURATION))


@given(pairs, pairs)
def test_subtract_is_that_of_sets(one, other):
    one, other = intervals.union(one), intervals.union(other)
    result = intervals.subtract(one, other)
    assert is_tidy(result)
    assert points(result) == points(one) - points(other)


@given(pairs)
def test_gaps_and_coverage_make_the_film(claim):
    covered = intervals.clip(claim, DURATION)
    missing = intervals.gaps(covered, DURATION)
    assert intervals.union(covered, missing) == [[0, DURATION]]
    assert intervals.length(covered) + intervals.length(missing) == DURATION


@given(pairs, st.integers(-5, 200))
def test_trim_keeps_the_first_part(claim, allowance):
    whole = intervals.union(claim)
    result = intervals.trim(whole, allowance)
    assert is_tidy(result)
    assert points(result) == set(sorted(points(whole))[: max(0, allowance)])
