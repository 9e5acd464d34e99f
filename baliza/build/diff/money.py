"""How the money of a table moved, órgão by órgão."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from baliza.build.diff.sql import dicts, of, quoted, table
from baliza.build.diff.tables import Pair
from baliza.warehouse.side_by_side import AFTER, BEFORE

_ORGAO, _NAME = "cnpj_orgao", "nome_orgao"


@dataclass(frozen=True)
class Moved:
    """A sum before and after; None where there is no row, or none with an amount."""

    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal:
        """After less before; what is not there adds nothing."""
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


@dataclass(frozen=True)
class Orgao(Moved):
    """The sum of one column for one órgão."""

    cnpj: str | None
    name: str | None


@dataclass(frozen=True)
class Money(Moved):
    """One column of money whose sum differs for some órgão; its own sum is over all of them.

    Attributes:
        orgaos: of how many the sum differs.
        largest: those of the largest differences.
    """

    column: str
    orgaos: int
    largest: list[Orgao]


def money(con: duckdb.DuckDBPyConnection, pair: Pair, *, shown: int) -> list[Money]:
    """The columns of money that differ for some órgão; none where the table has no órgão."""
    if _ORGAO not in pair.shared or not pair.amounts:
        return []
    _keep_sums(con, pair)
    try:
        return [found for name in pair.amounts if (found := _of_column(con, name, shown)) is not None]
    finally:
        con.execute("DROP TABLE temp.sums")


def _keep_sums(con: duckdb.DuckDBPyConnection, pair: Pair) -> None:
    """One row per órgão with the sums of every column, before and after."""
    name = f"max({quoted(_NAME)})" if _NAME in pair.shared else "NULL"
    amounts = ", ".join(f"sum({quoted(one)}) AS {quoted(one)}" for one in pair.amounts)
    sides = (
        f"(SELECT {_ORGAO}, {name} AS name, {amounts} FROM {table(side, pair)} GROUP BY {_ORGAO}) "  # noqa: S608 - quoted
        f"AS {quoted(side)}"
        for side in (BEFORE, AFTER)
    )
    sums = ", ".join(
        f"{of(side, one)} AS {quoted(f'{side} {one}')}" for one in pair.amounts for side in (BEFORE, AFTER)
    )
    con.execute(
        f"""
        CREATE TEMP TABLE sums AS
        SELECT coalesce("before".{_ORGAO}, "after".{_ORGAO}) AS cnpj,
               coalesce("after".name, "before".name) AS name, {sums}
        FROM {" FULL JOIN ".join(sides)} ON "before".{_ORGAO} IS NOT DISTINCT FROM "after".{_ORGAO}
        """  # noqa: S608 - quoted
    )


def _of_column(con: duckdb.DuckDBPyConnection, column: str, shown: int) -> Money | None:
    before, after = quoted(f"{BEFORE} {column}"), quoted(f"{AFTER} {column}")
    totals = dicts(
        con,
        f"SELECT sum({before}) AS before, sum({after}) AS after, "  # noqa: S608 - quoted
        f"count(*) FILTER ({before} IS DISTINCT FROM {after}) AS orgaos FROM temp.sums",
    )[0]
    if not totals["orgaos"]:
        return None
    largest = dicts(
        con,
        f"SELECT cnpj, name, {before} AS before, {after} AS after FROM temp.sums "  # noqa: S608 - quoted
        f"WHERE {before} IS DISTINCT FROM {after} "
        f"ORDER BY abs(coalesce({after}, 0) - coalesce({before}, 0)) DESC, cnpj LIMIT {shown:d}",
    )
    return Money(**totals, column=column, largest=[Orgao(**one) for one in largest])
