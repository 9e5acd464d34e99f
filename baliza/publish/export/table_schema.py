"""From a table's contract to a Table Schema of Frictionless: types, meanings, units, key, constraints."""

from __future__ import annotations

from typing import Any

import ibis.expr.datatypes as dt

from baliza.publish.export.table import Choice, Written
from dataflows.contract import Column


def table_schema(written: Written, choice: Choice) -> dict[str, Any]:
    """Of what was written of a table.

    A key that may hold nulls is no primary key to Frictionless, but unique; and where hiding CPFs made two
    keys one it is neither.
    """
    contract = written.table.contract
    schema: dict[str, Any] = {
        "fields": [_field(name, column, choice) for name, column in contract.columns.items()],
        "missingValues": [""],
    }
    if written.unique:
        nullable = any(contract.columns[name].nullable for name in contract.key)
        schema |= {"uniqueKeys": [list(contract.key)]} if nullable else {"primaryKey": list(contract.key)}
    return schema


def _field(name: str, column: Column, choice: Choice) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    # A warning counts what breaks it, and lets it through.
    if column.severity == "error":
        constraints |= {} if column.nullable else {"required": True}
        constraints |= {"enum": list(column.isin)} if column.isin else {}
        constraints |= {} if column.ge is None else {"minimum": column.ge}
    told = {
        "name": name,
        **_type(column.dtype, choice),
        "description": column.meaning,
        "unit": column.unit,
        "source": column.source,
        "constraints": constraints,
    }
    return {key: value for key, value in told.items() if value}


def _type(dtype: dt.DataType, choice: Choice) -> dict[str, Any]:
    if dtype.is_decimal() or dtype.is_floating():
        is_comma = choice.format == "csv" and choice.dialect.decimal == ","
        return {"type": "number", **({"decimalChar": ","} if is_comma else {})}
    if dtype.is_timestamp():
        # In CSV 2025-06-24 10:30:00, with a fraction where there is one: no single pattern says that.
        return {"type": "datetime", "format": "any" if choice.format == "csv" else "default"}
    if dtype.is_uuid():
        return {"type": "string", "format": "uuid"}
    if dtype.is_json():
        return {"type": "any"}
    for is_one, name in (
        (dtype.is_boolean(), "boolean"),
        (dtype.is_integer(), "integer"),
        (dtype.is_date(), "date"),
        (dtype.is_array(), "array"),
        (dtype.is_struct(), "object"),
    ):
        if is_one:
            return {"type": name}
    return {"type": "string"}
