"""Whether a table can be brought up to date for the keys that changed, and for which."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import groups, keys
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause
from baliza.build.groups import Renewed
from baliza.build.renewal import Renewal
from baliza.build.stored import Definition, Stored


def find(
    backend: Backend,
    node: TableNode,
    expression: ir.Table,
    stored: Stored | None,
    now: Definition,
    causes: Sequence[Cause],
    renewed: Renewed,
) -> Renewal | None:
    """What is to be made anew of a table that is stale; None where it must be built whole.

    Args:
        backend: the Ibis connection to the file.
        node: the table.
        expression: that makes it whole.
        stored: the table as it was last built, if it still is.
        now: what would make it.
        causes: why it is stale.
        renewed: the tables that were brought up to date so before it.
    """
    if stored is None or stored.definition is None:
        return None
    if node.contract.by_key:
        return keys.find(backend, node, expression, stored, now, causes)
    if node.contract.by_group:
        return groups.find(backend, node, expression, stored, causes, renewed)
    return None
