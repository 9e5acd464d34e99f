"""From a raw table's contract to what landing must know of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType

from baliza.build.catalog import tables
from baliza.warehouse.raw_table import PROVENANCE, Field, RawTable
from dataflows.contract import Column


@cache
def raw_table(name: str) -> RawTable:
    """The raw table of this name, in DuckDB's terms."""
    contract = tables()[f"raw_{name}"].contract
    added = {column for column, _ in PROVENANCE}
    fields = tuple(_field(field, column) for field, column in contract.columns.items() if field not in added)
    key = tuple(name for name in contract.key if name not in added)
    return RawTable(name=name, key=key, fields=fields)


def raw_tables() -> list[RawTable]:
    """Every raw table of the dataflow."""
    return [raw_table(node.table) for node in tables().values() if node.layer == "raw"]


def _field(name: str, column: Column) -> Field:
    members = tuple(_field(member, inner) for member, inner in (column.members or {}).items())
    return Field(name, duckdb_type(column.dtype), members, many=column.dtype.is_array(), long=column.long)


def duckdb_type(dtype: dt.DataType) -> str:
    """The DuckDB type of an Ibis type, such as DECIMAL(24, 4) or STRUCT(id INT)."""
    return _STANDARD.get(text := _spelled(dtype), text)


_spelled: Callable[[Any], str] = cache(DuckDBType.to_string)
"""Hundreds of fields have a dozen types, and a type takes a fifth of a millisecond."""

_STANDARD = {"TEXT": "VARCHAR", "INT": "INTEGER"}
"""Names under which page reading knows the types that Ibis spells another way."""
