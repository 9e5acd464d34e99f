"""From a raw table's contract to what landing must know of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType

from baliza.build.catalog import TableNode
from baliza.warehouse.raw_table import PROVENANCE, Field, RawTable
from dataflows.contract import Column


def landed(node: TableNode) -> RawTable:
    """The raw table that a node of the first layer passes on, in DuckDB's terms."""
    contract = node.contract
    added = {column for column, _ in PROVENANCE}
    fields = tuple(_field(field, column) for field, column in contract.columns.items() if field not in added)
    key = tuple(name for name in contract.key if name not in added)
    return RawTable(name=node.table, key=key, fields=fields)


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
