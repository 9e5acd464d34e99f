"""Bringing a raw table up to its contract, when the contract has changed since the table was made.

What had landed as unknown moves into the column the contract has gained for it; what the contract has dropped
goes to unknown_fields. So each row becomes what landing would have made of the record under today's contract,
hash included, and the same record harvested again is recognised.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import duckdb
from duckdb.func import SPECIAL

from baliza.warehouse.connection import limited
from baliza.warehouse.evolution.difference import Difference, Left, difference, field_of, spelled
from baliza.warehouse.evolution.promotion import promote
from baliza.warehouse.evolution.reshape import reshaped
from baliza.warehouse.packing import packs
from baliza.warehouse.raw_table import PROVENANCE, RawTable
from baliza.warehouse.record_text import canonical

_MEMORY_LIMIT = "512MB"
"""Enough for any number of rows; without a limit DuckDB would hold what it has written."""


def evolve(con: duckdb.DuckDBPyConnection, tables: Iterable[RawTable]) -> list[str]:
    """Rewrite the raw tables that are not as their contracts say; the caller holds the transaction.

    Returns:
        The names of those that were rewritten; the others cost a look at the catalogue.
    """
    found = _types_in_file(con)
    rewritten = outdated(con, tables)
    for table in rewritten:
        _rewrite(con, table, found[table.name])
    return [table.name for table in rewritten]


def outdated(con: duckdb.DuckDBPyConnection, tables: Iterable[RawTable]) -> list[RawTable]:
    """The raw tables that are not as their contracts say, or not there."""
    found = _types_in_file(con)
    return [
        table
        for table in tables
        if [(name, type_.replace('"', "")) for name, type_ in found.get(table.name, {}).items()]
        != [(field.name, spelled(field)) for field in table.fields]
    ]


def _types_in_file(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The type of each of PNCP's fields, in order, by raw table."""
    rows = con.execute(
        """
        SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE schema_name = 'raw' AND database_name = current_database()
        ORDER BY table_name, column_index
        """
    ).fetchall()
    added = {name for name, _ in PROVENANCE}
    found: dict[str, dict[str, str]] = {}
    for table, column, type_ in rows:
        if column not in added:
            found.setdefault(table, {})[column] = type_
    return found


def _rewrite(con: duckdb.DuckDBPyConnection, table: RawTable, types: Mapping[str, str]) -> None:
    """Copy the table row by row into one of today's contract, which takes its place."""
    old = tuple(field_of(name, con.sqltype(type_)) for name, type_ in types.items())
    change = difference(old, table.fields)
    successor = RawTable(f"{table.name} under way", table.key, table.fields)
    con.execute(successor.ddl(packed=packs(con)))
    # DuckDB remembers a function whose transaction failed, so each has a name of its own.
    function = f"part_{uuid.uuid4().hex}"
    if change.moves_values:
        parted = con.sqltype("STRUCT(known VARCHAR, unknown VARCHAR)")
        con.create_function(function, _parting(change), ["VARCHAR", "VARCHAR"], parted, null_handling=SPECIAL)
    try:
        with limited(con, memory_limit=_MEMORY_LIMIT):
            con.execute(f'INSERT INTO raw."{successor.name}" BY NAME {reshaped(table, change, function)}')
    finally:
        # Where the statement failed, its transaction takes no more statements, and the error must be told.
        with suppress(duckdb.TransactionException, duckdb.InvalidInputException):
            con.remove_function(function)
    con.execute(f'DROP TABLE raw."{table.name}"')
    con.execute(f'ALTER TABLE raw."{successor.name}" RENAME TO "{table.name}"')


def _parting(change: Difference) -> Callable[[str | None, str | None], dict[str, Any]]:
    """What parts one row: (unknown_fields, the values that lose their column) to what is known of both."""

    def part(unknown: str | None, leaving: str | None) -> dict[str, str | None]:
        members = json.loads(unknown) if unknown else {}
        if leaving:
            members = _joined(members, json.loads(leaving), change.left)
        known, rest = promote(members, change.gained)
        return {
            "known": json.dumps(known, ensure_ascii=False) if known else None,
            "unknown": canonical(rest).decode() if rest else None,
        }

    return part


def _joined(unknown: Any, leaving: Any, left: Left) -> Any:
    """The unknown members of an object, or of each in a list, with those that lose their column."""
    if leaving is None:
        return unknown
    if isinstance(leaving, list):
        others = unknown or [{}] * len(leaving)
        each = [_joined(one, other, left) for one, other in zip(others, leaving, strict=True)]
        return each if any(each) else []
    joined = dict(unknown or {})
    for name, members in left.items():
        value = leaving[name] if members is None else _joined(joined.get(name), leaving[name], members)
        if value is not None and (members is None or value):
            joined[name] = value
    return joined
