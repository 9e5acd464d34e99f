"""The form of a new file: what reads it, and the size of its blocks."""

from __future__ import annotations

from pathlib import Path

import duckdb

VERSION = "v1.3.0"
"""The storage version: DuckDB 1.3 (2025) and later read it."""

BLOCK_SIZE = 131_072
"""Bytes, half of what DuckDB takes by itself: large files come out a little smaller, small ones by half."""


def attach_new(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Make a file where there is none, and attach it under a name."""
    quoted = str(path).replace("'", "''")
    con.execute(f"ATTACH '{quoted}' AS {name} (STORAGE_VERSION '{VERSION}', BLOCK_SIZE {BLOCK_SIZE})")
