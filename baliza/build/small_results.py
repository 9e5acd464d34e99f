"""Small results as values of Python, without Arrow and pandas, whose imports most builds would wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


def rows(backend: Backend, table: ir.Table) -> list[dict[str, Any]]:
    """The rows, by column, of what is made from tables of the file."""
    result = backend.con.execute(backend.compile(table))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def tables_in(backend: Backend, schema: str) -> set[str]:
    """The names of the tables that a schema of the file holds."""
    found = backend.con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = ?",
        [schema],
    )
    return {name for (name,) in found.fetchall()}
