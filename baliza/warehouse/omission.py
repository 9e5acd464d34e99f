"""A file written anew without some of its tables: after a DROP alone DuckDB would give no room back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from baliza.errors import DatabaseError
from baliza.warehouse.compaction import counts


def write_without(
    con: duckdb.DuckDBPyConnection, database: Path, target: Path, omitted: Collection[str]
) -> list[str]:
    """Write all that the attached file `old` holds, but these tables, into a new file, and compare.

    Schemas that hold nothing else are left out too. Views that read what is left out come along, and cannot
    be read any more.

    Args:
        con: with the file attached as `old`.
        database: the file, to be named in errors.
        target: the new file.
        omitted: such as psa.pncp_content.

    Returns:
        The views that cannot be read any more.

    Raises:
        DatabaseError: what is there is not what was there.
    """
    con.execute("SET preserve_insertion_order = true")
    con.execute(f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS new")
    con.execute("COPY FROM DATABASE old TO new (SCHEMA)")
    kept = [table for table in counts(con, "old") if table not in omitted]
    schemas = {table.partition(".")[0] for table in omitted}
    for schema in schemas - {table.partition(".")[0] for table in kept}:
        con.execute(f'DROP SCHEMA new."{schema}" CASCADE')
    for table in omitted:
        con.execute(f"DROP TABLE IF EXISTS new.{_quoted(table)} CASCADE")
    for table in kept:
        con.execute(f"INSERT INTO new.{_quoted(table)} SELECT * FROM old.{_quoted(table)}")  # noqa: S608
    if {table: _sum(con, "old", table) for table in kept} != {
        table: _sum(con, "new", table) for table in counts(con, "new")
    }:
        raise DatabaseError(
            "{database} was to be written without {omitted}.",
            "The new file does not hold what the old one holds. The old one is as it was.",
            "Report it, with what baliza version prints.",
            database=database,
            omitted=", ".join(sorted(omitted)),
        )
    broken = [view for view in _views(con) if not _can_be_read(con, view)]
    con.execute("DETACH new")
    return broken


def _sum(con: duckdb.DuckDBPyConnection, file: str, table: str) -> tuple:
    """Rows, and a checksum of all their values."""
    return con.execute(
        f"SELECT count(*), bit_xor(hash(record)) FROM {file}.{_quoted(table)} AS record"  # noqa: S608
    ).fetchone() or (0, None)


def _views(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() "
        "WHERE database_name = 'new' AND NOT internal ORDER BY 1"
    )
    return [view for (view,) in rows.fetchall()]


def _can_be_read(con: duckdb.DuckDBPyConnection, view: str) -> bool:
    try:
        con.execute(f"SELECT * FROM new.{_quoted(view)} LIMIT 0")  # noqa: S608 - from the catalogue
    except duckdb.Error:
        return False
    return True


def _quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))
