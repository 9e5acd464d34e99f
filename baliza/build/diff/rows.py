"""What is told of the rows in which a table of one file differs from that of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Value:
    """What a column held, and holds."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ChangedRow:
    """A row that both files have, with the columns in which it differs."""

    key: Mapping[str, Any]
    values: list[Value]


@dataclass(frozen=True)
class Rows:
    """How the rows of a table differ.

    Attributes:
        key: the columns that tell which rows are one; empty where rows were compared whole, because a file
            lacks a column of the key, or holds the same key twice.
        before, after: how many rows each file has.
        removed, added, changed: only in the first, only in the second, in both and not the same.
        changed_by_column: in how many of the changed rows each column differs.
        removed_sample, added_sample: some of them: their keys, or whole rows where there is no key.
        changed_sample: some of them.
    """

    key: tuple[str, ...]
    before: int
    after: int
    removed: int
    added: int
    changed: int
    changed_by_column: Mapping[str, int] = field(default_factory=dict)
    removed_sample: list[dict[str, Any]] = field(default_factory=list)
    added_sample: list[dict[str, Any]] = field(default_factory=list)
    changed_sample: list[ChangedRow] = field(default_factory=list)

    @property
    def are_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.removed or self.added or self.changed)
