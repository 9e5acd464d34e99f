"""A mart of two populations side by side: a row for each key of either, so that neither loses its own."""

from __future__ import annotations

import functools
import operator

from dataflows.contract import Contract
from dataflows.expressions import Row


def either(one: Row, other: Row, contract: type[Contract]) -> Row:
    """The rows of both, side by side where their keys are the same, null keys too.

    What a side has no row for is null, or zero where the contract allows no null (counts and sums). Columns
    that are not the contract's come last, as they are.

    Args:
        one: with the contract's key and some of its columns, each key once.
        other: the same, with other columns.
        contract: of the mart.
    """
    right: Row = other.rename({f"other_{name}": name for name in contract.key})
    same = [one[name].identical_to(right[f"other_{name}"]) for name in contract.key]
    joined = one.outer_join(right, functools.reduce(operator.and_, same))
    both: Row = joined.select(*one.columns, *right.columns)
    return both.select(
        **{name: both[name].coalesce(both[f"other_{name}"]) for name in contract.key},
        **{
            name: both[name] if column.nullable else both[name].coalesce(0).cast(column.dtype)
            for name, column in contract.columns.items()
            if name in both.columns and name not in contract.key
        },
        **{name: both[name] for name in (*one.columns, *other.columns) if name not in contract.columns},
    )
