"""Tables as Parquet: compressed, ordered for those who read a part, a large one cut into years."""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza.publish.condition import where
from baliza.publish.export import stamp
from baliza.publish.export.columns import as_it_is, rows_sql
from baliza.publish.export.folder import Staging
from baliza.publish.export.layout import LARGE, Year, year_sql
from baliza.publish.export.table import Choice, Table, WrittenFile, literal

ROW_GROUP = 122_880
"""Rows; what a reader of a part takes at least."""


def write(
    con: duckdb.DuckDBPyConnection, table: Table, choice: Choice, staging: Staging, *, rows: int
) -> list[WrittenFile]:
    """Write one table.

    Args:
        con: the file it is read from.
        table: the one.
        choice: what is hidden.
        staging: where to.
        rows: how many there will be.
    """
    metadata = stamp.as_texts(table, choice)
    years = _years(con, table) if rows >= LARGE else []
    if not years:
        return [_write(con, table, choice, staging, Path(f"{table.location}.parquet"), metadata)]
    folder = Path(table.location)
    return [
        _write(con, table, choice, staging, folder / year.folder / "part-0.parquet", metadata, year.condition)
        for year in years
    ]


def _years(con: duckdb.DuckDBPyConnection, table: Table) -> list[Year]:
    year = year_sql(table.contract)
    if year is None:
        return []
    found = con.execute(
        f"SELECT DISTINCT {year} FROM {table.sql} AS t{where((table.condition,))} ORDER BY ALL"  # noqa: S608 - quoted
    )
    return [Year(year, one) for (one,) in found.fetchall()]


def _write(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    choice: Choice,
    staging: Staging,
    path: Path,
    metadata: dict[str, str],
    only: str = "",
) -> WrittenFile:
    told = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in metadata.items())
    row = con.execute(
        f"COPY ({rows_sql(table, choice, as_it_is, only=only)}) TO {literal(str(staging.place(path)))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, KV_METADATA {{{told}}})"
    ).fetchone()
    return staging.written(path, row[0] if row else 0)
