"""The runs a file remembers: what each was asked, what it did with each table, and what jumped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from baliza.errors import UnknownRecordError
from baliza.warehouse.published import reading_live

JUMP = 3
"""How many times what is usual, or what part of it, is a jump."""

LEAST_RUNS = 3
"""Past runs from which anything is usual."""

LEAST_SECONDS = 1.0
"""Shorter times vary by themselves."""


@dataclass(frozen=True)
class Jump:
    """A table that took much longer or shorter than usual, or has many more or fewer rows.

    Attributes:
        usual: the median of the runs before that built it: of its seconds, of those that built it the same
            way.
        runs: how many they are.
    """

    table: str
    measure: Literal["rows", "seconds"]
    value: float
    usual: float
    runs: int


@dataclass(frozen=True)
class Run:
    """A command that wrote to the file.

    Attributes:
        parameters: what it was asked for.
        seconds, exit_code: None while it runs, or when it was killed.
        tables: of a build, how many each decision was taken for.
    """

    run_id: int
    command: str
    version: str
    parameters: Mapping[str, Any]
    started_at: datetime
    seconds: float | None
    exit_code: int | None
    tables: Mapping[str, int]


@dataclass(frozen=True)
class RunTable:
    """What a run did with a table; members are those of meta.run_nodes."""

    name: str
    decision: str
    reason: str
    rows_in: int | None
    rows: int
    rejected: int
    keys: int | None
    seconds: float
    peak_memory: int | None
    fingerprint: str


@dataclass(frozen=True)
class RunDetails:
    """A run with its tables, in the order they were decided in, and what jumped."""

    run: Run
    tables: list[RunTable]
    jumps: list[Jump]


def listing(database: Path, *, limit: int | None = None) -> list[Run]:
    """The runs, the newest first.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    with reading_live(database) as opened:
        return _runs(opened.con, "true", limit)


def find(database: Path, run_id: int) -> RunDetails:
    """One run.

    Raises:
        UnknownRecordError: there is none of that number.
        DatabaseError: missing, locked, or not baliza's.
    """
    with reading_live(database) as opened:
        con = opened.con
        found = _runs(con, f"run_id = {run_id:d}", 1)
        if not found:
            raise _unknown(con, database, run_id)
        rows = con.execute(
            f"""
            SELECT name, decision, reason, rows_in, rows, rejected, keys, seconds, peak_memory, fingerprint
            FROM meta.run_nodes WHERE run_id = {run_id:d} ORDER BY rowid
            """  # noqa: S608 - a number
        ).fetchall()
        return RunDetails(found[0], [RunTable(*row) for row in rows], jumps(con, run_id))


def jumps(con: duckdb.DuckDBPyConnection, run_id: int) -> list[Jump]:
    """What a run built in another time, or to another size, than the runs before it."""
    rows = con.execute(
        f"""
        WITH built AS (
            SELECT run_id, name, decision, rows, seconds FROM meta.run_nodes
            WHERE decision IN ('rebuilt', 'incremental')
        ), now AS (SELECT * FROM built WHERE run_id = {run_id:d}),
        past AS (
            SELECT now.name,
                   median(past.rows) AS rows, count(*) AS row_runs,
                   median(past.seconds) FILTER (past.decision = now.decision) AS seconds,
                   count(*) FILTER (past.decision = now.decision) AS second_runs
            FROM now JOIN built AS past ON past.name = now.name AND past.run_id < now.run_id GROUP BY now.name
        )
        SELECT name, 'rows', now.rows, past.rows, row_runs FROM now JOIN past USING (name)
        WHERE row_runs >= {LEAST_RUNS} AND past.rows > 0
          AND (now.rows > {JUMP} * past.rows OR {JUMP} * now.rows < past.rows)
        UNION ALL
        SELECT name, 'seconds', now.seconds, past.seconds, second_runs FROM now JOIN past USING (name)
        WHERE second_runs >= {LEAST_RUNS} AND greatest(now.seconds, past.seconds) >= {LEAST_SECONDS}
          AND (now.seconds > {JUMP} * past.seconds OR {JUMP} * now.seconds < past.seconds)
        ORDER BY ALL
        """  # noqa: S608 - numbers
    ).fetchall()
    return [Jump(*row) for row in rows]


def _runs(con: duckdb.DuckDBPyConnection, which: str, limit: int | None) -> list[Run]:
    rows = con.execute(
        f"""
        SELECT run_id, command, version, parameters, started_at, seconds, exit_code
        FROM meta.runs WHERE {which} ORDER BY run_id DESC LIMIT {"ALL" if limit is None else limit}
        """  # noqa: S608 - written above
    ).fetchall()
    decided: dict[int, dict[str, int]] = {}
    for run_id, decision, count in con.execute(
        "SELECT run_id, decision, count(*) FROM meta.run_nodes GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        decided.setdefault(run_id, {})[decision] = count
    return [
        Run(
            run_id,
            command,
            version,
            json.loads(told),
            started_at,
            seconds,
            exit_code,
            decided.get(run_id, {}),
        )
        for run_id, command, version, told, started_at, seconds, exit_code in rows
    ]


def _unknown(con: duckdb.DuckDBPyConnection, database: Path, run_id: int) -> UnknownRecordError:
    last = con.execute("SELECT max(run_id) FROM meta.runs").fetchone()
    return UnknownRecordError(
        "The run {run_id} of {database} was asked for.",
        "The file remembers no run yet."
        if not last or last[0] is None
        else "Its runs are numbered up to {last}.",
        "See them: baliza runs --database {database}",
        run_id=run_id,
        database=database,
        last=last and last[0],
    )
