"""The tables of a file as relations: what makes them, what their checks read, and whether they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import catalog, code
from baliza.build.catalog import TableNode
from baliza.build.checked import Measure, Violation
from baliza.build.checks import broken_gates, compare, count_failures, reconcile, violations
from baliza.build.stored import Definition


class Relations:
    """The tables of one file, while it is built.

    Args:
        backend: the Ibis connection to the file.

    Attributes:
        known: every value that nodes were given, by name: external inputs and relations.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.known: dict[str, Any] = {}

    def of(self, node: TableNode) -> ir.Table:
        """The stored table with the types of its contract, whether it is there already or will be."""
        return relation(self.backend, node.table, node.contract.schema(), database=node.layer)

    def definition(
        self,
        node: TableNode,
        expression: ir.Table,
        *,
        inputs: Mapping[str, str],
        versions: Mapping[str, str],
        rows: Mapping[str, int],
    ) -> Definition:
        """What the table is made by: its SQL, the SQL of its checks, its types, the versions of its parents.

        Compiled SQL sees an edit in any helper, a changed parameter, a changed label; it ignores comments.

        Args:
            node: the table.
            expression: that its function returned.
            inputs: external inputs it is made from, as text.
            versions: of the tables it is made from.
            rows: of the raw ones among them.
        """
        checks = [
            str(node.contract.schema()),
            self.backend.compile(count_failures(self.of(node), node.contract)),
            *(self.backend.compile(compare(gate, self._gated(node))) for gate in node.contract.gates),
        ]
        return Definition(
            sql=self.backend.compile(expression),
            checks=hashlib.sha256("\0".join(checks).encode()).hexdigest(),
            inputs=inputs,
            parents=versions,
            rows=rows,
            code=code.digest(),
        )

    def check(self, node: TableNode, rows: ir.Table | None = None) -> tuple[list[Violation], list[Measure]]:
        """What a table breaks of its contract, and how it reconciles with those it is made from.

        Args:
            node: the table, as it is written.
            rows: those to hold against the rules, where the others are known to be good; all by default.
        """
        table = self.backend.table(node.table, database=node.layer) if rows is None else rows
        found = violations(self.backend, table, node.contract)
        gated = self._gated(node)
        measures = [
            measure for gate in node.contract.gates for measure in reconcile(self.backend, gate, gated)
        ]
        return found + broken_gates(measures), measures

    def count(self, node: TableNode) -> int:
        """Rows of a table, as it is written."""
        row = self.backend.con.execute(f'SELECT count(*) FROM {node.layer}."{node.table}"').fetchone()  # noqa: S608
        return row[0] if row else 0

    def _gated(self, node: TableNode) -> dict[str, Any]:
        """What the gates of a table may read by name: inputs, the table itself and those it is made from."""
        return self.known | {one.name: self.of(one) for one in catalog.in_order([node.name])}


def relation(
    backend: Backend, name: str, schema: Any, *, database: str = "main", catalog: str | None = None
) -> ir.Table:
    """A table of the file, or with `catalog="temp"` a temporary one, without asking whether it is there."""
    namespace = ops.Namespace(catalog=catalog, database=database)
    return ops.DatabaseTable(name=name, schema=schema, source=backend, namespace=namespace).to_expr()
