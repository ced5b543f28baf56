"""What answers are worth."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import marking

KEYS = "ABCDEFGH"


@pytest.mark.parametrize(
    ("right", "chosen", "partial", "score"),
    [
        ("C", "C", False, "4"),
        ("C", "B", False, "0"),
        ("C", "", False, "0"),
        ("ABC", "ABC", False, "4"),
        ("ABC", "AB", False, "0"),
        ("ABC", "ABCD", False, "0"),
        ("ABC", "ABC", True, "4"),
        ("ABC", "AB", True, "2.67"),
        ("ABC", "A", True, "1.33"),
        ("ABC", "AD", True, "0"),
        ("ABC", "ABCD", True, "0"),
        ("ABC", "", True, "0"),
        ("C", "", True, "0"),
    ],
)
def test_scores(right, chosen, partial, score):
    assert marking.score(right=right, chosen=chosen, full=4, partial_credit=partial) == Decimal(score)


@given(
    right=st.sets(st.sampled_from(KEYS), min_size=1),
    chosen=st.sets(st.sampled_from(KEYS)),
    full=st.integers(1, 100),
    partial=st.booleans(),
    order=st.randoms(use_true_random=False),
)
def test_marking_knows_no_order_and_never_leaves_its_bounds(right, chosen, full, partial, order):
    shown, picked = sorted(right), sorted(chosen)
    order.shuffle(shown)
    order.shuffle(picked)
    score = marking.score(right=shown, chosen=picked, full=full, partial_credit=partial)
    assert score == marking.score(right=right, chosen=chosen, full=full, partial_credit=partial)
    assert 0 <= score <= full
    assert (score == full) == (chosen == right)
    if not partial:
        assert score in (0, full)
    elif score:
        assert chosen <= right
