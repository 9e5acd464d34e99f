"""Putting tables back as they were before their last build, from the snapshots of their file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from baliza.build import catalog, failures, selection, stored
from baliza.build.catalog import TableNode
from baliza.build.checks import violations
from baliza.build.engine import Engine
from baliza.build.session import DONE, writing
from baliza.errors import NothingToRollBackError, UnknownTargetError
from baliza.settings import Settings
from baliza.warehouse import snapshots
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.packing import create_table
from baliza.warehouse.snapshots import Snapshot

_TOLD_BY_NAME = {"tables": "name", "reconciliations": "table_name", "violations": "table_name"}
"""What meta keeps of each table, and the column that names it."""


@dataclass(frozen=True)
class PutBack:
    """A table as it was.

    Attributes:
        rows_before: that it had until now; None where it was not there.
        built_at: UTC, when what it is now was built.
    """

    location: str
    snapshot: Snapshot
    rows_before: int | None
    rows: int
    built_at: datetime


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did.

    Attributes:
        dependents: tables of the file that are made from these, and are not of them any more.
    """

    database: Path
    tables: list[PutBack]
    dependents: list[str]
    seconds: float


def rollback(database: Path, targets: Sequence[str], settings: Settings | None = None) -> RolledBack:
    """Put tables back as they were in the newest snapshot that has another version of them than the file.

    All of them in one transaction. Each is checked against its contract, as a table that is built.

    Args:
        database: the file.
        targets: tables of stage and mart, as `baliza.build.selection` reads them.
        settings: what the command runs with.

    Raises:
        UnknownTargetError: no such table, or one that is filled by the harvest.
        NothingToRollBackError: no snapshot has another version; says what they have.
        ContractBrokenError: what it was does not fit its contract of today.
        DatabaseError: the file cannot be written.
    """
    nodes = selection.select(targets, database, {})
    if raw := next((node for node in nodes if node.layer == "raw"), None):
        raise UnknownTargetError(
            "The table {table} was to be rolled back.",
            "It holds what PNCP answered, version by version: evidence, which is only ever added to.",
            "Roll back tables of stage and mart; baliza changes KEY shows the versions of a record.",
            table=raw.location,
        )
    told = {"tables": [node.name for node in nodes]}
    with writing(database, "rollback", told, create=False, source=None, settings=settings) as session:
        con = session.con
        held = stored.read(con)
        versions = {name: one.version for name, one in held.items()}
        with explained(database):
            kept = _attached(con, database)
            chosen = [(node, *_before(con, node, kept, versions.get(node.name), database)) for node in nodes]
            with transaction(con):
                done = [_put_back(con, node, snapshot, alias, held) for node, snapshot, alias in chosen]
            for alias in kept:
                con.execute(f"DETACH {alias}")
        names = {node.name for node in nodes}
        session.exit_code = DONE
        return RolledBack(
            database=database,
            tables=done,
            dependents=[
                catalog.tables()[name].location
                for name in held
                if name in catalog.tables() and name not in names and names & catalog.ancestors(name)
            ],
            seconds=session.seconds,
        )


def _attached(con: duckdb.DuckDBPyConnection, database: Path) -> dict[str, Snapshot]:
    """The snapshots of this very file, the newest first, attached to be read: by the name they have there.

    A file that was deleted and begun anew has those of the one before it beside it for a while.
    """
    found: dict[str, Snapshot] = {}
    first = "SELECT min(started_at) FROM {}meta.runs"
    own = con.execute(first.format("")).fetchone()
    for n, snapshot in enumerate(snapshots.listing(database)):
        alias = f"snapshot_{n}"
        path = str(snapshot.path).replace("'", "''")
        con.execute(f"ATTACH '{path}' AS {alias} (READ_ONLY)")
        if con.execute(first.format(f"{alias}.")).fetchone() == own:
            found[alias] = snapshot
        else:
            con.execute(f"DETACH {alias}")
    return found


def _before(
    con: duckdb.DuckDBPyConnection,
    node: TableNode,
    kept: dict[str, Snapshot],
    now: str | None,
    database: Path,
) -> tuple[Snapshot, str]:
    """The newest snapshot with another version of a table."""
    there: list[str] = []
    for alias, snapshot in kept.items():
        row = con.execute(
            f"SELECT fingerprint, built_at FROM {alias}.meta.tables WHERE name = ?",  # noqa: S608 - our own name
            [node.name],
        ).fetchone()
        if row is None:
            there.append(f"run {snapshot.run_id}: -")
        elif row[0] != now:
            return snapshot, alias
        else:
            there.append(f"run {snapshot.run_id}: {row[1]:%Y-%m-%d %H:%M:%S}")
    raise NothingToRollBackError(
        "The table {table} of {database} was to be rolled back.",
        "No snapshot has it otherwise than it is; they have it as built at (UTC): {there}."
        if there
        else "The file has no snapshots.",
        "Keep more of them with the setting snapshots (BALIZA_SNAPSHOTS), or build it anew: "
        "baliza build --force --target {node}",
        table=node.location,
        database=database,
        there="; ".join(there),
        node=node.name,
    )


def _put_back(
    con: duckdb.DuckDBPyConnection,
    node: TableNode,
    snapshot: Snapshot,
    alias: str,
    held: dict[str, stored.Stored],
) -> PutBack:
    """Copy a table and what meta keeps of it. The caller holds the transaction."""
    table = f'{node.layer}."{node.table}"'
    create_table(con, table, f"FROM {alias}.{table}", node.contract.long_texts())
    for table, column in _TOLD_BY_NAME.items():
        con.execute(f"DELETE FROM meta.{table} WHERE {column} = ?", [node.name])  # noqa: S608 - our own names
        con.execute(
            f"INSERT INTO meta.{table} BY NAME FROM {alias}.meta.{table} WHERE {column} = ?",
            [node.name],
        )
    con.execute(f"INSERT OR IGNORE INTO meta.code FROM {alias}.meta.code")
    backend = Engine.from_connection(con)
    found = violations(backend, backend.table(node.table, database=node.layer), node.contract)
    if errors := [one for one in found if one.severity == "error"]:
        raise failures.old_table_unfit(node, errors, snapshot.run_id)
    ((rows, built_at),) = con.execute(
        "SELECT rows, built_at FROM meta.tables WHERE name = ?", [node.name]
    ).fetchall()
    before = held.get(node.name)
    return PutBack(node.location, snapshot, before.rows if before else None, rows, built_at)
