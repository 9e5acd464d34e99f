"""Many small records in a few files, each loaded when it is asked for.

Records come in the order of their ids; a file is closed when it is large enough. The first id of each file
is all that a page has to know to find any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from baliza.publish.panel.script import data, script

LARGE_ENOUGH = 96_000
"""Bytes of a file: a page reads one, which takes no time on a disk and little on a telephone."""

_BATCH = 5_000


class Shards:
    """The files of one kind of record, below a folder of data.

    Attributes:
        first: ids, of the first record of each file.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder / kind
        self._folder.mkdir(parents=True)
        self._kind = kind
        self._records: list[bytes] = []
        self._size = 0
        self._starts = ""
        self.first: list[str] = []

    def add(self, id_: str, record: Any) -> None:
        """One more record, whose id is greater than those before."""
        encoded = data([id_, record])
        if not self._records:
            self._starts = id_
        self._records.append(encoded)
        self._size += len(encoded)
        if self._size >= LARGE_ENOUGH:
            self.close()

    def close(self) -> None:
        """Write what is left."""
        if not self._records:
            return
        name = f"{self._kind}/{len(self.first)}"
        body = script(name, b"[" + b",\n".join(self._records) + b"]")
        (self._folder / f"{len(self.first)}.js").write_bytes(body)
        self.first.append(self._starts)
        self._records, self._size = [], 0


class Following:
    """The rows of a query beside those of another, both in the order of the id in their first column."""

    def __init__(self, con: duckdb.DuckDBPyConnection, sql: str) -> None:
        # A cursor of its own: several queries are read side by side.
        self._groups = groupby(rows(con.cursor(), sql), key=lambda row: row[0])
        self._next = next(self._groups, None)

    def of(self, id_: str) -> list[tuple[Any, ...]]:
        """The rows of this id, without it; ids must be asked for in their order."""
        while self._next and self._next[0] < id_:
            self._next = next(self._groups, None)
        if not self._next or self._next[0] != id_:
            return []
        found = [row[1:] for row in self._next[1]]
        self._next = next(self._groups, None)
        return found


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, as they come."""
    result = con.execute(sql)
    while batch := result.fetchmany(_BATCH):
        yield from batch
