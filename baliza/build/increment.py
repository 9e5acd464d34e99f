"""Bringing a table up to date for the keys that changed, by the same expression that makes it whole.

A stage table whose rows depend on nothing but the raw rows of their own key is made from those alone, as its
contract says (`Contract.by_key`). Raw tables are only ever added to, so what is new in one is what stands
behind the rows that were there at the last build.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause
from baliza.build.stored import Definition, Stored

MOST_KEYS = 0.2
"""Share of a table's rows from which building it whole is as quick."""

_KEYS = "changed_keys"


def find(
    con: duckdb.DuckDBPyConnection,
    node: TableNode,
    stored: Stored | None,
    now: Definition,
    causes: Sequence[Cause],
) -> int | None:
    """How many keys changed, left in a temporary table; None where the table must be built whole.

    It must where anything but data changed, where data changed in a table that it is not made from by key,
    where the raw rows behind those of the last build are not those that landed since, and where too many keys
    changed.
    """
    if stored is None or stored.definition is None or not causes:
        return None
    if not node.contract.by_key or any(cause.kind != "new data" for cause in causes):
        return None
    if not all(_is_appended(con, cause.name, stored.definition, now) for cause in causes):
        return None
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_KEYS} AS {_changed_keys(node, stored.definition, causes)}")
    (keys,) = con.execute(f"SELECT count(*) FROM {_KEYS}").fetchone() or (0,)  # noqa: S608 - a constant
    if keys > stored.rows * MOST_KEYS:
        return None
    return keys


def sql(backend: Backend, node: TableNode, expression: ir.Table) -> str:
    """The same expression over the raw rows of the changed keys, which are put into temporary tables."""
    swapped = {}
    columns = list(zip(node.contract.by_key, node.contract.key, strict=True))
    matches = " AND ".join(f'kept."{own}" = keys."{name}"' for own, name in columns)
    for raw in catalog.parents(node.name):
        table = catalog.tables()[raw].table
        backend.con.execute(
            f'CREATE OR REPLACE TEMP TABLE changed_{table} AS SELECT kept.* FROM raw."{table}" AS kept '  # noqa: S608
            f"SEMI JOIN {_KEYS} AS keys ON {matches}"
        )
        swapped[table] = f"changed_{table}"
    return backend.compile(_over(expression, swapped))


def replace_rows(con: duckdb.DuckDBPyConnection, node: TableNode, query: str) -> None:
    """Delete the rows of the changed keys and insert what they are now. The caller holds the transaction."""
    matches = " AND ".join(f'keys."{name}" = "{node.table}"."{name}"' for name in node.contract.key)
    con.execute(f'DELETE FROM {node.layer}."{node.table}" USING {_KEYS} AS keys WHERE {matches}')  # noqa: S608
    con.execute(f'INSERT INTO {node.layer}."{node.table}" BY NAME {query}')


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


def _over(expression: ir.Table, swapped: Mapping[str, str]) -> ir.Table:
    """The expression reading these temporary tables in the place of raw ones."""
    replacements: dict[ops.Node, ops.Node] = {
        table: table.copy(name=swapped[table.name], namespace=ops.Namespace(catalog="temp", database="main"))
        for table in expression.op().find(ops.DatabaseTable)
        if isinstance(table, ops.DatabaseTable)
        and table.namespace.database == "raw"
        and table.name in swapped
    }
    return expression.op().replace(replacements).to_expr()
