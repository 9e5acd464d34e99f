"""`baliza diff`: every table of two files, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from baliza.build.diff.keyed import Keyed
from baliza.build.diff.money import Money, money
from baliza.build.diff.rows import Rows
from baliza.build.diff.sql import count
from baliza.build.diff.tables import Pair, pairs
from baliza.build.diff.whole import compare_whole
from baliza.settings import Resources
from baliza.warehouse.connection import explained
from baliza.warehouse.side_by_side import AFTER, BEFORE, side_by_side, source_of

DIFFERENT = 4
"""Exit code: the comparison was done, and something differs."""


@dataclass(frozen=True)
class Side:
    """One of the files.

    Attributes:
        asked: as it was typed.
        source: where its data come from; None of a file that never took any.
    """

    asked: str
    path: Path
    source: str | None


@dataclass(frozen=True)
class TableDiff:
    """How one table differs.

    Attributes:
        counts: of rows, before and after; None where the file does not have the table.
        rows: None where only one file has the table.
    """

    pair: Pair
    counts: tuple[int | None, int | None]
    rows: Rows | None = None
    money: list[Money] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether nothing differs: columns, types, rows."""
        one = self.pair
        return bool(
            self.rows is not None and self.rows.are_same and not (one.added or one.dropped or one.retyped)
        )


@dataclass(frozen=True)
class Comparison:
    """Two files, table by table, as a build makes them."""

    before: Side
    after: Side
    tables: list[TableDiff]

    @property
    def exit_code(self) -> int:
        """0 when nothing differs."""
        return 0 if all(one.is_same for one in self.tables) else DIFFERENT


def compare(
    before: tuple[str, Path],
    after: tuple[str, Path],
    *,
    tables: Sequence[str] = (),
    shown: int,
    resources: Resources,
) -> Comparison:
    """Compare two files, of which nothing is changed.

    Args:
        before: what was typed, and the file that is meant by it.
        after: the same.
        tables: by name, place or pattern; without, all of stage and mart.
        shown: rows, and órgãos, in each sample.
        resources: what DuckDB may take.

    Raises:
        DatabaseError: a file is missing, locked, or not baliza's.
        UnknownTargetError: neither file has such a table.
    """
    one, other = (Side(asked, path, source_of(path)) for asked, path in (before, after))
    if before[1].samefile(after[1]):
        return Comparison(one, other, [])
    with explained(before[1]), side_by_side(before[1], after[1], resources) as con:
        return Comparison(one, other, [_compared(con, pair, shown) for pair in pairs(con, tables)])


def _compared(con: duckdb.DuckDBPyConnection, pair: Pair, shown: int) -> TableDiff:
    if pair.before is None or pair.after is None:
        before = None if pair.before is None else count(con, BEFORE, pair)
        after = None if pair.after is None else count(con, AFTER, pair)
        return TableDiff(pair, (before, after))
    by_key = Keyed(con, pair).compare(shown) if pair.key else None
    rows = compare_whole(con, pair, shown) if by_key is None else by_key
    counts = (rows.before, rows.after)
    return TableDiff(pair, counts, rows, [] if rows.are_same else money(con, pair, shown=shown))
