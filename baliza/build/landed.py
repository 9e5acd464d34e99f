"""From a raw table's contract to what landing must know of it."""

from __future__ import annotations

from functools import cache

import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType

from baliza.build.catalog import tables
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.raw_table import PROVENANCE, Field, RawTable
from dataflows.contract import Column


@cache
def raw_table(name: str) -> RawTable:
    """The raw table of this name, in DuckDB's terms."""
    contract = tables()[f"raw_{name}"].contract
    added = {column for column, _ in PROVENANCE}
    fields = tuple(_field(field, column) for field, column in contract.columns.items() if field not in added)
    return RawTable(name=name, key=contract.key[0], fields=fields)


def raw_tables() -> list[RawTable]:
    """Every raw table an endpoint lands in."""
    return [raw_table(name) for name in sorted({endpoint.table for endpoint in ENDPOINTS.values()})]


def _field(name: str, column: Column) -> Field:
    if column.members is None:
        return Field(name, duckdb_type(column.dtype))
    members = tuple(_field(member, inner) for member, inner in column.members.items())
    return Field(name, duckdb_type(column.dtype), members)


def duckdb_type(dtype: dt.DataType) -> str:
    """The DuckDB type of an Ibis type, such as DECIMAL(24, 4) or STRUCT(id INT)."""
    return _STANDARD.get(text := DuckDBType.to_string(dtype), text)


_STANDARD = {"TEXT": "VARCHAR", "INT": "INTEGER"}
"""Names under which page reading knows the types that Ibis spells another way."""
