"""The rows of a stage table made anew for the keys of which raw rows came.

A stage table whose rows depend on nothing but the raw rows of their own key is made from those alone, as its
contract says (`Contract.by_key`). Raw tables are only ever added to, so what is new in one is what stands
behind the rows that were there at the last build.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import catalog, keyed, renewal
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause
from baliza.build.renewal import Renewal, swapped, temporary
from baliza.build.stored import Definition, Stored
from dataflows.mart.names import SEEN


class KeyRenewal(Renewal):
    """The rows of changed keys of a stage table."""

    @property
    def _places(self) -> str:
        """The temporary table of where in the table the keys are."""
        return f"rows_{self.node.name}"

    def query(self) -> str:
        """The same expression over the raw rows of the changed keys."""
        return self._backend.compile(swapped(self.expression, self._instead()))

    def make(self, query: str) -> None:
        """The rows of the keys as they are now, and as they were before."""
        super().make(query)
        self._find_rows(self._table, self._places, self.node.contract.key)
        self._read_rows(self._table, self._places, renewal.before(self.node), told_to_marts(self.node))

    def replace_rows(self) -> None:
        """Delete the rows that were, where they were found, and insert those that are now."""
        found = f'SELECT place FROM temp."{self._places}"'  # noqa: S608
        self._con.execute(f"DELETE FROM {self._table} WHERE rowid IN ({found})")  # noqa: S608
        self._insert_rows()

    def foresee(self) -> None:
        """The same: by them a mart is told which of its groups change."""
        self.make(self.query())

    def _instead(self) -> dict[Any, ir.Table]:
        """In the place of each raw table, its rows of the changed keys."""
        return {
            raw: self._of_keys(raw.name, raw.to_expr())
            for raw in self.expression.op().find(ops.DatabaseTable)
            if isinstance(raw, ops.DatabaseTable) and raw.namespace.database == "raw"
        }

    def _of_keys(self, raw: str, rows: ir.Table) -> ir.Table:
        """The rows of the changed keys, in a temporary table."""
        self._find_rows(f'raw."{raw}"', f"rows_{raw}", self.node.contract.by_key)
        self._read_rows(f'raw."{raw}"', f"rows_{raw}", f"changed_{raw}", rows.columns)
        return temporary(self._backend, f"changed_{raw}", rows)

    def _find_rows(self, table: str, places: str, key: Sequence[str]) -> None:
        """Where in a table the rows of the changed keys are, by its own names of their columns.

        Found by themselves, in narrow columns: of the wide ones, few rows are then unpacked.
        """
        pairs = zip(key, self.node.contract.key, strict=True)
        matches = " AND ".join(f'held."{own}" = keys."{name}"' for own, name in pairs)
        self._con.execute(
            f'CREATE OR REPLACE TEMP TABLE "{places}" AS SELECT held.rowid AS place '  # noqa: S608
            f'FROM {table} AS held SEMI JOIN temp."{self._keys}" AS keys ON {matches}'
        )

    def _read_rows(self, table: str, places: str, into: str, columns: Sequence[str]) -> None:
        """What some columns of the rows that were found hold."""
        named = ", ".join(f'held."{name}"' for name in columns)
        self._con.execute(
            f'CREATE OR REPLACE TEMP TABLE "{into}" AS SELECT {named} FROM {table} AS held '  # noqa: S608
            f'SEMI JOIN temp."{places}" AS rows ON held.rowid = rows.place'
        )


def find(
    backend: Backend,
    node: TableNode,
    expression: ir.Table,
    stored: Stored,
    now: Definition,
    causes: Sequence[Cause],
) -> KeyRenewal | None:
    """What is to be made anew; None where the table must be built whole.

    It must where anything but data changed, where the raw rows behind those of the last build are not those
    that landed since, and where too many keys changed.
    """
    before = stored.definition
    if before is None or any(cause.kind != "new data" for cause in causes):
        return None
    if not all(_is_appended(backend.con, cause.name, before, now) for cause in causes):
        return None
    changed = _changed_keys(node, before, causes)
    backend.con.execute(f'CREATE OR REPLACE TEMP TABLE "{renewal.keys_of(node)}" AS {changed}')
    found = KeyRenewal(backend, node, expression)
    return found if found.count() <= stored.rows * renewal.MOST_KEYS else None


def told_to_marts(node: TableNode) -> list[str]:
    """The columns that say which rows of marts a record is part of, and which names it says when."""
    wanted = {*node.contract.key}
    marts = [mart for mart in catalog.tables().values() if mart.contract.by_group]
    for mart in marts:
        if node.name in keyed.parents(mart):
            contract = mart.contract
            wanted |= {*contract.key, *contract.linked_by, *contract.named_by, keyed.PUBLISHED, *SEEN}
    return [name for name in node.contract.columns if name in wanted]


def _changed_keys(node: TableNode, before: Definition, causes: Sequence[Cause]) -> str:
    """The keys of the raw rows that came since, as the table names them."""
    columns = zip(node.contract.by_key, node.contract.key, strict=True)
    named = ", ".join(f'"{own}" AS "{name}"' for own, name in columns)
    return " UNION ".join(
        f"SELECT {named} FROM {_new_rows(cause.name, before)}"  # noqa: S608 - from the contract
        for cause in causes
    )


def _is_appended(con: duckdb.DuckDBPyConnection, raw: str, before: Definition, now: Definition) -> bool:
    """Whether the rows behind those of the last build are as many as came since."""
    row = con.execute(f"SELECT count(*) FROM {_new_rows(raw, before)}").fetchone()  # noqa: S608
    return row is not None and row[0] == now.rows[raw] - before.rows.get(raw, 0)


def _new_rows(raw: str, before: Definition) -> str:
    return f'raw."{catalog.tables()[raw].table}" WHERE rowid >= {before.rows.get(raw, 0)}'
