"""The only source of randomness of the simulator: seeded, so that every run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


def dice(*parts: object) -> random.Random:
    """Make a generator whose draws depend on `parts` alone (not on the process or its hash seed).

    Args:
        parts: anything whose text is stable, e.g. a seed and the name of what is drawn.

    Returns:
        A generator independent of every other one made from different parts.
    """
    return random.Random("|".join(str(part) for part in parts))  # noqa: S311  simulation, not secrets


def happens(rng: random.Random, share: float) -> bool:
    """Tell, true `share` (0 to 1) of the times, whether something happens."""
    return rng.random() < share


class Urn(Generic[T]):
    """Things drawn in proportion to their weights.

    Args:
        weighted: (thing, weight) pairs; weights need not add up to one.
    """

    def __init__(self, weighted: Sequence[tuple[T, float]]) -> None:
        self.things = [thing for thing, _ in weighted]
        self.weights = [weight for _, weight in weighted]
        self._cumulative = list(accumulate(self.weights))

    def draw(self, rng: random.Random) -> T:
        """Draw one thing, putting it back."""
        return rng.choices(self.things, cum_weights=self._cumulative)[0]
