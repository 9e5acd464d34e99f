"""The order in which the rows of a listing are served, page after page.

The real service orders its listings anew for each page. Walked to the end, a listing then shows some rows
on two pages and others on none, although every page is full and the total is right.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from baliza.simulator.chance import dice
from baliza.simulator.faults import Faults

KEPT = 64
"""Queries whose walk is remembered; beyond, the one unused for longest starts again."""


def shuffled_order(total: int, size: int, share: float, rng: random.Random) -> list[int]:
    """Say which row stands at each position when a walk loses a share of its rows.

    Each lost row's place is taken by a row of the page before or after, usually about one page away; no
    page shows a row twice. A last page of few rows limits how many can be lost, as it does in PNCP.

    Args:
        total: rows of the listing.
        size: rows of a page.
        share: rows to lose, 0 to 1.
        rng: where chance comes from.

    Returns:
        `total` row numbers, of which about `total * share` are repeats.
    """
    wanted = round(total * share)
    swaps = _Swaps(total, size, rng)
    for position in rng.sample(range(total), total if wanted else 0):
        if len(swaps.lost) >= wanted:
            break
        swaps.lose(position)
    return swaps.order


class _Swaps:
    """Rows put in the place of others, so that no page shows one twice."""

    def __init__(self, total: int, size: int, rng: random.Random) -> None:
        self.order = list(range(total))
        self.lost: set[int] = set()
        self._size = size
        self._rng = rng
        self._repeated: set[int] = set()

    def lose(self, position: int) -> None:
        """Put a row of a neighbouring page at `position`, if its own row is shown nowhere else."""
        if position in self._repeated:
            return
        for donor in self._candidates(position):
            if self._fits(position, donor):
                self.order[position] = donor
                self.lost.add(position)
                self._repeated.add(donor)
                return

    def _candidates(self, position: int) -> Iterator[int]:
        """Propose rows about one page away first, then any of the pages beside."""
        near = self._size // 8
        for _ in range(8):
            yield position + self._rng.choice((-1, 1)) * self._size + self._rng.randint(-near, near)
        page = position // self._size
        for _ in range(8):
            yield (page + self._rng.choice((-1, 1))) * self._size + self._rng.randrange(self._size)

    def _fits(self, position: int, donor: int) -> bool:
        return (
            0 <= donor < len(self.order)
            and donor // self._size != position // self._size
            and abs(donor - position) > 1
            and donor not in self.lost
            and donor not in self._repeated
        )


@dataclass
class Walk:
    """One reading of a listing from page 1 on."""

    rng: random.Random
    gone: int = 0
    order: list[int] | None = None
    shape: tuple[int, int] = (0, 0)


class Walks:
    """Remembers, per query, which walk it is on; asking for page 1 begins a new one.

    Args:
        faults: `lost` and `drift` say how the walks go wrong.
        seed: the simulator's seed.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._seed = (faults.seed, seed)
        self._walks: OrderedDict[str, Walk] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def positions(self, query: str, pagina: int, size: int, total: int) -> tuple[int, list[int] | range]:
        """Say which rows a page shows.

        Args:
            query: what is asked, without the page number.
            pagina: page number, from 1.
            size: rows of a page.
            total: rows of the window.

        Returns:
            The total to announce, and the row numbers of the page (none past the end).
        """
        if total <= size or (self._faults.lost == (0.0, 0.0) and not self._faults.drift):
            return total, range(total)[(pagina - 1) * size : pagina * size]
        with self._lock:
            walk = self._walk(query, pagina)
            if pagina > 1 and walk.rng.random() < self._faults.drift:
                walk.gone = min(walk.gone + walk.rng.randint(1, 5), total - 1)
            left = total - walk.gone
            order = self._order(walk, left, size)
        page = order[(pagina - 1) * size : pagina * size]
        return left, [position + walk.gone for position in page]

    def _walk(self, query: str, pagina: int) -> Walk:
        walk = self._walks.get(query)
        if walk is None or pagina == 1:
            number = self._numbers[query] = self._numbers.get(query, 0) + 1
            walk = Walk(rng=dice("walk", *self._seed, query, number))
            self._walks[query] = walk
            if len(self._walks) > KEPT:
                self._walks.popitem(last=False)
        self._walks.move_to_end(query)
        return walk

    def _order(self, walk: Walk, total: int, size: int) -> list[int]:
        if walk.order is None or walk.shape != (total, size):
            low, high = self._faults.lost
            walk.order = shuffled_order(total, size, walk.rng.uniform(low, high), walk.rng)
            walk.shape = (total, size)
        return walk.order
