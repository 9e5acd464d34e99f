"""The coverage calendar: of each listing of PNCP and each day, whether all that was published is here.

A day is one letter: complete, empty, short, failed, pending, or a point where nobody asked for it. Where PNCP
is asked modalidade by modalidade a day is as good as the worst of them, and pending while one that was asked
for on other days was not asked for on this one. Detail listings, one per purchase or contract, have no days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import duckdb

from baliza.pncp.endpoints import ENDPOINTS
from baliza.publish.panel.script import line

LETTERS = {"complete": "c", "empty": "e", "short": "s", "failed": "f", "pending": "p"}
NOT_ASKED = "."
PROVEN = ("c", "e")

_WORST_FIRST = ("failed", "short", "pending", "complete", "empty")

NAMES = {
    "contratos": "Contratos e empenhos",
    "contratos_atualizacao": "Contratos alterados",
    "contratacoes_publicacao": "Contratações (editais e avisos)",
    "contratacoes_atualizacao": "Contratações alteradas",
    "contratacoes_proposta": "Propostas abertas",
    "atas_atualizacao": "Atas de registro de preços",
    "atas_vigencia": "Atas vigentes",
    "instrumentoscobranca_inclusao": "Instrumentos de cobrança",
    "pca_atualizacao": "Planos anuais alterados",
    "pca_classe": "Planos anuais por classe",
    "pca_usuario": "Planos anuais por usuário",
    "compra": "Detalhe das contratações",
    "itens": "Itens das contratações",
    "resultados": "Resultados dos itens",
    "termos": "Termos dos contratos",
}

_MOST_SLICES = 8
"""Of one endpoint, drawn one by one; the others are counted."""

_CELLS = """
    SELECT endpoint, slice, day, status, count(*)
    FROM meta.coverage WHERE list_contains($daily::VARCHAR[], endpoint)
    GROUP BY ALL ORDER BY endpoint, slice, day
"""

_DETAILS = """
    SELECT endpoint, count(*), count(*) FILTER (status IN ('complete', 'empty')) FROM meta.coverage
    WHERE NOT list_contains($daily::VARCHAR[], endpoint) GROUP BY endpoint ORDER BY endpoint
"""


@dataclass
class Listing:
    """One endpoint in one slice.

    Attributes:
        slice: '' for the whole country, kind=value.
        since, until: first and last day that was asked for.
        letters: of every day between them.
    """

    endpoint: str
    slice: str
    since: date
    until: date
    letters: str
    counts: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counter(self.letters)

    @property
    def name(self) -> str:
        """As people call it."""
        return NAMES.get(self.endpoint, self.endpoint)

    @property
    def days(self) -> int:
        """From the first to the last, those nobody asked for too."""
        return len(self.letters)

    @property
    def proven(self) -> int:
        """Of which nothing is missing, or nothing was published."""
        return sum(self.counts[letter] for letter in PROVEN)

    def by_day(self) -> Iterator[tuple[date, str]]:
        """Each day with its letter."""
        return ((self.since + timedelta(days=n), letter) for n, letter in enumerate(self.letters))

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {
            "consulta": self.endpoint,
            "nome": self.name,
            "recorte": line(self.slice),
            "desde": self.since.isoformat(),
            "ate": self.until.isoformat(),
            "dias": self.letters,
            "provados": self.proven,
        }


@dataclass(frozen=True)
class Calendar:
    """What the ledger knows, day by day.

    Attributes:
        listings: those of the country first.
        others: of endpoints with many slices: name, how many more, their days proven, their days.
        details: of endpoints asked purchase by purchase: name, how many asked for, how many proven.
    """

    listings: list[Listing]
    others: list[tuple[str, int, int, int]]
    details: list[tuple[str, int, int]]

    @property
    def contracts(self) -> Listing | None:
        """The listing that contracts come from: of the country, else of the slice with most days."""
        return next((one for one in self.listings if one.endpoint == "contratos"), None)


def read(con: duckdb.DuckDBPyConnection) -> Calendar:
    """The calendar of a file."""
    daily = [one.id for one in ENDPOINTS.values() if one.cell in {"day", "stock", "snapshot"}]
    cells = con.execute(_CELLS, {"daily": daily}).fetchall()
    details = con.execute(_DETAILS, {"daily": daily}).fetchall()
    every = [
        _listing(endpoint, slice_, list(found))
        for (endpoint, slice_), found in groupby(cells, key=lambda row: (row[0], row[1]))
    ]
    order = list(NAMES)
    every.sort(
        key=lambda one: (_place(order, one.endpoint), one.slice != "", -one.days, one.slice),
    )
    listings: list[Listing] = []
    others: list[tuple[str, int, int, int]] = []
    for _, of_endpoint in groupby(every, key=lambda one: one.endpoint):
        slices = list(of_endpoint)
        listings += slices[:_MOST_SLICES]
        if more := slices[_MOST_SLICES:]:
            proven, days = sum(one.proven for one in more), sum(one.days for one in more)
            others.append((more[0].name, len(more), proven, days))
    asked = [(NAMES.get(str(one), str(one)), int(n), int(done)) for one, n, done in details]
    return Calendar(listings, others, asked)


def _place(order: list[str], endpoint: str) -> int:
    return order.index(endpoint) if endpoint in order else len(order)


def _listing(endpoint: str, slice_: str, cells: list[tuple[Any, ...]]) -> Listing:
    by_day: dict[date, dict[str, int]] = {}
    for _, _, day, status, count in cells:
        by_day.setdefault(day, {})[status] = count
    asked = max(sum(found.values()) for found in by_day.values())
    since, until = min(by_day), max(by_day)
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    letters = "".join(_letter(by_day.get(day), asked) for day in days)
    return Listing(endpoint, slice_, since, until, letters)


def _letter(found: dict[str, int] | None, asked: int) -> str:
    if not found:
        return NOT_ASKED
    worst = next((status for status in _WORST_FIRST if status in found), "pending")
    if worst in {"complete", "empty"} and sum(found.values()) < asked:
        worst = "pending"
    return LETTERS[worst]
