"""Opening the DuckDB file, and saying clearly why it cannot be opened or written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from baliza.errors import (
    BalizaError,
    DatabaseError,
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DiskFullError,
    NewerFormatError,
    NotADatabaseError,
)

_HOLDER = re.compile(r"held in (?P<program>\S+)(?: by user \S+)? ?\(PID (?P<pid>\d+)\)")


def connect(path: Path, *, write: bool, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open the file; `write` creates it, with its folder, when it does not exist.

    Raises:
        DatabaseMissingError: nothing there to read.
        NotADatabaseError, DatabaseLockedError, DatabaseReadOnlyError, NewerFormatError, DiskFullError.
    """
    if not write and not path.exists():
        raise DatabaseMissingError(
            f"The database {path} was to be read.",
            "There is no such file.",
            "Build it first: baliza build --target mart_spending --database " + str(path),
        )
    with explained(path):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(path, read_only=not write)
        # Rows carry their own order; keeping the order of insertion would cost memory.
        con.execute("SET preserve_insertion_order = false")
        con.execute("SET enable_progress_bar = false")
        if memory_limit is not None:
            con.execute("SET memory_limit = ?", [memory_limit])
    return con


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """BEGIN and COMMIT around the block; ROLLBACK when it fails."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        # DuckDB has already ended the transaction when COMMIT itself failed.
        with suppress(duckdb.TransactionException):
            con.execute("ROLLBACK")
        raise
    else:
        con.execute("COMMIT")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what DuckDB and the system say about the file into baliza's errors."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise explain(error, path) from error


def explain(error: Exception, path: Path) -> BalizaError:
    """The error of baliza that says what DuckDB or the system meant."""
    message = str(error)
    asked = f"The database {path} was to be used."
    if holder := _HOLDER.search(message):
        return DatabaseLockedError(
            asked,
            f"Another process holds it: {holder['program']} (PID {holder['pid']}).",
            "Wait until it ends, or end it, and run the command again.",
        )
    if "Could not set lock" in message:
        return DatabaseLockedError(asked, f"It is locked: {message}", "Close whatever has it open and try again.")
    if "not a valid DuckDB database" in message:
        return NotADatabaseError(
            asked, "It is not a DuckDB file.", "Name another file with --database, or move this one away."
        )
    if "newer version of DuckDB" in message or "version number" in message:
        return NewerFormatError(
            asked, f"It was written by another version of DuckDB: {message}", "Upgrade baliza: pip install -U baliza"
        )
    if any(sign in message for sign in ("No space left", "Disk full", "disk quota", "max_temp_directory_size")):
        return DiskFullError(
            asked,
            "The disk is full.",
            "Free some space and run the same command again: it goes on from what had been committed.",
        )
    if any(sign in message for sign in ("Permission denied", "Read-only file system", "read-only mode")):
        return DatabaseReadOnlyError(
            asked, "It cannot be written here.", "Name a file in a folder of your own with --database."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return DiskFullError(asked, f"DuckDB ran out of memory: {message}", "Close other programs and try again.")
    if "Is a directory" in message or path.is_dir():
        return NotADatabaseError(asked, "It is a folder.", "Name a file with --database.")
    return DatabaseError(asked, f"DuckDB says: {message}", "Run again with --debug to see where.")
