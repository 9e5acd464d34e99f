"""Exporting tables: which, from where, and what the ledger knows of the days they rest on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from baliza import __version__
from baliza.build import column_values, failures, footing, inventory, selection
from baliza.build.catalog import TableNode
from baliza.publish import condition, wanted_rows
from baliza.publish.export import writing
from baliza.publish.export.folder import leftovers
from baliza.publish.export.table import Choice, Covered, Dialect, Format, Table, Written
from baliza.publish.export.writing import Told
from baliza.settings import Resources, Settings
from baliza.warehouse import schema
from baliza.warehouse.published import reading_published
from baliza.warehouse.snapshots import Snapshot

MEMORY = "450MB"
"""For DuckDB, unless told: with what it takes beyond its own limit, the command stays within 1 GB."""

_MOST_SLICES = 50
"""Of an endpoint, told one by one; more are added up."""


@dataclass(frozen=True)
class ExportRequest:
    """What is to be exported.

    Attributes:
        targets: tables, as `--target` of a build takes them.
        output: the folder.
        values: columns that each of the tables has, and what they must be; of one that is named more than
            once, any of its values.
        where: a condition of SQL that rows must meet; empty for all.
        options: names that may have been meant by a column that is none.
        personal_data: leave CPFs as PNCP publishes them.
        force: replace the export that the folder holds.
    """

    targets: tuple[str, ...]
    output: Path
    format: Format
    dialect: Dialect
    values: Sequence[tuple[str, str]] = ()
    where: str = ""
    options: Sequence[str] = ()
    personal_data: bool = False
    force: bool = False


@dataclass(frozen=True)
class ExportReport:
    """What was exported.

    Attributes:
        left_out: tables that a pattern means and the file does not hold.
        leftovers: folders of exports that were killed, or are under way.
        snapshot: that was read; None where it was the file itself.
    """

    database: Path
    output: Path
    choice: Choice
    written: list[Written]
    left_out: list[str]
    leftovers: list[Path]
    snapshot: Snapshot | None
    seconds: float


def export(request: ExportRequest, settings: Settings, told: Told) -> ExportReport:
    """Export tables of a file.

    Raises:
        UsageError: no such table, a condition that is none, a folder that holds something.
        DatabaseError: missing, locked, not baliza's, or a table was never built in it, or by another baliza.
        ExportError: the folder cannot be written.
    """
    started = time.monotonic()
    database = settings.database.value
    params = {name: one.value for name, one in settings.params.items()}
    nodes = selection.select(request.targets, database, params)
    with reading_published(database, resources=_resources(settings)) as opened:
        con = opened.con
        present, left_out = _present(con, database, nodes, request.targets)
        typed = condition.parse(request.where, present) if request.where else ""
        values = [column_values.parse(node, request.values, also=request.options) for node in present]
        tables = [_table(con, node, wanted, typed) for node, wanted in zip(present, values, strict=True)]
        choice = Choice(
            format=request.format,
            version=__version__,
            source=schema.read_fact(con, "source"),
            masks=not request.personal_data,
            dialect=request.dialect,
        )
        written = writing.write(
            con,
            tables,
            choice,
            request.output,
            force=request.force,
            told=told,
            spills=settings.temp_directory.value is None,
        )
    return ExportReport(
        database=database,
        output=request.output,
        choice=choice,
        written=written,
        left_out=left_out,
        leftovers=leftovers(request.output),
        snapshot=opened.snapshot,
        seconds=round(time.monotonic() - started, 3),
    )


def _resources(settings: Settings) -> Resources:
    chosen = settings.resources
    return replace(chosen, memory_limit=chosen.memory_limit or MEMORY)


def _present(
    con: duckdb.DuckDBPyConnection, database: Path, nodes: Sequence[TableNode], targets: Sequence[str]
) -> tuple[list[TableNode], list[str]]:
    """The tables the file holds, and those that only a pattern asked for and it does not.

    Raises:
        DatabaseMissingError: a table was asked for by its name and was never built, or none of a pattern was.
        OlderTableError: a table was built by another baliza, with other columns.
    """
    held: dict[str, set[str]] = {}
    for location, column in con.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database()"
    ).fetchall():
        held.setdefault(location, set()).add(column)
    named = {target.strip().replace(".", "_", 1) for target in targets}
    missing = [node for node in nodes if node.location not in held]
    for node in missing:
        if node.name in named or len(missing) == len(nodes):
            raise failures.never_built(node, database)
    present = [node for node in nodes if node.location in held]
    for node in present:
        _check_columns(node, held[node.location], database)
    return present, [node.location for node in missing]


def _check_columns(node: TableNode, held: set[str], database: Path) -> None:
    lacking = [name for name in node.contract.columns if name not in held]
    if lacking:
        raise failures.built_by_another(node, lacking[0], database)


def _table(con: duckdb.DuckDBPyConnection, node: TableNode, wanted: Mapping[str, Any], typed: str) -> Table:
    endpoints = [endpoint.id for endpoint in footing.behind(node.name)]
    facts: Any = con.execute(
        """
        SELECT (SELECT built_at FROM meta.tables WHERE name = $name),
               (SELECT max(updated_at) FROM meta.coverage
                WHERE list_contains($endpoints::VARCHAR[], endpoint) AND status IN ('complete', 'empty'))
        """,
        {"name": node.name, "endpoints": endpoints},
    ).fetchone()
    covered = [_covered(one) for one in inventory.coverage(con) if one.endpoint in endpoints]
    return Table(
        name=node.name,
        contract=node.contract,
        built_at=facts[0],
        coverage=[
            one
            for _, slices in groupby(covered, key=lambda one: one.endpoint)
            for one in _bounded(list(slices))
        ],
        proven_at=facts[1],
        condition=condition.all_of((wanted_rows.condition(node, wanted), typed)),
        nothing=wanted_rows.none_found(con, node, wanted),
    )


def _covered(state: inventory.CoverageState) -> Covered:
    return Covered(
        endpoint=state.endpoint,
        slice=state.slice,
        slices=state.slices,
        since=state.since,
        until=state.until,
        cells=state.cells,
        expected=state.expected,
        landed=state.landed,
    )


def _bounded(slices: list[Covered]) -> list[Covered]:
    """The slices of one endpoint; many of them as one."""
    if len(slices) <= _MOST_SLICES:
        return slices
    return [
        Covered(
            endpoint=slices[0].endpoint,
            slice=None,
            slices=sum(one.slices for one in slices),
            since=min(one.since for one in slices),
            until=max(one.until for one in slices),
            cells=dict(sum((Counter(one.cells) for one in slices), Counter())),
            expected=sum(one.expected for one in slices),
            landed=sum(one.landed for one in slices),
        )
    ]
