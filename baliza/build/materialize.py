"""The Hamilton adapter that turns table nodes into tables of the file, and builds what is stale alone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.operations as ops
import ibis.expr.types as ir
from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza.build import catalog, code, failures, increment, stored
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
from baliza.build.decide import Cause, causes
from baliza.build.journal import Built, Journal, now
from baliza.build.stored import Definition
from baliza.build.survey import Survey, inputs_of, survey
from baliza.errors import BalizaError, ContractBrokenError, DiskFullError
from baliza.warehouse.connection import transaction
from baliza.warehouse.profile import profiled


class Failed:
    """What stands in the place of a node that could not be made; `name` is the node that failed first."""

    def __init__(self, name: str, error: BalizaError) -> None:
        self.name = name
        self.error = error


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
            raise failures.never_built(node, self._database)
        return self._backend.table(node.table, database=node.layer)


@dataclass(frozen=True)
class How:
    """The way a build is done.

    Attributes:
        force: tables to build though they are up to date, by node name.
        full: build no table by its changed keys.
        dry: decide, and build nothing.
    """

    force: Collection[str] = ()
    full: bool = False
    dry: bool = False


CAREFUL = How()
"""Only what is stale, for as few keys as will do."""


class Materializer(NodeExecutionMethod):
    """Builds: a table is written when it is stale, for as few keys as will do, checked, and then committed.

    A node that fails takes with it what is made from it and nothing else.

    Args:
        backend: the Ibis connection to the file.
        database: its path.
        journal: the diary of the run.
        how: it is done.
        on_table: told of each table before it is looked at.

    Attributes:
        built: what became of each table, in order.
        definitions: what makes each table that was looked at closely.
        rows: of each table that was looked at, raw ones included.
    """

    def __init__(
        self,
        backend: Backend,
        database: Path,
        journal: Journal,
        *,
        how: How,
        on_table: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self.built: list[Built] = []
        self.definitions: dict[str, Definition] = {}
        self.rows: dict[str, int] = {}
        self._failed: list[Failed] = []
        self._backend = backend
        self._con: duckdb.DuckDBPyConnection = backend.con
        self._database = database
        self._journal = journal
        self._how = how
        self._on_table = on_table
        self._known: dict[str, Any] = {}
        self._survey = Survey()
        self._versions: dict[str, str] = {}

    def look(self, final_vars: Sequence[Any], inputs: Mapping[str, Any]) -> dict[str, ir.Table]:
        """Survey the file for what is asked for; the tables that need no look at their code, as overrides.

        Raises:
            LandingsBrokenError: a raw table does not hold what landed.
        """
        names = [getattr(var, "name", var) for var in final_vars]
        self._survey = survey(self._con, names, inputs, force=self._how.force)
        self._versions, self.rows = dict(self._survey.versions), dict(self._survey.rows)
        self.built, self.definitions, self._failed, self._known = [], {}, [], {}
        if not self._how.dry:
            for name, measures in self._survey.measures.items():
                self._journal.keep_measures(name, measures)
        for name in self._survey.unchanged:
            self._skip(catalog.tables()[name], self._versions[name], seconds=0)
        return {name: self._reference(catalog.tables()[name]) for name in self._survey.unchanged}

    def error(self) -> BalizaError | None:
        """What is to be told of the nodes that failed; None where none did."""
        if len(self._failed) > 1:
            return failures.several_failed({failed.name: failed.error for failed in self._failed})
        return self._failed[0].error if self._failed else None

    def run_to_execute_node(
        self, *, node_name: str, node_callable: Callable[..., Any], node_kwargs: dict[str, Any], **_: Any
    ) -> Any:
        """The relation of a raw node, the stored table of a stage or mart node, anything else as it is."""
        node = catalog.tables().get(node_name)
        broken = next((value for value in node_kwargs.values() if isinstance(value, Failed)), None)
        if broken is not None:
            return broken if node is None else self._leave_out(node, broken)
        self._known |= node_kwargs
        try:
            value = node_callable(**node_kwargs)
        except Exception as error:  # noqa: BLE001 - whatever a function raises, the others go on
            return self._fail(node_name, failures.function_failed(node_name, node_callable, error))
        if node is None or node.layer == "raw":
            return value
        try:
            return self._bring_up_to_date(node, value)
        except DiskFullError:
            raise
        except BalizaError as error:
            return self._fail(node_name, error)

    def _bring_up_to_date(self, node: TableNode, expression: ir.Table) -> ir.Table:
        self._on_table(node.name)
        started = time.monotonic()
        held = self._survey.stored.get(node.name)
        before = held.definition if held else None
        definition = self._define(node, expression)
        known = stored.definitions_of(self._con, before.code) if before else {}
        why = causes(held, definition, module=node.module, known=known, forced=node.name in self._how.force)
        self._versions[node.name] = definition.version
        self.definitions[node.name] = definition
        if not why:
            if not self._how.dry:
                stored.redefine(self._con, node.name, definition)
            self._skip(node, definition.version, seconds=_since(started))
            return self._reference(node)
        keys = None if self._how.full else increment.find(self._con, node, held, definition, why)
        built = Built(
            name=node.name,
            location=node.location,
            decision="rebuilt" if keys is None else "incremental",
            causes=tuple(why),
            rows=held.rows if held else 0,
            rows_in=sum(self.rows[parent] for parent in catalog.parents(node.name)),
            keys=keys,
            version=definition.version,
        )
        if not self._how.dry:
            built = self._build(node, expression, definition, built, started)
        self._note(built)
        return self._reference(node)

    def _build(
        self, node: TableNode, expression: ir.Table, definition: Definition, built: Built, started: float
    ) -> Built:
        """Write a table, or the rows of its changed keys; check it; commit.

        Raises:
            ContractBrokenError, NodeFailedError, DiskFullError: it was rolled back.
        """
        sql = definition.sql
        try:
            with profiled(self._con) as most_memory, transaction(self._con):
                if built.keys is None:
                    self._con.execute(f'CREATE OR REPLACE TABLE {node.layer}."{node.table}" AS {sql}')
                else:
                    sql = increment.sql(self._backend, node, expression)
                    increment.replace_rows(self._con, node, sql)
                memory = most_memory()
                found, measures = self._check(node)
                errors = [violation for violation in found if violation.severity == "error"]
                if errors:
                    raise failures.contract_broken(node, errors, self._database)
                built = replace(
                    built,
                    rows=self._count(node),
                    seconds=_since(started),
                    warnings=tuple(found),
                    peak_memory=memory,
                )
                stored.write(
                    self._con, node.name, definition, rows=built.rows, seconds=built.seconds, built_at=now()
                )
        except ContractBrokenError as error:
            self._journal.keep_violations(node.name, error.violations)
            raise
        except duckdb.Error as error:
            raise failures.sql_failed(node, sql, error, self._database) from error
        self._journal.keep_violations(node.name, found)
        self._journal.keep_measures(node.name, measures)
        return built

    def _define(self, node: TableNode, expression: ir.Table) -> Definition:
        """What the table is made by: its SQL, the SQL of its checks, its types, the versions of its parents.

        Compiled SQL sees an edit in any helper, a changed parameter, a changed label; it ignores comments.
        """
        checks = [
            str(node.contract.schema()),
            self._backend.compile(count_failures(self._reference(node), node.contract)),
            *(self._backend.compile(compare(gate, self._gated(node))) for gate in node.contract.gates),
        ]
        parents = catalog.parents(node.name)
        return Definition(
            sql=self._backend.compile(expression),
            checks=hashlib.sha256("\0".join(checks).encode()).hexdigest(),
            inputs=inputs_of(node.name, self._survey.inputs),
            parents={name: self._versions[name] for name in parents},
            rows={name: self.rows[name] for name in parents if name in self._survey.rows},
            code=code.digest(),
        )

    def _check(self, node: TableNode) -> tuple[list[Violation], list[Measure]]:
        """What the table breaks of its contract, and how it reconciles with those it is made from."""
        found = violations(self._backend, self._backend.table(node.table, database=node.layer), node.contract)
        gated = self._gated(node)
        measures = [
            measure for gate in node.contract.gates for measure in reconcile(self._backend, gate, gated)
        ]
        return found + broken_gates(measures), measures

    def _gated(self, node: TableNode) -> dict[str, Any]:
        """What the gates of a table may read by name: inputs, the table itself and those it is made from."""
        return self._known | {one.name: self._reference(one) for one in catalog.in_order([node.name])}

    def _reference(self, node: TableNode) -> ir.Table:
        """The stored table with the types of its contract, whether it is there already or will be."""
        return ops.DatabaseTable(
            name=node.table,
            schema=node.contract.schema(),
            source=self._backend,
            namespace=ops.Namespace(database=node.layer),
        ).to_expr()

    def _count(self, node: TableNode) -> int:
        row = self._con.execute(f'SELECT count(*) FROM {node.layer}."{node.table}"').fetchone()  # noqa: S608
        return row[0] if row else 0

    def _skip(self, node: TableNode, version: str, *, seconds: float) -> None:
        rows = self._survey.stored[node.name].rows
        self._note(Built(node.name, node.location, "skipped", (), rows, seconds=seconds, version=version))

    def _fail(self, name: str, error: BalizaError) -> Failed:
        """A node that could not be made; of a table, the last good one stands."""
        failed = Failed(name, error)
        self._failed.append(failed)
        node = catalog.tables().get(name)
        if node is not None:
            self._note(self._not_built(node, Cause("failed", type(error).__name__)))
        return failed

    def _leave_out(self, node: TableNode, broken: Failed) -> Failed:
        self._note(self._not_built(node, Cause("failed", broken.name)))
        return broken

    def _not_built(self, node: TableNode, cause: Cause) -> Built:
        held = self._survey.stored.get(node.name)
        return Built(node.name, node.location, "failed", (cause,), held.rows if held else 0)

    def _note(self, built: Built) -> None:
        self.rows[built.name] = built.rows
        self.built.append(built)
        if not self._how.dry:
            self._journal.note(built)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
