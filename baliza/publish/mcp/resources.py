"""The dictionary of the tables: what a row means, what each column is, and the traps, from the contracts."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from baliza.build import catalog
from baliza.errors import UnknownTargetError
from baliza.publish.mcp.masked import SCHEMAS


def tables(built: Collection[str]) -> list[dict[str, Any]]:
    """Every table that can be asked, in a line: whether the file has it, what a row is, its question."""
    return [
        {
            "table": node.location,
            "in_this_file": node.location in built,
            "grain": node.contract.grain,
            "summary": node.summary,
        }
        for node in map(catalog.find, names())
    ]


def names() -> list[str]:
    """The tables that can be asked, in the file or not."""
    return sorted(node.location for node in catalog.tables().values() if node.layer in SCHEMAS)


def table(name: str, built: Collection[str]) -> dict[str, Any]:
    """The contract of one table: meanings are in Portuguese.

    Raises:
        UnknownTargetError: there is no such table, or it is none that can be asked.
    """
    node = catalog.find(name)
    if node.layer not in SCHEMAS:
        raise UnknownTargetError(
            "The table {table} was to be described.",
            "It holds what PNCP sent, unread, and is not published to models.",
            "Ask for {instead}.",
            table=node.location,
            instead=f"stage.{node.table}",
        )
    contract = node.contract
    return {
        "table": node.location,
        "in_this_file": node.location in built,
        **({} if node.location in built else {"build_it_with": f"baliza build --target {node.name}"}),
        "grain": contract.grain,
        "key": list(contract.key),
        "means": inspect.getdoc(contract),
        "summary": node.summary,
        "traps": node.notes,
        "columns": [
            {
                "name": column,
                "type": str(one.dtype),
                "meaning": one.meaning,
                **{
                    name: value
                    for name, value in (
                        ("unit", one.unit),
                        ("values", list(one.isin)),
                        ("source", one.source),
                        ("never_null", not one.nullable),
                    )
                    if value
                },
            }
            for column, one in contract.columns.items()
        ],
    }


def dictionary(built: Collection[str]) -> dict[str, Any]:
    """Every table, its columns by name alone: all that they mean would fill half of what a model can read."""
    return {"tables": [_in_short(table(one["table"], built)) for one in tables(built)]}


def _in_short(told: dict[str, Any]) -> dict[str, Any]:
    names = [column["name"] for column in told["columns"]]
    return {**told, "columns": names, "columns_described_in": f"baliza://dictionary/{told['table']}"}
