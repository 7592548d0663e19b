"""Which containers hold a dose with the least left over."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, gcd

MOST_STEPS = 50_000
"""Steps of the search; a dose that takes more is larger than its containers by orders of magnitude."""


def least_waste(dose: Decimal, sizes: Sequence[Decimal]) -> list[int] | None:
    """How many of each size hold the dose with the least left, and then with the fewest containers.

    None when the dose takes so many containers that the sizes cannot be meant.
    """
    scale = _scale([dose, *sizes])
    step = gcd(*(int(size * scale) for size in sizes))
    counts = [int(size * scale) // step for size in sizes]
    needed = ceil(Fraction(int(dose * scale), step))
    if needed > MOST_STEPS:
        return None
    fewest = _fewest(needed + max(counts), counts)
    total = next(total for total in range(needed, len(fewest)) if fewest[total] is not None)
    taken = [0] * len(counts)
    while total:
        number = fewest[total]
        assert number is not None  # noqa: S101 - it was reached through containers
        taken[number] += 1
        total -= counts[number]
    return taken


def _fewest(most: int, counts: list[int]) -> list[int | None]:
    """For every total that containers can make the last container of the way with the fewest; None where none does."""
    ways = [0, *[most + 1] * most]
    last: list[int | None] = [-1, *[None] * most]
    for total in range(1, most + 1):
        for number, count in enumerate(counts):
            if count <= total and ways[total - count] + 1 < ways[total]:
                ways[total], last[total] = ways[total - count] + 1, number
    return last


def _scale(amounts: Sequence[Decimal]) -> int:
    """What makes every amount a whole number."""
    exponents = [int(amount.normalize().as_tuple().exponent) for amount in amounts]
    return int(10 ** max(0, -min(exponents)))
