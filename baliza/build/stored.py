"""What the file remembers of each table it built: enough to know whether its code would still make it so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from baliza.build import code
from baliza.build.outline import LEDGER


@dataclass(frozen=True)
class Definition:
    """What a table is made by, all of which together decides whether it is stale.

    Attributes:
        sql: that makes it, compiled, over the tables it is made from.
        checks: fingerprint of its columns, rules and gates, compiled.
        inputs: parameters as they are, other external inputs by fingerprint.
        parents: version of each table it is made from.
        rows: of each raw table it is made from, how many there were; they are only ever added to.
        code: fingerprint of the whole dataflow when this was compiled.
    """

    sql: str
    checks: str
    inputs: Mapping[str, str]
    parents: Mapping[str, str]
    rows: Mapping[str, int]
    code: str

    @property
    def version(self) -> str:
        """Fingerprint of all that its rows depend on; parameters and labels are in the SQL."""
        ledger = {name: text for name, text in self.inputs.items() if name.startswith(LEDGER)}
        parts = [self.sql, self.checks, json.dumps([sorted(self.parents.items()), sorted(ledger.items())])]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Stored:
    """A table of the file, as it was last built.

    Attributes:
        version: fingerprint of all that its rows depend on; the tables made from it carry it in theirs.
    """

    version: str
    rows: int
    seconds: float
    definition: Definition | None


def read(con: duckdb.DuckDBPyConnection) -> dict[str, Stored]:
    """Every table that is built and still there, by node name."""
    rows = con.execute(
        """
        SELECT name, fingerprint, rows, seconds, definition
        FROM meta.tables JOIN duckdb_tables() AS there
            ON there.database_name = current_database() AND name = schema_name || '_' || table_name
        """
    ).fetchall()
    return {
        name: Stored(version, count, seconds, Definition(**json.loads(made)) if made else None)
        for name, version, count, seconds, made in rows
    }


def write(
    con: duckdb.DuckDBPyConnection,
    name: str,
    definition: Definition,
    *,
    rows: int,
    seconds: float,
    built_at: datetime,
) -> None:
    """Remember a table, and the code it was made by. The caller holds the transaction."""
    con.execute(
        "INSERT OR REPLACE INTO meta.tables BY NAME SELECT ? AS name, ? AS fingerprint, ? AS rows, "
        "? AS seconds, ? AS built_at, ? AS definition",
        [name, definition.version, rows, seconds, built_at, json.dumps(vars(definition))],
    )
    _keep_code(con, definition)


def redefine(con: duckdb.DuckDBPyConnection, name: str, definition: Definition) -> None:
    """Remember that other code makes the same table: a comment was changed, or a name."""
    con.execute("UPDATE meta.tables SET definition = ? WHERE name = ?", [json.dumps(vars(definition)), name])
    _keep_code(con, definition)


def _keep_code(con: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    con.execute(
        "INSERT OR IGNORE INTO meta.code VALUES (?, ?)", [definition.code, json.dumps(code.definitions())]
    )


def definitions_of(con: duckdb.DuckDBPyConnection, digest: str) -> dict[str, str]:
    """What `code.definitions` said when the dataflow had this fingerprint."""
    row = con.execute("SELECT definitions FROM meta.code WHERE digest = ?", [digest]).fetchone()
    return json.loads(row[0]) if row else {}
