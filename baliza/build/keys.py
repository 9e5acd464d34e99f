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

    def query(self) -> str:
        """The same expression over the raw rows of the changed keys."""
        return self._backend.compile(swapped(self.expression, self._instead()))

    def make(self, query: str) -> None:
        """The rows of the keys as they are now, and as they were before."""
        super().make(query)
        if columns := told_to_marts(self.node):
            named = ", ".join(f'was."{name}"' for name in columns)
            self._con.execute(
                f'CREATE OR REPLACE TEMP TABLE "{renewal.before(self.node)}" AS '  # noqa: S608
                f'SELECT {named} FROM {self.node.layer}."{self.node.table}" AS was '
                f'SEMI JOIN temp."{self._keys}" AS keys ON {self._same("was")}'
            )

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
        pairs = zip(self.node.contract.by_key, self.node.contract.key, strict=True)
        matches = " AND ".join(f'kept."{own}" = keys."{name}"' for own, name in pairs)
        # Two statements: which rows they are is read in narrow columns; of wide ones, few are then unpacked.
        self._con.execute(
            f'CREATE OR REPLACE TEMP TABLE "rows_{raw}" AS SELECT kept.rowid AS place '  # noqa: S608
            f'FROM raw."{raw}" AS kept SEMI JOIN temp."{self._keys}" AS keys ON {matches}'
        )
        self._con.execute(
            f'CREATE OR REPLACE TEMP TABLE "changed_{raw}" AS SELECT kept.* FROM raw."{raw}" AS kept '  # noqa: S608
            f'SEMI JOIN temp."rows_{raw}" AS rows ON kept.rowid = rows.place'
        )
        return temporary(self._backend, f"changed_{raw}", rows)


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
