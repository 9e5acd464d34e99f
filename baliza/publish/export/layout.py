"""How a table is laid out in files: in what order, and where a large one is cut.

What people ask for is a place, an órgão or a supplier, in some months. Rows of one place stand together, so
that a reader who asks for it takes a few row groups of a Parquet file and passes over the others; a large
table has a folder for each year.
"""

from __future__ import annotations

from dataclasses import dataclass

from baliza.publish.export.table import quoted
from dataflows.contract import Contract

LARGE = 1_000_000
"""Rows from which on a table is cut into years."""

PARTITION = "ano_particao"
"""Of the folders of years. No table has a column of this name, so that no reader takes one for the other."""

_PLACES = ("uf_sigla", "codigo_ibge", "cnpj_orgao")
"""From the widest to the narrowest: an órgão of a município stands in it, and a município in its UF."""

_TIMES = (
    "mes", "ano", "data_publicacao_pncp", "ano_compra", "data_inclusao",
    "dataPublicacaoPncp", "dataPublicacaoPNCP", "anoCompra", "dataInclusao",
)  # fmt: skip
"""The columns that say when, the first of them that a table has."""


def order_of(contract: type[Contract]) -> list[str]:
    """The columns a table is ordered by: its place, then when, then its key, so that the order is one."""
    places = [name for name in _PLACES if name in contract.columns]
    time = time_of(contract) if places else None
    return list(dict.fromkeys([*places, *([time] if time else []), *contract.key]))


def time_of(contract: type[Contract]) -> str | None:
    """The column that says when; None for a table of what has no time."""
    return next((name for name in _TIMES if name in contract.columns), None)


@dataclass(frozen=True)
class Year:
    """The part of a table that is of one year; None for rows that do not say."""

    sql: str
    year: int | None

    @property
    def condition(self) -> str:
        """That its rows meet."""
        return f"{self.sql} IS NOT DISTINCT FROM {'NULL' if self.year is None else self.year}"

    @property
    def folder(self) -> str:
        """As Hive names it."""
        return f"{PARTITION}={'__HIVE_DEFAULT_PARTITION__' if self.year is None else self.year}"


def year_sql(contract: type[Contract]) -> str | None:
    """The SQL of a row's year; None for a table of what has no time."""
    time = time_of(contract)
    if time is None:
        return None
    column = f"t.{quoted(time)}"
    return column if contract.columns[time].dtype.is_integer() else f"year({column})"
