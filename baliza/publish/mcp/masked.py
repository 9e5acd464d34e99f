"""The tables as a query sees them: views without CPFs over a file that is attached under a name nobody knows.

CPFs are hidden where the tables are read, before any function of a query sees them: what is reversed, cut,
hashed, counted or joined is what is already masked.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import duckdb

from baliza.publish.masking import masked_sql

SCHEMAS = ("stage", "mart")
"""What is shown: raw keeps what PNCP sends, unread, and meta the diary of the machine."""

_SHORTEST = 11
"""Bytes of a CPF: in shorter texts none is looked for."""


def expose(con: duckdb.DuckDBPyConnection, file: Path) -> tuple[str, list[str]]:
    """Attach a file to be read, and make a view of each table of it.

    Returns:
        The name it is attached under, never to be told; and the tables, such as `mart.spending`.
    """
    name = f"file_{secrets.token_hex(16)}"
    con.execute(f"ATTACH '{_quoted(file)}' AS {name} (READ_ONLY)")
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "  # noqa: S608 - names of ours
        f"WHERE database_name = '{name}' AND schema_name IN {SCHEMAS} ORDER BY ALL"
    ).fetchall()
    for schema, table in tables:
        columns = con.table(f'"{name}"."{schema}"."{table}"')
        shown = ", ".join(
            f"{_masked(_identifier(column), dtype)} AS {_identifier(column)}"
            for column, dtype in zip(columns.columns, columns.types, strict=True)
        )
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        con.execute(f'CREATE VIEW {schema}."{table}" AS SELECT {shown} FROM {name}.{schema}."{table}"')  # noqa: S608
    return name, [f"{schema}.{table}" for schema, table in tables]


def _masked(value: str, dtype: Any) -> str:
    """An expression of the same type without CPFs; JSON comes as text, as what is masked need not be JSON."""
    if str(dtype) == "JSON":
        return _masked_text(f"CAST({value} AS VARCHAR)")
    if dtype.id == "varchar":
        return _masked_text(value)
    if dtype.id in {"list", "array"}:
        ((_, member),) = [child for child in dtype.children if child[0] == "child"]
        return (
            value if not _holds_text(member) else f"list_transform({value}, one -> {_masked('one', member)})"
        )
    if dtype.id == "struct":
        parts = ", ".join(
            f"{_identifier(name)} := {_masked(f'struct_extract({value}, {_literal(name)})', member)}"
            for name, member in dtype.children
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({parts}) END"
    return value if not _holds_text(dtype) else _masked_text(f"CAST({value} AS VARCHAR)")


def _holds_text(dtype: Any) -> bool:
    return "VARCHAR" in str(dtype) or "JSON" in str(dtype)


def _masked_text(value: str) -> str:
    return f"CASE WHEN strlen({value}) < {_SHORTEST} THEN {value} ELSE {masked_sql(value)} END"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + _quoted(text) + "'"


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")
