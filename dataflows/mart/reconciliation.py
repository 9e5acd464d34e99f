"""How a mart's totals are held against those of the layer above."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.contract import MONEY_TOTAL
from dataflows.expressions import Row


def compare_totals(expected: ir.Table, found: ir.Table) -> ir.Table:
    """The rows of a gate from two tables of one row each: one measure per column of the first."""
    return ibis.union(*(_measure(expected, found, measure) for measure in expected.columns))


def _measure(expected: Row, found: Row, measure: str) -> Row:
    one = expected.select(expected=expected[measure].cast(MONEY_TOTAL))
    other = found.select(found=found[measure].cast(MONEY_TOTAL))
    return one.cross_join(other).select(measure=ibis.literal(measure), expected="expected", found="found")
