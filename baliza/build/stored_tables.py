"""The Hamilton adapter that reads: a table node is the table stored in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hamilton.lifecycle import NodeExecutionMethod
from ibis.backends.duckdb import Backend

from baliza.build import catalog, failures
from baliza.build.small_results import tables_in


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
        if node.table not in tables_in(self._backend, node.layer):
            raise failures.never_built(node, self._database)
        return self._backend.table(node.table, database=node.layer)
