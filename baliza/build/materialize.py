"""The Hamilton adapter that turns table nodes into tables of the file, and builds what is stale alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza.build import catalog, failures, increment, stored, unchanged
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause, causes
from baliza.build.how import How
from baliza.build.journal import Built, Journal
from baliza.build.relations import Relations
from baliza.build.renewal import Renewal
from baliza.build.stored import Definition
from baliza.build.survey import Survey, inputs_of, survey
from baliza.build.writing import Stopwatch, Writer
from baliza.errors import BalizaError, DiskFullError


class Failed:
    """What stands in the place of a node that could not be made; `name` is the node that failed first."""

    def __init__(self, name: str, error: BalizaError) -> None:
        self.name = name
        self.error = error


class Materializer(NodeExecutionMethod):
    """Builds: a table is written when it is stale, for as few keys as will do, checked, and then committed.

    A node that fails takes with it what is made from it and nothing else.

    Args:
        backend: the Ibis connection to the file.
        database: its path.
        journal: the diary of the run.
        how: it is done.
        surveyed: what the file was found to hold just before, by the same inputs; otherwise it is surveyed.
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
        surveyed: Survey | None = None,
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
        self._relations = Relations(backend)
        self._writer = Writer(backend, database, journal, self._relations)
        self._renewed: dict[str, str] = {}
        self._surveyed = surveyed
        self._survey = Survey()
        self._versions: dict[str, str] = {}

    def look(self, final_vars: Sequence[Any], inputs: Mapping[str, Any]) -> dict[str, ir.Table]:
        """Survey the file for what is asked for; the tables that need no look at their code, as overrides.

        Raises:
            LandingsBrokenError: a raw table does not hold what landed.
        """
        names = [getattr(var, "name", var) for var in final_vars]
        self._survey = self._surveyed or survey(self._con, names, inputs, force=self._how.force)
        self._surveyed = None
        self._versions, self.rows = dict(self._survey.versions), dict(self._survey.rows)
        self.definitions, self._failed, self._renewed = {}, [], {}
        self._relations.known.clear()
        self.built = unchanged.skip(self._survey, None if self._how.dry else self._journal)
        self.rows |= {built.name: built.rows for built in self.built}
        return {name: self._relations.of(catalog.tables()[name]) for name in self._survey.unchanged}

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
        self._relations.known |= node_kwargs
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
        watch = Stopwatch()
        held = self._survey.stored.get(node.name)
        before = held.definition if held else None
        parents = catalog.parents(node.name)
        definition = self._relations.definition(
            node,
            expression,
            inputs=inputs_of(node.name, self._survey.inputs),
            versions={name: self._versions[name] for name in parents},
            rows={name: self.rows[name] for name in parents if name in self._survey.rows},
        )
        known = stored.definitions_of(self._con, before.code) if before else {}
        why = causes(held, definition, module=node.module, known=known, forced=node.name in self._how.force)
        self._versions[node.name] = definition.version
        self.definitions[node.name] = definition
        if not why:
            if not self._how.dry:
                stored.redefine(self._con, node.name, definition)
            self._note(
                unchanged.skipped_as(
                    self._survey, node.name, version=definition.version, seconds=watch.seconds
                )
            )
            return self._relations.of(node)
        renewal = self._renewal(node, expression, definition, why)
        built = Built(
            name=node.name,
            location=node.location,
            decision="rebuilt" if renewal is None else "incremental",
            causes=tuple(why),
            rows=held.rows if held else 0,
            rows_in=sum(self.rows[parent] for parent in parents),
            keys=renewal and renewal.count(),
            version=definition.version,
        )
        if not self._how.dry:
            built = self._writer.write(node, definition, built, renewal, watch)
        elif renewal is not None:
            self._writer.foresee(node, renewal)
        if renewal is not None and held is not None:
            self._renewed[node.name] = held.version
        self._note(built)
        return self._relations.of(node)

    def _renewal(
        self, node: TableNode, expression: ir.Table, definition: Definition, why: Sequence[Cause]
    ) -> Renewal | None:
        """The keys to make anew; None where the table is to be built whole."""
        if self._how.full:
            return None
        held = self._survey.stored.get(node.name)
        return increment.find(self._backend, node, expression, held, definition, why, self._renewed)

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
