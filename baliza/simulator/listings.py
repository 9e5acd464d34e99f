"""The rows of one endpoint, kept so that a window of days or one organ is found without a scan."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ENDPOINTS: dict[str, str] = {
    "contratos": "dataPublicacaoPncp",
    "contratos_atualizacao": "dataAtualizacaoGlobal",
}
"""Endpoint id and the field its window filters on."""


def key_of(record: dict[str, Any]) -> str:
    """Return a contract's key: its numeroControlePNCP."""
    return record["numeroControlePNCP"]


def day_of(endpoint: str, record: dict[str, Any]) -> str | None:
    """Return the day (AAAA-MM-DD) an endpoint files a record under; None when the record has no such date."""
    stamp = record.get(ENDPOINTS[endpoint])
    return stamp[:10] if stamp else None


class Window(NamedTuple):
    """A run of rows: those of `rows` from `start` up to, not including, `stop`."""

    rows: Sequence[dict[str, Any]]
    start: int
    stop: int

    @property
    def total(self) -> int:
        """How many rows the window holds."""
        return self.stop - self.start

    def take(self, positions: Iterable[int]) -> list[dict[str, Any]]:
        """Return the rows at these positions, counted from the window's first row."""
        return [self.rows[self.start + position] for position in positions]


class Shelf:
    """Rows in order of date, and their days beside them to be searched by bisection."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.days: list[str] = []

    def window(self, first: str, last: str) -> Window:
        """Return the rows of the days from `first` to `last`, both included (AAAA-MM-DD)."""
        return Window(self.rows, bisect_left(self.days, first), bisect_right(self.days, last))


class Listing:
    """What one endpoint has to show.

    Args:
        endpoint: a key of `ENDPOINTS`.
        records: contracts in PNCP's shape, in any order; those without the endpoint's date are never shown.
    """

    def __init__(self, endpoint: str, records: Iterable[dict[str, Any]]) -> None:
        field = ENDPOINTS[endpoint]
        dated = [record for record in records if record.get(field)]
        dated.sort(key=lambda record: (record[field], key_of(record)))
        self._all = Shelf()
        self._organs: dict[str, Shelf] = {}
        for record in dated:
            day = record[field][:10]
            organ = self._organs.setdefault(record["orgaoEntidade"]["cnpj"], Shelf())
            for shelf in (self._all, organ):
                shelf.rows.append(record)
                shelf.days.append(day)

    def window(self, first: str, last: str, cnpj: str | None = None, unidade: str | None = None) -> Window:
        """Return the rows of a window of days, of one organ or one unit if asked.

        Args:
            first: first day, AAAA-MM-DD.
            last: last day, included.
            cnpj: the organ's CNPJ, 14 characters.
            unidade: codigoUnidade of the unit, exactly as the records spell it.

        Returns:
            The window, in order of date and then of key.
        """
        shelf = self._all if cnpj is None else self._organs.get(cnpj, Shelf())
        window = shelf.window(first, last)
        if unidade is None:
            return window
        rows = [
            row for row in window.take(range(window.total)) if row["unidadeOrgao"]["codigoUnidade"] == unidade
        ]
        return Window(rows, 0, len(rows))
