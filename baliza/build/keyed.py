"""Where the key of a mart's rows is in the records they are made from.

A parent has the columns of the key under their names, or the day that the year and the month are taken from.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable

from baliza.build import catalog
from baliza.build.catalog import TableNode
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart.years import year

PUBLISHED = "data_publicacao_pncp"
"""The moment that the columns of a key may be taken from."""

_OF_THE_DAY: dict[str, Callable[[Row], Expression]] = {
    "ano": lambda row: year(row[PUBLISHED]),
    "mes": lambda row: row[PUBLISHED].truncate("M").date(),
}


def parents(node: TableNode) -> dict[str, list[str]]:
    """The parents that have the whole key of a mart, and which columns of it are to be taken from the day."""
    found = {}
    for parent in catalog.parents(node.name):
        held = catalog.tables()[parent].contract.columns
        missing = [name for name in node.contract.key if name not in held]
        if not missing or (PUBLISHED in held and all(name in _OF_THE_DAY for name in missing)):
            found[parent] = missing
    return found


def with_key(node: TableNode, parent: str, records: Row) -> Row:
    """Records of a parent of a mart, with all columns of the mart's key."""
    return records.mutate(**{column: _OF_THE_DAY[column](records) for column in parents(node)[parent]})


def agreeing(table: Row, wanted: Row, key: Iterable[str]) -> Row:
    """The rows that agree with one of those wanted on a key, nulls with nulls."""
    other = wanted.rename({f"wanted_{name}": name for name in key})
    same: list[Flag] = [table[name].identical_to(other[f"wanted_{name}"]) for name in key]
    return table.semi_join(other, functools.reduce(operator.and_, same))
