"""Stretches of a film: pairs of whole milliseconds [from, to), sorted and disjoint as every function returns them."""

from collections.abc import Iterable, Sequence

Intervals = list[list[int]]
Claim = Iterable[Sequence[int]]  # pairs as they come, in any order, perhaps overlapping or empty


def union(*claims: Claim) -> Intervals:
    """All that is in any of them. Pairs that touch become one; pairs that end before they begin count for nothing."""
    if len(claims) == 1 and isinstance(claims[0], list) and len(claims[0]) == 1:  # what nearly every beat claims
        start, end = claims[0][0]
        return [[start, end]] if start < end else []
    merged: Intervals = []
    for start, end in sorted((pair[0], pair[1]) for claim in claims for pair in claim):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def length(intervals: Intervals) -> int:
    return sum(end - start for start, end in intervals)


def clip(claim: Claim, duration: int) -> Intervals:
    """What of it lies within a film of that length."""
    return union([[max(0, pair[0]), min(duration, pair[1])] for pair in claim])


def subtract(intervals: Intervals, taken: Intervals) -> Intervals:
    """What is in the first and not in the second."""
    left: Intervals = []
    at = 0
    for start, end in intervals:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        here = at
        while here < len(taken) and taken[here][0] < end:
            if taken[here][0] > start:
                left.append([start, taken[here][0]])
            start = taken[here][1]
            here += 1
        if start < end:
            left.append([start, end])
    return left


def gaps(intervals: Intervals, duration: int) -> Intervals:
    """What of a film of that length is missing."""
    return subtract([[0, duration]], intervals) if duration > 0 else []


def trim(intervals: Intervals, allowance: int) -> Intervals:
    """The first `allowance` milliseconds of it."""
    kept: Intervals = []
    for start, end in intervals:
        if allowance <= 0:
            break
        kept.append([start, min(end, start + allowance)])
        allowance -= end - start
    return kept
