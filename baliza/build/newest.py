"""The newest names of codes, chosen anew only where a changed record may have changed the choice.

A name stands while every changed record that says anything of its code says the same, and while no record
that said it before has gone, fallen silent or become older. Of other codes the choice is made anew, of all
their records.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from baliza.build.catalog import TableNode
from baliza.build.renewal import swapped
from dataflows.expressions import Flag, Row
from dataflows.mart.names import seen


class Choice:
    """Where the expression of a mart chooses the newest name of each code.

    Args:
        op: the choice.

    Attributes:
        name: the column that bears it.
        by: the columns of the code.
    """

    def __init__(self, op: ops.Aggregate) -> None:
        self.op = op
        self.by = list(op.groups)
        (self.name,) = op.metrics

    def of_all(self) -> ir.Table:
        """The newest name of every code."""
        return self.op.to_expr()

    def of(self, codes: ir.Table) -> ir.Table:
        """The newest name of these codes, of all their records."""
        asked: Any = self.op.parent
        return swapped(self.of_all(), {asked: asked.to_expr().semi_join(codes, self.by)})

    def is_of_key(self, node: TableNode, parent: TableNode) -> bool:
        """Whether records of this parent are asked, as it has them, for codes that the mart's key holds."""
        asked, columns = self.op.parent, [*self.by, self.name]
        if isinstance(asked, ops.Project) and all(
            isinstance(asked.values[name], ops.Field) for name in columns
        ):
            asked = asked.parent
        is_parent = isinstance(asked, ops.DatabaseTable) and asked.name == parent.table
        return is_parent and {*self.by} <= {*node.contract.key}

    def in_doubt(self, was: ir.Table, now: ir.Table, key: Sequence[str], mart: ir.Table) -> ir.Table:
        """The codes whose newest name may be another now.

        Args:
            was: changed records as they were.
            now: as they are.
            key: of a record.
            mart: as it was built before they changed.
        """
        before, after = self._said(was, key), self._said(now, key)
        standing = mart.select(*self.by, self.name).distinct()
        other = after.anti_join(standing, [*self.by, self.name])
        said_it: Row = before.semi_join(standing, [*self.by, self.name])
        again: Row = after.rename({f"after_{column}": column for column in after.columns})
        same = [said_it[column] == again[f"after_{column}"] for column in (*key, *self.by, self.name)]
        gone = said_it.anti_join(again, _all([*same, again.after_seen >= said_it.seen]))
        return ibis.union(other.select(*self.by), gone.select(*self.by), distinct=True)

    def _said(self, records: ir.Table, key: Sequence[str]) -> Row:
        """What each record says, and when; those that say nothing are left out."""
        row: Row = records
        return row.filter(row[self.name].notnull()).select(*key, *self.by, self.name, seen=seen(row))


def choices(node: TableNode, expression: ir.Table) -> list[Choice]:
    """Every choice of a name that the contract tells of."""
    named_by = {name: list(by) for name, by in node.contract.named_by.items()}
    return [
        Choice(op)
        for op in expression.op().find(ops.Aggregate)
        if isinstance(op, ops.Aggregate)
        and any([*op.metrics] == [name] and [*op.groups] == by for name, by in named_by.items())
    ]


def _all(conditions: list[Flag]) -> Flag:
    return functools.reduce(operator.and_, conditions)
