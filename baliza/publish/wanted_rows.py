"""Rows that are wanted by the values of their columns: as a condition in SQL, and whether there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import sqlglot
from sqlglot import expressions

from baliza.build import picking
from baliza.build.catalog import TableNode
from baliza.errors import BalizaError


def condition(node: TableNode, wanted: Mapping[str, Any]) -> str:
    """What rows that have all of these values meet, in SQL on names of columns; empty for all."""
    if not wanted:
        return ""
    query = sqlglot.parse_one(
        ibis.to_sql(picking.rows(_table(node), wanted), dialect="duckdb"), dialect="duckdb"
    )
    met = query.find(expressions.Where)
    if met is None:
        return ""
    for column in met.find_all(expressions.Column):
        column.set("table", None)
    return met.this.sql(dialect="duckdb")


def none_found(
    con: duckdb.DuckDBPyConnection, node: TableNode, wanted: Mapping[str, Any]
) -> BalizaError | None:
    """What is said where no row has all of these values; None where there is one, or none was named."""

    def fetch(table: ir.Table) -> list[dict[str, Any]]:
        result = con.execute(ibis.to_sql(table, dialect="duckdb"))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    table = _table(node)
    if not wanted or fetch(picking.rows(table, wanted).limit(1)):
        return None
    return picking.none_found(node, table, wanted, fetch)


def _table(node: TableNode) -> ir.Table:
    return ibis.table(node.contract.schema(), name=node.table, database=node.layer)
