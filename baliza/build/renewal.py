"""Bringing a table up to date for the keys that changed: what is alike in all ways of finding them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build.catalog import TableNode
from baliza.build.relations import relation

MOST_KEYS = 0.2
"""Share of a table's rows from which building it whole is as quick."""


class Renewal(ABC):
    """The rows of some keys of a table, made anew by the expression that makes the table whole.

    Its work lies in temporary tables: the keys, and the rows they have now.

    Args:
        backend: the Ibis connection to the file.
        node: the table.
        expression: that makes it whole.
    """

    def __init__(self, backend: Backend, node: TableNode, expression: ir.Table) -> None:
        self.node = node
        self.expression = expression
        self._backend = backend
        self._con = backend.con
        self._keys = keys_of(node)
        self._rows = after(node)
        self._table = f'{node.layer}."{node.table}"'

    @abstractmethod
    def query(self) -> str:
        """The SQL that makes the rows of the keys, over temporary tables made for it; maybe more rows."""

    def count(self) -> int:
        """How many keys there are."""
        row = self._con.execute(f'SELECT count(*) FROM temp."{self._keys}"').fetchone()  # noqa: S608
        return row[0] if row else 0

    def make(self, query: str) -> None:
        """Make the rows of the keys, and no others."""
        # Two statements: joined to the keys in one, DuckDB reads more of the tables than it needs.
        self._con.execute(f'CREATE OR REPLACE TEMP TABLE "{self._rows}" AS {query}')
        self._con.execute(
            f'DELETE FROM temp."{self._rows}" AS made WHERE NOT EXISTS '  # noqa: S608
            f'(FROM temp."{self._keys}" AS keys WHERE {self._same("made")})'
        )

    @abstractmethod
    def foresee(self) -> None:
        """Prepare what tables made from this one want to know of its keys, where nothing is to be written."""

    def replace_rows(self) -> None:
        """Delete the rows of the keys and insert what they are now. The caller holds the transaction."""
        same = self._same(self._table)
        self._con.execute(f'DELETE FROM {self._table} USING temp."{self._keys}" AS keys WHERE {same}')  # noqa: S608
        self._insert_rows()

    def rows_to_check(self) -> ir.Table | None:
        """The rows made anew, where those that stay break no rule; None where all are to be checked.

        Keys need no look beyond them: every row of theirs was replaced.
        """
        known = self._con.execute(
            "SELECT count(*) FROM meta.violations WHERE table_name = ?", [self.node.name]
        ).fetchone()
        return None if known != (0,) else self._backend.table(self._rows, database=("temp", "main"))

    def _insert_rows(self) -> None:
        self._con.execute(f'INSERT INTO {self._table} BY NAME FROM temp."{self._rows}"')

    def _same(self, rows: str) -> str:
        columns = self.node.contract.columns
        equal = {name: "IS NOT DISTINCT FROM" if columns[name].nullable else "=" for name in self._key()}
        return " AND ".join(f'keys."{name}" {is_} {rows}."{name}"' for name, is_ in equal.items())

    def _key(self) -> tuple[str, ...]:
        return self.node.contract.key

    def _keep(self, name: str, rows: ir.Table) -> ir.Table:
        """A temporary table of rows, and the relation to read it by."""
        self._con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {self._backend.compile(rows)}')
        return temporary(self._backend, name, rows)


def keys_of(node: TableNode) -> str:
    """The temporary table of the keys of a table that are made anew."""
    return f"keys_{node.name}"


def before(node: TableNode) -> str:
    """The temporary table of what the rows of these keys were, as far as tables made from them need it."""
    return f"before_{node.name}"


def after(node: TableNode) -> str:
    """The temporary table of the rows that these keys have now."""
    return f"after_{node.name}"


def temporary(backend: Backend, name: str, like: ir.Table) -> ir.Table:
    """A temporary table with the columns of another relation."""
    return relation(backend, name, like.schema(), database="main", catalog="temp")


def swapped(expression: ir.Table, instead: Mapping[Any, ir.Table]) -> ir.Table:
    """The expression with some of its relations replaced by others of the same columns."""
    return expression.op().replace({old: new.op() for old, new in instead.items()}).to_expr()
