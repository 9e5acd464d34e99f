"""The external inputs of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from baliza.build import catalog
from baliza.build.period import today
from baliza.build.small_results import tables_in
from baliza.warehouse import ledger
from dataflows import parameters

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend


def chosen_inputs(con: duckdb.DuckDBPyConnection, params: Mapping[str, int | date]) -> dict[str, int | date]:
    """The parameters and the day of reference, with these overrides."""
    return {
        **parameters.inputs(),
        parameters.REFERENCE_DAY: ledger.last_proven_day(con) or today(),
        **params,
    }


def landed_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """`landed_<table>`: what the harvest wrote."""
    there = tables_in(backend, "raw")
    return {
        f"landed_{node.table}": backend.table(node.table, database="raw")
        for node in catalog.tables().values()
        if node.layer == "raw" and node.table in there
    }


def ledger_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """`meta_<table>`: what the harvest says of itself."""
    from dataflows.ledger import SCHEMAS  # noqa: PLC0415 - imports Ibis

    there = tables_in(backend, "meta")
    return {
        name: backend.table(table, database="meta").select(*SCHEMAS[name])
        for name in SCHEMAS
        if (table := name.removeprefix("meta_")) in there
    }
