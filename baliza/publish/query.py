"""A question in SQL, answered from the last published state of a file, row by row."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from baliza.errors import InvalidQueryError
from baliza.settings import Resources
from baliza.warehouse.connection import explain, interruptible
from baliza.warehouse.published import Opened, open_published
from baliza.warehouse.snapshots import Snapshot

_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
"""SHOW, DESCRIBE, SUMMARIZE and PRAGMA of a fact are of the first kind."""

_BATCH = 2_000
_NEAREST = 3
_NEAR_ENOUGH = 0.6
_NO_TABLE = re.compile(r"Table with name \"?(?P<name>[^\s\"]+)\"? does not exist")
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class Answer:
    """What came of a question, while its file is open.

    Attributes:
        columns: by name, as often as they come.
        types: as DuckDB names them.
        rows: in order, fetched as they are asked for.
        snapshot: that was read; None where it was the file itself.
    """

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]
    snapshot: Snapshot | None


@contextmanager
def answer(
    database: Path, sql: str, *, resources: Resources | None = None, unpublished: bool = False
) -> Iterator[Answer]:
    """Ask the last published state of a file.

    The statement reaches nothing but that: no other file, no network, no setting.

    Args:
        database: the file.
        sql: one statement, that reads.
        resources: what DuckDB may take of the machine.
        unpublished: ask the file as it is instead.

    Raises:
        InvalidQueryError: DuckDB refuses it, it is several, or it does more than read.
        DatabaseError: the file cannot be read, or memory and disk do not suffice.
    """
    opened = open_published(database, resources=resources, unpublished=unpublished)
    with opened.con, interruptible(opened.con), asked(opened, sql) as found:
        yield found


@contextmanager
def asked(opened: Opened, sql: str) -> Iterator[Answer]:
    """The same of a file that is open; afterwards it can be asked, and nothing else."""
    con = opened.con
    con.execute("SET preserve_insertion_order = true")  # the same question, the same order
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    try:
        result = _started(con, sql)
        described = result.description or []
        yield Answer(
            columns=[column[0] for column in described],
            types=[str(column[1]) for column in described],
            rows=_rows(result),
            snapshot=opened.snapshot,
        )
    except duckdb.Error as error:
        raise _told(con, error, opened.path) from error


def _started(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise InvalidQueryError(
            "A question in SQL was to be answered.",
            "It holds {n} statements; one is answered at a time.",
            'Ask one: baliza query "SELECT cnpj_orgao, valor_contratos FROM mart.spending"',
            n=len(statements),
        )
    (statement,) = statements
    if statement.type not in _READING:
        raise InvalidQueryError(
            "A question in SQL was to be answered.",
            "The statement is a {kind}; what is published is only read.",
            "Ask with SELECT. To change a copy of your own, copy the file and open it with DuckDB.",
            kind=statement.type.name,
        )
    result = con.execute(statement)
    described = result.description or []
    if any(str(column[1]) == _WITH_ZONE for column in described):
        # Python would need a library of time zones for what is shown as text anyway.
        as_text = ", ".join(
            f"{_quoted(name)}::VARCHAR AS {_quoted(name)}"
            for name, type_, *_ in described
            if str(type_) == _WITH_ZONE
        )
        result = con.execute(f"SELECT * REPLACE ({as_text}) FROM ({sql.strip().rstrip(';')})")  # noqa: S608
    return result


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := result.fetchmany(_BATCH):
        yield from batch


def _told(con: duckdb.DuckDBPyConnection, error: duckdb.Error, path: Path) -> Exception:
    """What DuckDB says of a statement, with its position; of a table that is not there, which are near."""
    if isinstance(error, duckdb.OperationalError | duckdb.InternalError):  # memory, disk, a broken file
        return explain(error, path)
    asked = "A question in SQL was to be answered."
    found = "DuckDB refused it: {message}"
    message = str(error)
    if isinstance(error, duckdb.PermissionException):
        elsewhere = "A question reads the published tables alone, no other file and no network."
        return InvalidQueryError(asked, found, elsewhere, message=message)
    if missing := _NO_TABLE.search(message):
        near = _nearest_tables(con, missing["name"])
        meant = "Did you mean {near}? The tables are listed by: baliza targets"
        return InvalidQueryError(asked, found, meant, message=message, near=near)
    return InvalidQueryError(
        asked, found, "Correct it; the tables are listed by: baliza targets", message=message
    )


def _nearest_tables(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The tables most like a name, with or without its layer; all of mart when none is."""
    rows = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    ).fetchall()
    tables = {location: _likeness(name.lower(), location) for (location,) in rows}
    near = sorted((one for one in tables if tables[one] >= _NEAR_ENOUGH), key=lambda one: -tables[one])
    return ", ".join(near[:_NEAREST] or [one for one in tables if one.startswith("mart.")])


def _likeness(name: str, location: str) -> float:
    wanted = {name, name.replace("_", ".", 1)}  # mart_spending is the node of mart.spending
    return max(
        difflib.SequenceMatcher(None, one, other).ratio()
        for one in wanted
        for other in (location, location.partition(".")[2])
    )
