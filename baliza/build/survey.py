"""A look at the file before anything is compiled: what raw tables hold, which tables need no second look."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from baliza.build import catalog, code, failures, stored
from baliza.build.checked import Measure
from baliza.build.outline import LANDED, LEDGER, fingerprint
from baliza.build.stored import Stored
from baliza.warehouse import diary

LANDINGS = "what came is stored, a repeat, or in quarantine"
"""The gate that every raw table passes."""


@dataclass(frozen=True)
class Survey:
    """What is known of a file before its tables are compiled.

    Attributes:
        inputs: external inputs of the graph, as text: parameters as they are, others by fingerprint.
        versions: of the raw tables and of those that are unchanged.
        rows: that the raw tables hold.
        measures: how the raw tables reconcile with what landed.
        stored: every built table.
        unchanged: tables whose code, inputs and parents are those of their last build.
        doubtful: the others, of stage and mart: only their compiled code can tell.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    measures: Mapping[str, list[Measure]] = field(default_factory=dict)
    stored: Mapping[str, Stored] = field(default_factory=dict)
    unchanged: Collection[str] = ()
    doubtful: Collection[str] = ()


def survey(
    con: duckdb.DuckDBPyConnection,
    targets: Collection[str],
    inputs: Mapping[str, Any],
    *,
    force: Collection[str] = (),
) -> Survey:
    """Look at the ancestors of the targets.

    Args:
        con: the file.
        targets: names of nodes, tables or not.
        inputs: external inputs of the graph; those that are part of the code, if they are other than there.
        force: tables to take for changed whatever they are.

    Raises:
        LandingsBrokenError: a raw table does not hold what landed.
    """
    nodes = catalog.in_order(name for target in targets for name in catalog.tables_behind(target))
    read = {name for node in nodes for name in catalog.inputs(node.name)}
    ledger = {name for name in read if name.startswith(LEDGER)}
    given = {name for name in read - ledger if name in inputs and not name.startswith(LANDED)}
    texts = {
        **catalog.facts(),
        **{name: _text(inputs[name]) for name in given},
        **{name: _rows_text(con, name) for name in ledger},
    }
    held = stored.read(con)
    versions, rows, measures = {}, {}, {}
    unchanged, doubtful = [], []
    for node in nodes:
        if node.layer == "raw":
            measures[node.name] = _reconciled(con, node)
            rows[node.name] = int(measures[node.name][0].found or 0)
            versions[node.name] = _raw_version(con, node.table)
        elif node.name not in force and _is_unchanged(node.name, held.get(node.name), versions, texts):
            versions[node.name] = held[node.name].version
            unchanged.append(node.name)
        else:
            doubtful.append(node.name)
    return Survey(texts, versions, rows, measures, held, unchanged, doubtful)


def _is_unchanged(
    name: str, held: Stored | None, versions: Mapping[str, str], inputs: Mapping[str, str]
) -> bool:
    if held is None or held.definition is None or held.definition.code != code.digest():
        return False
    parents = {parent: versions.get(parent) for parent in catalog.parents(name)}
    return held.definition.parents == parents and held.definition.inputs == inputs_of(name, inputs)


def inputs_of(name: str, inputs: Mapping[str, str]) -> dict[str, str]:
    """The external inputs a table is made from, landed tables apart, which raw ones stand for."""
    return {one: inputs[one] for one in catalog.inputs(name) if not one.startswith(LANDED)}


def _reconciled(con: duckdb.DuckDBPyConnection, node: catalog.TableNode) -> list[Measure]:
    measures = [Measure(LANDINGS, *told) for told in diary.reconcile(con, node.table)]
    if differing := [one for one in measures if one.expected != one.found]:
        raise failures.landings_broken(node, differing)
    return measures


def _raw_version(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The last landing that changed the table: nothing else can."""
    row = con.execute(
        "SELECT coalesce(max(landing_id), 0) FROM meta.landings WHERE table_name = ? AND stored > 0", [table]
    ).fetchone()
    return str(row[0] if row else 0)


def _text(value: object) -> str:
    return str(value) if isinstance(value, int | date) else fingerprint(value)


def _rows_text(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Of a table of the ledger, its rows in any order."""
    table = name.replace(LEDGER, "meta.", 1)
    return str(con.execute(f"SELECT count(*), bit_xor(hash(cell)) FROM {table} AS cell").fetchone())  # noqa: S608
