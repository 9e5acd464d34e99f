"""The lines of SQL in which a table differs from the one that stands."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import sqlglot

MOST_LINES = 200
"""Lines told of one table."""


@dataclass(frozen=True)
class SqlDiff:
    """A unified diff.

    Attributes:
        lines: the first of them.
        left_out: how many more there are.
    """

    lines: tuple[str, ...] = ()
    left_out: int = 0


def between(before: str, after: str) -> SqlDiff:
    """The lines that changed, with three around them; none where the SQL is the same."""
    if before == after:
        return SqlDiff()
    lines = tuple(difflib.unified_diff(_pretty(before), _pretty(after), "built", "now", lineterm=""))
    return SqlDiff(lines[:MOST_LINES], max(0, len(lines) - MOST_LINES))


def _pretty(sql: str) -> list[str]:
    return sqlglot.transpile(sql, read="duckdb", write="duckdb", pretty=True)[0].splitlines()
