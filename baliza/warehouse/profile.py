"""How much memory a statement took, as DuckDB counts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def profiled(con: duckdb.DuckDBPyConnection) -> Iterator[Callable[[], int | None]]:
    """Around statements: ask, after one, how many bytes DuckDB held at most while it ran.

    To be opened outside of a transaction: in one that failed, profiling could not be ended.
    """
    con.execute("""SET custom_profiling_settings = '{"SYSTEM_PEAK_BUFFER_MEMORY": "true"}'""")
    con.execute("SET enable_profiling = 'no_output'")
    try:
        yield lambda: json.loads(con.get_profiling_information()).get("system_peak_buffer_memory")
    finally:
        con.execute("PRAGMA disable_profiling")
