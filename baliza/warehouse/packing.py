"""Long texts, stored packed by Zstandard: a third of the room of a file, at no cost in time.

DuckDB chooses that for no column by itself, and does it only in files of the form of DuckDB 1.2 or later; in
an older one a column that asks for it would be stored without any packing.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb

PACKED = " USING COMPRESSION zstd"
"""What a column says in its table's definition."""

_FIRST_THAT_PACKS = (1, 2)


def packs(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file that is open can hold packed texts; what is in memory alone cannot."""
    row = con.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() "
        "WHERE database_name = current_database() AND path IS NOT NULL"
    ).fetchone()
    found = re.match(r"v(\d+)\.(\d+)", row[0]) if row and row[0] else None
    return found is not None and (int(found[1]), int(found[2])) >= _FIRST_THAT_PACKS


def create_table(con: duckdb.DuckDBPyConnection, table: str, query: str, long: Collection[str]) -> None:
    """Make a table of what a query returns, or put it in the place of one.

    Args:
        con: the open file.
        table: with its schema, quoted.
        query: SQL.
        long: the columns of long texts.
    """
    if not long or not packs(con):
        con.execute(f"CREATE OR REPLACE TABLE {table} AS {query}")
        return
    columns = ", ".join(
        f'"{name}" {type_}{PACKED if name in long else ""}'
        for name, type_, *_ in con.execute(f"DESCRIBE {query}").fetchall()
    )
    con.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    con.execute(f"INSERT INTO {table} {query}")
