"""What the marts add up, and what part of it is whose, one way in all of them."""

from __future__ import annotations

import ibis.expr.datatypes as dt

from dataflows.contract import MONEY_TOTAL
from dataflows.expressions import Amount, Expression, Flag

SHARE = dt.Decimal(15, 12)
"""A percentage of 0 to 100 before it is rounded for the reader; its square still fits in a decimal."""


def sum_where(amount: Amount, condition: Flag) -> Amount:
    """The exact sum of the amounts of these rows; zero when there is nothing to sum."""
    return amount.sum(where=condition).coalesce(0).cast(MONEY_TOTAL)


def sum_counts(counts: Expression) -> Expression:
    """The sum of counts, of 64 bits as they are: an engine makes a wider number of a sum of integers."""
    return counts.cast("decimal(18, 0)").sum().coalesce(0).cast("int64")


def share(part: Amount, whole: Amount) -> Expression:
    """What part of the whole it is, in %; null of a whole that is zero.

    Engines divide decimals in ways of their own, some to few digits. The quotient of two doubles is right to
    fifteen digits in all of them, and twelve decimals of a percentage are no more than that.
    """
    quotient = part.cast("float64") / whole.nullif(0).cast("float64")
    return (quotient * 100).cast(SHARE)
