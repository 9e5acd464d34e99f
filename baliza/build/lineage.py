"""The way a table came: the tables it is made from, the functions that make them, and the run that did."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

import dataflows
from baliza.build import catalog, stored

_ROOT = Path(dataflows.__file__).parents[1]


@dataclass(frozen=True)
class Function:
    """A function of the dataflow that has a part in a table."""

    name: str
    place: str


@dataclass(frozen=True)
class Run:
    """The command that built a table."""

    run_id: int
    command: str
    version: str
    started_at: datetime


@dataclass(frozen=True)
class Step:
    """One table on the way.

    Attributes:
        name: of the node.
        functions: the table's own first, then those it calls for as nodes of their own.
        seconds: its last build took; None for raw tables.
        built_at: UTC; of a raw table, when it was last landed into. None where it is not built.
        run: that built it; None for raw tables, and where the file does not say.
        is_behind: made of other versions of its parents than the file now holds.
    """

    name: str
    table: str
    summary: str
    functions: list[Function]
    rows: int | None
    seconds: float | None
    built_at: datetime | None
    run: Run | None
    is_behind: bool


def way(con: duckdb.DuckDBPyConnection, *names: str) -> list[Step]:
    """From what was landed to these tables, each after those it is made from."""
    held = stored.read(con)
    times = dict(con.execute("SELECT name, built_at FROM meta.tables").fetchall())
    landed = dict(
        con.execute(
            "SELECT table_name, max(landed_at) FROM meta.landings WHERE stored > 0 GROUP BY 1"
        ).fetchall()
    )
    builders = _runs(con)
    steps = []
    for node in catalog.in_order(names):
        is_raw = node.layer == "raw"
        one = held.get(node.name)
        built_at = landed.get(node.table) if is_raw else times.get(node.name) if one else None
        steps.append(
            Step(
                name=node.name,
                table=node.location,
                summary=node.summary,
                functions=_functions(node.name),
                rows=_landed_rows(con, node.table) if is_raw else one and one.rows,
                seconds=one and one.seconds,
                built_at=built_at,
                run=builders.get((node.name, one.version)) if one else None,
                is_behind=_is_behind(node.name, held, landed, built_at),
            )
        )
    return steps


def _is_behind(
    name: str,
    held: dict[str, stored.Stored],
    landed: dict[str, datetime],
    built_at: datetime | None,
) -> bool:
    one = held.get(name)
    if one is None or one.definition is None or built_at is None:
        return False
    for parent in catalog.parents(name):
        node = catalog.tables()[parent]
        if node.layer == "raw":
            newest = landed.get(node.table)
            if newest is not None and newest > built_at:
                return True
        elif parent in held and held[parent].version != one.definition.parents.get(parent):
            return True
    return False


def _functions(name: str) -> list[Function]:
    """Those that make a table from other tables."""
    return [Function(one, _place(one)) for one in catalog.functions_of(name)]


def _place(name: str) -> str:
    """File and line, as the repository has them."""
    function = catalog.function_of(name)
    file = Path(inspect.getsourcefile(function) or "").relative_to(_ROOT)
    return f"{file.as_posix()}:{inspect.getsourcelines(function)[1]}"


def _landed_rows(con: duckdb.DuckDBPyConnection, table: str) -> int | None:
    there = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name = 'raw' AND table_name = ?",
        [table],
    ).fetchone()
    row = there and con.execute(f'SELECT count(*) FROM raw."{table}"').fetchone()  # noqa: S608 - a known table
    return row[0] if row else None


def _runs(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Run]:
    """The last run that made each version of each table."""
    rows = con.execute(
        """
        SELECT name, fingerprint, run_id, command, version, started_at
        FROM meta.run_nodes JOIN meta.runs USING (run_id)
        WHERE decision IN ('rebuilt', 'incremental') ORDER BY run_id
        """
    ).fetchall()
    return {(name, fingerprint): Run(*run) for name, fingerprint, *run in rows}
