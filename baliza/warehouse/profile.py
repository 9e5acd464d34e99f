"""How much memory a statement took, as DuckDB counts it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb

_SECONDS_BETWEEN_LOOKS = 0.02
"""A look takes a quarter of a millisecond."""


@contextmanager
def profiled(con: duckdb.DuckDBPyConnection) -> Iterator[Callable[[], int | None]]:
    """Around statements: ask, after one, how many bytes DuckDB held at most while it ran.

    What it holds counts whole, pages of the file that it keeps to read again among them. DuckDB's own peak is
    that of everything since the file was opened: where the statement raised it, it is the statement's; where
    not, what is held is looked at while it runs, and a peak between two looks may stay unseen. Ask before the
    transaction ends: looks are transactions, and one that is open keeps a commit from tidying the file.

    To be opened outside of a transaction: in one that failed, profiling could not be ended.
    """
    con.execute("""SET custom_profiling_settings = '{"SYSTEM_PEAK_BUFFER_MEMORY": "true"}'""")
    con.execute("SET enable_profiling = 'no_output'")
    try:
        con.execute("SELECT 1").fetchall()
        before = _peak(con)
        with looking(con) as seen:

            def most_memory() -> int | None:
                peak = _peak(con)
                return max(seen(), peak if peak > before else 0)

            yield most_memory
    finally:
        con.execute("PRAGMA disable_profiling")


def _peak(con: duckdb.DuckDBPyConnection) -> int:
    """Of the last statement: the peak since the file was opened."""
    return int(json.loads(con.get_profiling_information()).get("system_peak_buffer_memory", 0))


@contextmanager
def looking(con: duckdb.DuckDBPyConnection) -> Iterator[Callable[[], int]]:
    """Look again and again at what is held, in bytes; who asks for the most that was seen ends it."""
    looks: list[int] = []
    enough = threading.Event()
    beside = con.cursor()

    def look() -> None:
        # Where no room is left even to look, the statement itself says so, or gives some back.
        with suppress(duckdb.OutOfMemoryException):
            looks.append(held())

    def held() -> int:
        (row,) = beside.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
        return int(row[0])

    def keep_looking() -> None:
        while not enough.wait(_SECONDS_BETWEEN_LOOKS):
            look()

    looker = threading.Thread(target=keep_looking, daemon=True)
    looker.start()

    def most() -> int:
        enough.set()
        looker.join()
        look()
        return max(looks, default=0)

    try:
        yield most
    finally:
        enough.set()
        looker.join()
        beside.close()
