"""The external inputs of the graph that are tables of the file."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import catalog
from dataflows.ledger import SCHEMAS


def landed_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """`landed_<table>`: what the harvest wrote."""
    there = backend.list_tables(database="raw")
    return {
        f"landed_{node.table}": backend.table(node.table, database="raw")
        for node in catalog.tables().values()
        if node.layer == "raw" and node.table in there
    }


def ledger_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """`meta_<table>`: what the harvest says of itself."""
    there = backend.list_tables(database="meta")
    return {
        name: backend.table(table, database="meta").select(*SCHEMAS[name])
        for name in SCHEMAS
        if (table := name.removeprefix("meta_")) in there
    }
