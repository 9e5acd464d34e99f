"""The old file: opened to be read only, and what of the old layout it holds."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from baliza.errors import DatabaseMissingError, NothingToMigrateError
from baliza.kinds import size
from baliza.settings import Resources
from baliza.warehouse.connection import config, explained

_MEMORY = "256MB"
"""Bodies are read one by one, and never twice: more would only keep what nobody asks for again."""

BODIES = "psa.pncp_raw_responses"
REQUESTS = "psa.pncp_requests"
CONTENTS = "psa.pncp_content"
PARSED_REQUESTS = "psa.raw_pncp_requests"
API_REQUESTS = "raw.api_requests"
PAYLOADS = "raw.hot_payloads"
SOURCES_OF_BUDGET = "psa.raw_fontes_orcamentarias"
PARSED = ("psa.raw_contratos", "psa.raw_contratacoes", "psa.raw_atas")

GENERATIONS: dict[str, tuple[str, ...]] = {
    "1": (BODIES,),
    "2": (REQUESTS, CONTENTS),
    "2b": (PARSED_REQUESTS,),
    "3": (API_REQUESTS, PAYLOADS),
    "parsed rows": (*PARSED, SOURCES_OF_BUDGET),
}
"""The tables of each generation of the old layout, in the order they came."""

OLD_TABLES = tuple(table for tables in GENERATIONS.values() for table in tables)


@dataclass(frozen=True)
class OldFile:
    """An old file, open as `old` in a connection of its own that writes nothing to it.

    Attributes:
        columns: of each table of the old layout that is there, with their types.
        rows: of each of these tables.
        strangers: tables in the schema psa that are not of the old layout.
        digest: tells this state of the file from others, and from other files.
    """

    path: Path
    con: duckdb.DuckDBPyConnection
    columns: dict[str, dict[str, str]]
    rows: dict[str, int]
    strangers: list[str]
    digest: str

    @property
    def generations(self) -> dict[str, dict[str, int]]:
        """The generations it holds: rows by table."""
        found = {
            name: {table: self.rows[table] for table in tables if table in self.rows}
            for name, tables in GENERATIONS.items()
        }
        return {name: tables for name, tables in found.items() if tables}


@contextmanager
def opened(path: Path, resources: Resources | None = None) -> Iterator[OldFile]:
    """Open an old file to read it; what is worked out meanwhile is kept in memory and beside it, not in it.

    Raises:
        DatabaseMissingError, NotADatabaseError, DatabaseLockedError, NewerFormatError: as of any file.
        NothingToMigrateError: it holds nothing of the old layout.
    """
    if not path.exists():
        raise DatabaseMissingError(
            "What {path} holds was to be migrated.",
            "There is no such file.",
            "Name the file of the old layout: baliza migrate OLD.duckdb",
            path=path,
        )
    with explained(path), duckdb.connect(config=config(resources or Resources())) as con:
        # Moments of the old layout say no zone, or one that is not wanted here.
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = false")
        allowed = resources.memory_limit if resources and resources.memory_limit else _MEMORY
        con.execute("SET memory_limit = ?", [min(_MEMORY, allowed, key=size)])
        if not (resources and resources.temp_directory):
            con.execute("SET temp_directory = ?", [tempfile.gettempdir()])
        con.execute(f"ATTACH '{escaped(path)}' AS old (READ_ONLY)")
        yield _looked_at(path, con)


def escaped(path: Path) -> str:
    """A path inside a text of SQL."""
    return str(path).replace("'", "''")


def _looked_at(path: Path, con: duckdb.DuckDBPyConnection) -> OldFile:
    found = con.execute(
        """
        SELECT schema_name || '.' || table_name, column_name, data_type
        FROM duckdb_columns() WHERE database_name = 'old' AND NOT internal ORDER BY ALL
        """
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for table, column, type_ in found:
        columns.setdefault(table, {})[column] = type_
    tables = {
        table
        for (table,) in con.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'old'"
        ).fetchall()
    }
    old = {table: columns[table] for table in OLD_TABLES if table in tables}
    if not old:
        raise _nothing(path, tables)
    return OldFile(
        path=path,
        con=con,
        columns=old,
        rows={table: _count(con, table) for table in old},
        strangers=sorted(table for table in tables if table.startswith("psa.") and table not in old),
        digest=_digest(con, old),
    )


def _nothing(path: Path, tables: set[str]) -> NothingToMigrateError:
    asked = "What {path} holds was to be migrated."
    if "meta.database" in tables:
        found = "It is of today's layout already, and holds nothing of the old one."
        return NothingToMigrateError(
            asked, found, "Use it as it is: baliza status --database {path}", path=path
        )
    if not tables:
        return NothingToMigrateError(
            asked,
            "It holds no table.",
            "Name a file with the schema psa, or with raw.api_requests.",
            path=path,
        )
    return NothingToMigrateError(
        asked,
        "It holds nothing of the old layout, only {tables}.",
        "Name a file with the schema psa, or with raw.api_requests.",
        path=path,
        tables=", ".join(sorted(tables)[:8]),
    )


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM old.{table}").fetchone()  # noqa: S608 - ours
    return row[0] if row else 0


_TIMES = ("extracted_at", "first_seen_at", "collected_at")
_IDS = ("id", "request_id", "payload_sha256", "numero_controle_pncp", "numero_controle_pncp_ata")


def _digest(con: duckdb.DuckDBPyConnection, old: dict[str, dict[str, str]]) -> str:
    """A digest of counts, ids and times: rows of one state have their numbers for ever."""
    facts = []
    for table, columns in old.items():
        known = [column for column in (*_TIMES, *_IDS) if column in columns]
        hashed = f"bit_xor(hash({', '.join(['rowid', *known])}))"
        facts.append((table, con.execute(f"SELECT count(*), {hashed} FROM old.{table}").fetchone()))  # noqa: S608
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()
