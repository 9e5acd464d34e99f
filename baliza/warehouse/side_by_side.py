"""Two files open in one connection, to be read together: `before` and `after`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from baliza.settings import Resources
from baliza.warehouse import schema
from baliza.warehouse.connection import config, connect, explained

BEFORE, AFTER = "before", "after"
SIDES = (BEFORE, AFTER)
"""What the files are called in SQL."""


@contextmanager
def side_by_side(before: Path, after: Path, resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both files, to be read.

    Args:
        before: a file.
        after: another; of one and the same DuckDB attaches it only once.
        resources: what DuckDB may take; without a folder it spills beside the first file.

    Raises:
        DatabaseError: one of them is missing, locked, or not baliza's.
    """
    with (
        _spill_folder(before.parent) as folder,
        duckdb.connect(config=config(resources) | _spilling_to(folder, resources)) as con,
    ):
        con.execute("SET preserve_insertion_order = false")
        for name, path in ((BEFORE, before), (AFTER, after)):
            with explained(path):
                con.execute(f"ATTACH '{_quoted(path)}' AS {name} (READ_ONLY)")
        yield con


def source_of(path: Path) -> str | None:
    """Where the data of a file come from, once it is sure that it is baliza's.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    con = connect(path, write=False)
    try:
        schema.check_format(con, path)
        return schema.read_fact(con, "source")
    finally:
        con.close()


@contextmanager
def _spill_folder(beside: Path) -> Iterator[Path]:
    where = beside if os.access(beside, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=".baliza-", dir=where) as folder:
        yield Path(folder)


def _spilling_to(folder: Path, resources: Resources) -> dict[str, str | bool | int | float | list[str]]:
    return {} if resources.temp_directory else {"temp_directory": str(folder)}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
