"""The raw tables of the dataflow as the warehouse knows them; kept with the code, whose contracts say it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from baliza.build import catalog, code
from baliza.warehouse.raw_table import Field, RawTable


def raw_table(name: str) -> RawTable:
    """The raw table of this name, in DuckDB's terms."""
    return _by_name()[name]


def raw_tables() -> list[RawTable]:
    """Every raw table of the dataflow."""
    return list(_by_name().values())


@cache
def _by_name() -> dict[str, RawTable]:
    kept = json.loads(code.kept("raw-tables.json", _read_contracts))
    tables = [
        RawTable(table["name"], tuple(table["key"]), tuple(map(_field, table["fields"]))) for table in kept
    ]
    return {table.name: table for table in tables}


def _read_contracts() -> str:
    from baliza.build.landed import landed  # noqa: PLC0415 - imports Ibis

    nodes = [node for node in catalog.tables().values() if node.layer == "raw"]
    return json.dumps([asdict(landed(node)) for node in nodes])


def _field(kept: Mapping[str, Any]) -> Field:
    return Field(**{**kept, "members": tuple(map(_field, kept["members"]))})
