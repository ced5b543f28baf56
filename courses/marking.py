"""What an answer is worth. Nothing here knows in which order the options were shown."""

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def score(
    *, right: Collection[str], chosen: Collection[str], full: Decimal | int, partial_credit: bool = False
) -> Decimal:
    """All of `full` for exactly the right options. With partial credit an incomplete choice without a wrong
    option earns its share, rounded to cents; anything else earns nothing."""
    right, chosen = set(right), set(chosen)
    if chosen == right:
        return Decimal(full)
    if partial_credit and chosen < right:
        return points(Decimal(full) * len(chosen) / len(right))
    return Decimal(0)


def pass_score(full: int, percent: int) -> Decimal:
    """The points that pass, exact to cents."""
    return points(Decimal(full) * percent / 100)


def points(number: Decimal | int) -> Decimal:
    """As scores are stored: two decimals."""
    return Decimal(number).quantize(CENT, ROUND_HALF_UP)
