"""The rows of one endpoint, kept so that a window of days or one órgão is found without a scan."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from baliza.simulator.endpoints import Listed, day_of, exploded, key_of

Record = dict[str, Any]


class Window(NamedTuple):
    """A run of rows: those of `rows` from `start` up to, not including, `stop`."""

    rows: Sequence[Record]
    start: int
    stop: int

    @property
    def total(self) -> int:
        """How many rows the window holds."""
        return self.stop - self.start

    def take(self, positions: Iterable[int]) -> list[Record]:
        """Return the rows at these positions, counted from the window's first row."""
        return [self.rows[self.start + position] for position in positions]


class Shelf(NamedTuple):
    """Rows in order of date, and their first and last days beside them."""

    rows: list[Record]
    firsts: list[str]
    lasts: list[str]

    def window(self, first: str, last: str) -> Window:
        """Return the rows whose days touch those from `first` to `last`, both included (AAAA-MM-DD)."""
        stop = bisect_right(self.firsts, last)
        if self.lasts is self.firsts:
            return Window(self.rows, min(bisect_left(self.firsts, first), stop), stop)
        rows = [row for row, end in zip(self.rows[:stop], self.lasts, strict=False) if end >= first]
        return Window(rows, 0, len(rows))


class Listing:
    """What one endpoint has to show.

    Args:
        endpoint: whose table entry says by what dates and filters it is asked.
        records: in PNCP's shape, in any order; those without the endpoint's date are never shown.
    """

    def __init__(self, endpoint: Listed, records: Iterable[Record]) -> None:
        self._endpoint = endpoint
        rows = exploded(endpoint, list(records))
        if endpoint.span is not None:
            field = endpoint.span[0]
            rows = [row for row in rows if row.get(field)]
            rows.sort(key=lambda row: (row[field], *self._tie(row)))
        else:
            rows.sort(key=self._tie)
        self._shelves: dict[frozenset[tuple[str, str]], Shelf] = {frozenset(): self._shelf(rows)}

    def window(self, first: str, last: str, filters: Mapping[str, str]) -> Window:
        """Return the rows of a window of days that satisfy every filter.

        Args:
            first: first day, AAAA-MM-DD.
            last: last day, included.
            filters: texts asked for, by name of parameter; all known to the endpoint.

        Returns:
            The window, in order of date and then of key.
        """
        asked = frozenset(filters.items())
        shelf = self._shelves.get(asked)
        if shelf is None:
            matches = [(self._endpoint.filters[name], text) for name, text in filters.items()]
            everything = self._shelves[frozenset()].rows
            shelf = self._shelf(
                [row for row in everything if all(match(row, text) for match, text in matches)]
            )
            self._shelves[asked] = shelf
        return shelf.window(first, last)

    def _tie(self, row: Record) -> tuple[str | int, ...]:
        """Order rows of one moment by key; the number of an item as a number."""
        if self._endpoint.exploded is None:
            return (key_of(self._endpoint, row),)
        return (row["idPcaPncp"], row[self._endpoint.exploded][0]["numeroItem"])

    def _shelf(self, rows: list[Record]) -> Shelf:
        firsts = [day_of(self._endpoint, row) or "" for row in rows]
        span = self._endpoint.span
        if span is None or span[0] == span[1]:
            return Shelf(rows, firsts, firsts)
        return Shelf(rows, firsts, [row[span[1]][:10] for row in rows])
