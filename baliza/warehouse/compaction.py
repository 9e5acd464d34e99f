"""A file without the room that dropped and replaced tables have left in it: DuckDB gives none back."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from baliza.errors import DatabaseError, DiskFullError
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.copying import PARTIAL, flush, same_folder_move
from baliza.warehouse.form import attach_new
from baliza.warehouse.publication import state


def compact(database: Path) -> None:
    """Copy a file, table by table, into a new one that takes its place.

    Rows keep their order: what an increment takes in is what stands behind the rows of the last build. The
    file is held to be read meanwhile, so that nobody writes to it, until the new one has its name.

    Raises:
        DiskFullError: there is no room for the new one.
        DatabaseError: the file cannot be read, or the copy is not the same; the file is as it was.
    """
    if shutil.disk_usage(database.parent).free < database.stat().st_size:
        raise DiskFullError(
            "{database} was to be compacted.",
            "The disk is too small: the new file takes up to {needed} MB beside the old one.",
            "Free some space. Nothing was changed.",
            database=database,
            needed=database.stat().st_size // 10**6 + 1,
        )
    compacted = database.with_name(f"{database.name}.compacted{PARTIAL}")
    compacted.unlink(missing_ok=True)
    try:
        # A file with a log that was not written back yet is mended by whoever opens it to write.
        connect(database, write=True, create=False).close()
        with explained(database), duckdb.connect() as con:
            con.execute("SET preserve_insertion_order = true")
            quoted = str(database).replace("'", "''")
            con.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
            attach_new(con, compacted, "new")
            con.execute("COPY FROM DATABASE old TO new")
            _check(con, database)
            con.execute("DETACH new")
            flush(compacted)
            same_folder_move(compacted, database, let_go=con.close)
    finally:
        compacted.unlink(missing_ok=True)
        compacted.with_name(f"{compacted.name}.wal").unlink(missing_ok=True)


def _check(con: duckdb.DuckDBPyConnection, database: Path) -> None:
    """Both hold the same tables, as many rows in each, and what readers see of both is the same."""
    if counts(con, "old") == counts(con, "new") and _state(con, "old") == _state(con, "new"):
        return
    raise DatabaseError(
        "{database} was to be compacted.",
        "The copy does not hold what the file holds. The file is as it was.",
        "Report it, with what baliza version prints.",
        database=database,
    )


def counts(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, int]:
    """Rows of every table of an attached file."""
    tables = con.execute(
        f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{name}'"  # noqa: S608
    ).fetchall()
    counts = {}
    for schema, table in tables:
        row = con.execute(f'SELECT count(*) FROM {name}."{schema}"."{table}"').fetchone()  # noqa: S608
        counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def _state(con: duckdb.DuckDBPyConnection, name: str) -> str:
    con.execute(f"USE {name}")
    try:
        return state(con)
    finally:
        con.execute("USE memory")
