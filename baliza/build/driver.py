"""The Hamilton driver over one DuckDB file: what the CLI builds with and what notebooks open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
from hamilton import base
from hamilton.driver import Driver as HamiltonDriver
from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza import __version__
from baliza.build import catalog
from baliza.build.inputs import landed_inputs, ledger_inputs
from baliza.build.journal import Journal
from baliza.build.landed import raw_tables
from baliza.build.materialize import CAREFUL, How, Materializer, StoredTables
from baliza.build.period import today
from baliza.build.picture import Picture, canonical, layer_style
from baliza.settings import DEFAULT_DATABASE
from baliza.warehouse import ledger, schema
from baliza.warehouse.connection import connect
from dataflows import domains, law, parameters

# Errors are told once, by whoever catches them; Hamilton would print them a first time.
logging.getLogger("hamilton").setLevel(logging.CRITICAL)


class Driver(HamiltonDriver):
    """A Hamilton driver that owns its connection, and whose pictures need no system package.

    Args:
        backend: the Ibis connection to the file.
        adapter: decides what a table node is: the stored table, or one to build.
        inputs: the external inputs of the graph.
    """

    def __init__(self, backend: Backend, adapter: NodeExecutionMethod, inputs: Mapping[str, Any]) -> None:
        super().__init__(
            {}, *catalog.modules(), adapter=[adapter, base.DictResult()], _use_legacy_adapter=False
        )
        self.backend = backend
        self._adapter = adapter
        self._inputs = dict(inputs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(
        self,
        final_vars: Sequence[Any],
        overrides: dict[str, Any] | None = None,
        display_graph: bool = False,  # noqa: FBT001, FBT002 - Hamilton's own signature
        inputs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Nodes by name; the graph's external inputs are already known, and `inputs` override them.

        Raises:
            BuildError: a node could not be made; what does not depend on it was.
        """
        known = {**self._inputs, **(inputs or {})}
        overrides = dict(overrides or {})
        if not isinstance(self._adapter, Materializer):
            return super().execute(list(final_vars), overrides, display_graph, known)
        overrides = self._adapter.look(final_vars, known) | overrides
        made = super().execute(list(final_vars), overrides, display_graph, known)
        if error := self._adapter.error():
            raise error
        return made

    def close(self) -> None:
        """Let go of the file."""
        self.backend.disconnect()

    def display_upstream_of(self, *node_names: str, **options: Any) -> Picture:
        """The ancestry of these nodes."""
        return self._picture(super().display_upstream_of, *node_names, **options)

    def display_downstream_of(self, *node_names: str, **options: Any) -> Picture:
        """What is made from these nodes."""
        return self._picture(super().display_downstream_of, *node_names, **options)

    def display_all_functions(self, **options: Any) -> Picture:
        """The whole graph."""
        return self._picture(super().display_all_functions, **options)

    @staticmethod
    def _picture(display: Callable[..., Any], *node_names: str, **options: Any) -> Picture:
        output = options.pop("output_file_path", None)
        options = {"show_legend": False, "custom_style_function": layer_style, **options}
        picture = Picture(canonical(display(*node_names, **options).source))
        if output is not None:
            picture.save(output)
        return picture


def driver(
    path: str | Path = DEFAULT_DATABASE,
    *,
    write: bool = False,
    params: Mapping[str, int | date] | None = None,
) -> Driver:
    """A Hamilton driver over a baliza file.

    Args:
        path: the DuckDB file.
        write: build the tables that are asked for; otherwise the file is opened read-only and a table node is
            the stored table.
        params: overrides of dataflows.parameters (only where `write`).

    Raises:
        DatabaseError: the file is missing, locked, or not baliza's.
    """
    path = Path(path)
    if write:
        con = connect(path, write=True)
        schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
        return building(con, path, params=params or {})[0]
    con = connect(path, write=False)
    schema.check_format(con, path)
    backend = ibis.duckdb.from_connection(con)
    return Driver(backend, StoredTables(backend, path), _inputs(backend, {}))


def building(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    params: Mapping[str, int | date],
    how: How = CAREFUL,
    run_id: int | None = None,
    on_table: Callable[[str], None] = lambda _name: None,
) -> tuple[Driver, Materializer]:
    """A driver that builds over an open file, and the adapter that remembers what it built."""
    backend = ibis.duckdb.from_connection(con)
    materializer = Materializer(backend, path, Journal(con, run_id), how=how, on_table=on_table)
    return Driver(backend, materializer, _inputs(backend, params)), materializer


def _inputs(backend: Backend, params: Mapping[str, int | date]) -> dict[str, Any]:
    return {
        **domains.inputs(),
        **law.inputs(),
        **parameters.inputs(),
        parameters.REFERENCE_DAY: ledger.last_proven_day(backend.con) or today(),
        **params,
        **landed_inputs(backend),
        **ledger_inputs(backend),
    }
