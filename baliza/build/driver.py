"""The Hamilton driver over one DuckDB file: what the CLI builds with and what notebooks open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Self, cast

import duckdb
from hamilton import base
from hamilton.driver import Driver as HamiltonDriver
from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza.build import catalog
from baliza.build.engine import Engine
from baliza.build.facts import facts
from baliza.build.how import CAREFUL, How
from baliza.build.inputs import chosen_inputs, landed_inputs, ledger_inputs
from baliza.build.journal import Journal
from baliza.build.materialize import Materializer
from baliza.build.picture import Picture, canonical, layer_style
from baliza.build.session import DONE, writing
from baliza.build.stored_tables import StoredTables
from baliza.build.survey import Survey
from baliza.build.written_sql import WrittenSql
from baliza.errors import BuildError
from baliza.settings import DEFAULT_DATABASE
from baliza.warehouse.published import open_published

# Errors are told once, by whoever catches them; Hamilton would print them a first time.
logging.getLogger("hamilton").setLevel(logging.CRITICAL)


class Driver(HamiltonDriver):
    """A Hamilton driver that owns its connection, and whose pictures need no system package.

    Args:
        backend: the Ibis connection to the file.
        adapter: decides what a table node is: the stored table, or one to build.
        inputs: the external inputs of the graph.
        on_close: called first when it is closed, with the exit code a command would end with.
    """

    def __init__(
        self,
        backend: Backend,
        adapter: NodeExecutionMethod,
        inputs: Mapping[str, Any],
        on_close: Callable[[int], None] = lambda _exit_code: None,
    ) -> None:
        super().__init__(
            {}, *catalog.modules(), adapter=[adapter, base.DictResult()], _use_legacy_adapter=False
        )
        self.backend = backend
        self._adapter = adapter
        self._inputs = dict(inputs)
        self._on_close = on_close
        self._exit_code = DONE

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
        before, self._exit_code = self._exit_code, BuildError.exit_code
        overrides = self._adapter.look(final_vars, known) | overrides
        made = super().execute(list(final_vars), overrides, display_graph, known)
        if error := self._adapter.error():
            raise error
        self._exit_code = before
        return made

    def close(self) -> None:
        """Let go of the file; a driver that builds publishes what it built, if none of it failed."""
        self._on_close(self._exit_code)
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
        write: build the tables that are asked for, and publish them when the driver is closed; otherwise the
            last published state of the file is opened (the file itself where there is none), and a table
            node is the stored table.
        params: overrides of dataflows.parameters (only where `write`).

    Raises:
        DatabaseError: the file is missing, not baliza's, or locked and never published.
        EditedError: the code of the dataflow was edited since this process began to read it.
    """
    path = Path(path)
    if write:
        return _writing(path, params or {})
    backend = Engine.from_connection(open_published(path).con)
    return Driver(backend, StoredTables(backend, path), _inputs(backend, {}))


def _writing(path: Path, params: Mapping[str, int | date]) -> Driver:
    """A driver that builds, as a command does: it has its line in meta.runs, and publishes."""
    with ExitStack() as stack:
        session = stack.enter_context(writing(path, "driver", {"params": params}, source=None))

        def end(exit_code: int) -> None:
            session.exit_code = exit_code
            until_closed.close()

        made, _ = building(session.con, path, params=params, run_id=session.run_id, on_close=end)
        until_closed = stack.pop_all()  # what goes wrong before this lets go of the file
    return made


def building(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    params: Mapping[str, int | date],
    how: How = CAREFUL,
    run_id: int | None = None,
    surveyed: Survey | None = None,
    on_table: Callable[[str], None] = lambda _name: None,
    on_close: Callable[[int], None] = lambda _exit_code: None,
) -> tuple[Driver, Materializer]:
    """A driver that builds over an open file, and the adapter that remembers what it built."""
    backend = cast("Engine", Engine.from_connection(con))
    backend.earlier = WrittenSql()
    materializer = Materializer(
        backend, path, Journal(con, run_id), how=how, surveyed=surveyed, on_table=on_table
    )
    return Driver(backend, materializer, _inputs(backend, params), on_close), materializer


def _inputs(backend: Backend, params: Mapping[str, int | date]) -> dict[str, Any]:
    return {
        **facts(),
        **chosen_inputs(backend.con, params),
        **landed_inputs(backend),
        **ledger_inputs(backend),
    }
