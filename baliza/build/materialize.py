"""The Hamilton adapter that turns table nodes into tables of the file, and skips what is up to date."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis
import ibis.expr.types as ir
from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.checks import (
    Measure,
    Violation,
    broken_gates,
    compare,
    count_failures,
    reconcile,
    violations,
)
from baliza.errors import (
    BalizaError,
    ContractBrokenError,
    DatabaseMissingError,
    DiskFullError,
    LandingsBrokenError,
    NodeFailedError,
)
from baliza.warehouse import diary
from baliza.warehouse.connection import explain, transaction
from dataflows.ledger import SCHEMAS

_LANDINGS = "what came is stored, a repeat, or in quarantine"
"""The gate that every raw table passes."""

Decision = Literal["skipped", "rebuilt"]


@dataclass(frozen=True)
class Built:
    """What became of one table in a build.

    Attributes:
        reason: why it was rebuilt, or skipped.
        warnings: rules of severity warning that do not hold.
    """

    name: str
    location: str
    decision: Decision
    reason: str
    rows: int
    seconds: float
    warnings: tuple[Violation, ...] = ()


class StoredTables(NodeExecutionMethod):
    """Read-only: a table node is the table stored in the file; nothing is computed."""

    def __init__(self, backend: Backend, database: Path) -> None:
        self._backend = backend
        self._database = database

    def run_to_execute_node(
        self, *, node_name: str, node_callable: Callable[..., Any], node_kwargs: dict[str, Any], **_: Any
    ) -> Any:
        """The stored table, or for any other node what its function returns.

        Raises:
            DatabaseMissingError: the table was never built in this file.
        """
        node = catalog.tables().get(node_name)
        if node is None:
            return node_callable(**node_kwargs)
        if node.table not in self._backend.list_tables(database=node.layer):
            raise DatabaseMissingError(
                "The table {table} of {database} was to be read.",
                "It was never built in this file.",
                "Build it: baliza build --target {node} --database {database}",
                table=node.location,
                database=self._database,
                node=node.name,
            )
        return self._backend.table(node.table, database=node.layer)


class Materializer(NodeExecutionMethod):
    """Builds: a table is written when its fingerprint changed, then checked, and only then committed.

    Attributes:
        built: what became of each table, in order.
    """

    def __init__(
        self, backend: Backend, database: Path, *, force: bool, on_table: Callable[[str], None]
    ) -> None:
        self.built: list[Built] = []
        self._backend = backend
        self._con: duckdb.DuckDBPyConnection = backend.con
        self._database = database
        self._force = force
        self._on_table = on_table
        self._tables: dict[str, ir.Table] = {}
        self._versions: dict[str, str] = {}

    def run_to_execute_node(
        self, *, node_name: str, node_callable: Callable[..., Any], node_kwargs: dict[str, Any], **_: Any
    ) -> Any:
        """The relation of a raw node, the stored table of a stage or mart node, anything else as it is."""
        value = node_callable(**node_kwargs)
        node = catalog.tables().get(node_name)
        if node is None:
            return value
        if node.layer == "raw":
            self._versions[node.name] = self._raw_version(node)
            self._reconcile_landings(node)
            self._tables[node.name] = value
        else:
            self._tables[node.name] = self._store(node, value)
        return self._tables[node.name]

    def _raw_version(self, node: TableNode) -> str:
        """The last landing that changed the table: nothing else can."""
        row = self._con.execute(
            "SELECT coalesce(max(landing_id), 0) FROM meta.landings WHERE table_name = ? AND stored > 0",
            [node.table],
        ).fetchone()
        return str(row[0] if row else 0)

    def _reconcile_landings(self, node: TableNode) -> None:
        """Every record that came is stored, a repeat or in quarantine, and what was stored is still there."""
        measures = [Measure(_LANDINGS, *told) for told in diary.reconcile(self._con, node.table)]
        self._keep_measures(node, measures)
        differing = [one for one in measures if one.expected != one.found]
        if differing:
            told = "; ".join(f"{one.name}: {one.expected} expected, {one.found} found" for one in differing)
            raise LandingsBrokenError(
                "The records of {table} were to be read.",
                "They are not those that landed: {told}. Something other than baliza changed the file.",
                "Take a copy of the file from before that, or harvest anew into another with --database.",
                table=node.location,
                told=told,
            )

    def _ledger_version(self, name: str) -> str:
        """The rows of a table of the ledger, in any order."""
        table = name.replace("meta_", "meta.", 1)
        row = self._con.execute(f"SELECT count(*), bit_xor(hash(cell)) FROM {table} AS cell").fetchone()  # noqa: S608
        return str(row)

    def _store(self, node: TableNode, expression: ir.Table) -> ir.Table:
        self._on_table(node.name)
        started = time.monotonic()
        fingerprint = self._fingerprint(node, expression)
        self._versions[node.name] = fingerprint
        stored = self._con.execute(
            "SELECT fingerprint, rows FROM meta.tables WHERE name = ?", [node.name]
        ).fetchone()
        exists = node.table in self._backend.list_tables(database=node.layer)
        if stored and exists and stored[0] == fingerprint and not self._force:
            self._note(node, "skipped", "unchanged", stored[1], started)
        else:
            reason = "forced" if self._force else "missing" if not (stored and exists) else "changed"
            self._rebuild(node, expression, fingerprint, reason, started)
        return self._backend.table(node.table, database=node.layer)

    def _fingerprint(self, node: TableNode, expression: ir.Table) -> str:
        """What the table depends on: its SQL, the SQL of its checks, its types, the versions of its parents.

        Compiled SQL sees an edit in any helper, a changed parameter, a changed label; it ignores comments.
        """
        future = ibis.table(node.contract.schema(), name=node.table, database=node.layer)
        tables = {**self._tables, node.name: future}
        parts = [
            self._backend.compile(expression),
            str(node.contract.schema()),
            self._backend.compile(count_failures(future, node.contract)),
            *(self._backend.compile(compare(gate, tables)) for gate in node.contract.gates),
            *(f"{parent}={self._versions[parent]}" for parent in catalog.parents(node.name)),
            *(
                f"{name}={self._ledger_version(name)}"
                for name in catalog.inputs(node.name)
                if name in SCHEMAS
            ),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _rebuild(
        self, node: TableNode, expression: ir.Table, fingerprint: str, reason: str, started: float
    ) -> None:
        sql = self._backend.compile(expression)
        try:
            with transaction(self._con):
                self._con.execute(f'CREATE OR REPLACE TABLE {node.layer}."{node.table}" AS {sql}')
                table = self._backend.table(node.table, database=node.layer)
                found, measures = self._check(node, table)
                errors = [violation for violation in found if violation.severity == "error"]
                if errors:
                    raise self._contract_broken(node, errors)
                rows = self._count(node)
                self._con.execute(
                    "INSERT OR REPLACE INTO meta.tables VALUES (?, ?, ?, ?, ?)",
                    [node.name, fingerprint, rows, time.monotonic() - started, _now()],
                )
        except ContractBrokenError as error:
            self._keep_violations(node, error.violations)
            raise
        except duckdb.Error as error:
            raise self._node_failed(node, sql, error) from error
        self._keep_violations(node, found)
        self._keep_measures(node, measures)
        self._note(node, "rebuilt", reason, rows, started, tuple(found))

    def _check(self, node: TableNode, table: ir.Table) -> tuple[list[Violation], list[Measure]]:
        """What the table breaks of its contract, and how it reconciles with those it is made from."""
        tables = {**self._tables, node.name: table}
        found = violations(self._backend, table, node.contract)
        measures = [
            measure for gate in node.contract.gates for measure in reconcile(self._backend, gate, tables)
        ]
        return found + broken_gates(measures), measures

    def _count(self, node: TableNode) -> int:
        row = self._con.execute(f'SELECT count(*) FROM {node.layer}."{node.table}"').fetchone()  # noqa: S608
        return row[0] if row else 0

    def _note(
        self,
        node: TableNode,
        decision: Decision,
        reason: str,
        rows: int,
        started: float,
        warnings: tuple[Violation, ...] = (),
    ) -> None:
        seconds = round(time.monotonic() - started, 3)
        self.built.append(Built(node.name, node.location, decision, reason, rows, seconds, warnings))

    def _keep_violations(self, node: TableNode, found: list[Violation]) -> None:
        """Replace what meta.violations holds of this table: a bounded sample, rolled back or not."""
        with transaction(self._con):
            self._con.execute("DELETE FROM meta.violations WHERE table_name = ?", [node.name])
            for violation in found:
                for key in violation.sample or [None]:
                    self._con.execute(
                        "INSERT INTO meta.violations VALUES (?, ?, ?, ?, ?, ?)",
                        [node.name, violation.rule, violation.severity, violation.failing, key, _now()],
                    )

    def _keep_measures(self, node: TableNode, measures: Sequence[Measure]) -> None:
        """Replace what meta.reconciliations says of this table."""
        with transaction(self._con):
            self._con.execute("DELETE FROM meta.reconciliations WHERE table_name = ?", [node.name])
            for one in measures:
                self._con.execute(
                    "INSERT INTO meta.reconciliations VALUES (?, ?, ?, ?, ?, ?)",
                    [node.name, one.gate, one.name, one.expected, one.found, _now()],
                )

    def _contract_broken(self, node: TableNode, errors: list[Violation]) -> ContractBrokenError:
        told = "; ".join(
            f"{violation.rule}: {violation.failing} failing"
            + (f", for example {violation.sample[0]}" if violation.sample else "")
            for violation in errors
        )
        return ContractBrokenError(
            "The table {table} was to be built ({place}).",
            "It breaks its contract: {told}. It was rolled back; the last good table stands.",
            "See the rows: SELECT * FROM meta.violations WHERE table_name = '{node}', in {database}",
            violations=errors,
            table=node.location,
            place=_place(node),
            told=told,
            node=node.name,
            database=self._database,
        )

    def _node_failed(self, node: TableNode, sql: str, error: duckdb.Error) -> BalizaError:
        meant = explain(error, self._database)
        if isinstance(meant, DiskFullError):
            return meant
        return NodeFailedError(
            "The table {table} was to be built ({place}).",
            "DuckDB refused its SQL: {error}. The last good table stands.",
            "The SQL was:\n{sql}",
            table=node.location,
            place=_place(node),
            error=error,
            sql=sql,
        )


def _place(node: TableNode) -> str:
    """File and line of a node's function."""
    return f"{inspect.getsourcefile(node.function)}:{inspect.getsourcelines(node.function)[1]}"


def ledger_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """The external inputs `meta_<table>`: what the harvest says of itself."""
    return {
        name: backend.table(table, database="meta").select(*SCHEMAS[name])
        for name in SCHEMAS
        if (table := name.removeprefix("meta_")) in backend.list_tables(database="meta")
    }


def landed_inputs(backend: Backend) -> Mapping[str, ir.Table]:
    """The external inputs `landed_<table>`: what the harvest wrote."""
    return {
        f"landed_{node.table}": backend.table(node.table, database="raw")
        for node in catalog.tables().values()
        if node.layer == "raw" and node.table in backend.list_tables(database="raw")
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
