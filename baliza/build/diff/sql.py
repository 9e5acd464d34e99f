"""The pieces of SQL that compare two tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from baliza.build.diff.tables import Pair
from baliza.warehouse.side_by_side import AFTER, BEFORE


def fingerprint(pair: Pair, columns: Iterable[str]) -> str:
    """Of some columns; one whose type changed is compared as text."""
    values = [f"{quoted(name)}::VARCHAR" if name in pair.retyped else quoted(name) for name in columns]
    return f"hash({', '.join(values)})" if values else "0::UBIGINT"


def differs(pair: Pair, name: str) -> str:
    """Whether a column differs between two rows of one key."""
    cast = "::VARCHAR" if name in pair.retyped else ""
    return f"{of(BEFORE, name)}{cast} IS DISTINCT FROM {of(AFTER, name)}{cast}"


def same_key(key: Sequence[str], one: str, other: str) -> str:
    """Nulls of a key are one value."""
    return " AND ".join(f"{of(one, name)} IS NOT DISTINCT FROM {of(other, name)}" for name in key)


def count(con: duckdb.DuckDBPyConnection, side: str, pair: Pair) -> int:
    """How many rows a file has of the table."""
    row = con.execute(f"SELECT count(*) FROM {table(side, pair)}").fetchone()  # noqa: S608 - quoted
    return row[0] if row else 0


def dicts(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows that a query gives, by column."""
    result = con.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def table(side: str, pair: Pair) -> str:
    """The table, in one of the files."""
    schema, _, name = pair.location.partition(".")
    return f"{quoted(side)}.{schema}.{quoted(name)}"


def listed(names: Iterable[str]) -> str:
    """Columns, as SQL lists them."""
    return ", ".join(quoted(name) for name in names)


def of(alias: str, name: str) -> str:
    """A column of one of the joined tables."""
    return f"{quoted(alias)}.{quoted(name)}"


def quoted(name: str) -> str:
    """A name, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
