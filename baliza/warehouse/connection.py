"""Opening the DuckDB file, and saying clearly why it cannot be opened or written."""

from __future__ import annotations

import re
import tempfile
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
    InvalidSettingError,
    NewerFormatError,
    NotADatabaseError,
    OutOfMemoryError,
    is_interruption,
)
from baliza.kinds import size
from baliza.settings import Resources
from baliza.warehouse.form import attach_new

_HOLDER = re.compile(r"held in (?P<program>\S+)(?: by user \S+)? ?\(PID (?P<pid>\d+)\)")


_SCHEMAS = ("raw", "stage", "mart", "meta")

_LIMIT = "baliza_memory_limit"
"""Variable of a connection: the limit it was opened with; DuckDB itself tells it rounded down."""


def connect(
    path: Path, *, write: bool, create: bool | None = None, resources: Resources | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the file, to read or to write.

    Args:
        path: of the DuckDB file.
        write: open it to write, alone; otherwise to read.
        create: make the file, with its folder, where there is none; by default when it is opened to write.
        resources: what DuckDB may take of the machine, from before it reads the file.

    Raises:
        InvalidSettingError: its name is that of a schema in it.
        DatabaseMissingError: nothing there to read.
        NotADatabaseError, DatabaseLockedError, DatabaseReadOnlyError, NewerFormatError, DiskFullError.
    """
    _check_name(path)
    if not (write if create is None else create) and not path.exists():
        raise DatabaseMissingError(
            "The database {path} was to be read.",
            "There is no such file.",
            "Build it first: baliza build --target mart_spending --database {path}",
            path=path,
        )
    with explained(path):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                with duckdb.connect() as con:
                    attach_new(con, path, "created")
        con = duckdb.connect(path, read_only=not write, config=config(resources or Resources()))
        # Rows carry their own order; keeping the order of insertion would cost memory.
        con.execute("SET preserve_insertion_order = false")
        if resources and resources.memory_limit:
            con.execute(f"SET VARIABLE {_LIMIT} = ?", [resources.memory_limit])
    return con


def _check_name(path: Path) -> None:
    """DuckDB calls a file by its name: in raw.duckdb it could not tell the schema raw from the file."""
    if path.stem.lower() in _SCHEMAS:
        raise InvalidSettingError(
            "The database {path} was to be used.",
            "A file cannot be named as one of its schemas: {schemas}.",
            "Give it another name, such as {other}; its snapshots too, if there are any.",
            path=path,
            schemas=", ".join(_SCHEMAS),
            other=path.with_stem("pncp"),
        )


def config(resources: Resources) -> dict[str, str | bool | int | float | list[str]]:
    """What DuckDB is opened with, so that it takes no more.

    Raises:
        InvalidSettingError: the folder it should spill to cannot be written.
    """
    config: dict[str, str | bool | int | float | list[str]] = {}
    if resources.memory_limit:
        config["memory_limit"] = resources.memory_limit
    if resources.threads:
        config["threads"] = resources.threads
    if resources.temp_directory:
        config["temp_directory"] = str(_spill_folder(resources.temp_directory))
    return config


def _spill_folder(path: Path) -> Path:
    """The folder, made: DuckDB makes none above it, and says so hours later, when memory is full."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise InvalidSettingError(
            "The folder {path} was to hold what does not fit into memory.",
            "It cannot be written: {error}.",
            "Name another with --temp-directory.",
            path=path,
            error=error.strerror,
        ) from error
    return path


@contextmanager
def limited(
    con: duckdb.DuckDBPyConnection, *, memory_limit: str, threads: int | None = None
) -> Iterator[None]:
    """Within the block DuckDB takes no more than this; afterwards as much as the file was opened with."""
    row = con.execute(f"SELECT getvariable('{_LIMIT}'), current_setting('threads')").fetchone()
    allowed, had = row or (None, 1)
    least = min(memory_limit, allowed, key=size) if allowed else memory_limit
    con.execute("SET memory_limit = ?", [least])
    if threads:
        con.execute("SET threads = ?", [min(threads, had)])
    try:
        yield
    finally:
        # Where a statement failed, its transaction takes no more of them, and that error must be told.
        with suppress(duckdb.TransactionException, duckdb.InvalidInputException):
            con.execute("SET memory_limit = ?", [allowed]) if allowed else con.execute("RESET memory_limit")
            con.execute("SET threads = ?", [had])


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """BEGIN and COMMIT around the block; ROLLBACK when it fails."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT")
    except BaseException as error:
        _end_statement(con, error)
        # Where there is nothing left to roll back, what went wrong before is what must be told.
        with suppress(duckdb.Error):
            con.execute("ROLLBACK")
        raise


@contextmanager
def interruptible(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Around statements that only read: Ctrl-C ends the one that runs, or closing would wait for it."""
    try:
        yield
    except BaseException as error:
        _end_statement(con, error)
        raise


def _end_statement(con: duckdb.DuckDBPyConnection, error: BaseException) -> None:
    """After Ctrl-C; else what comes next waits for the statement, which goes on in other threads."""
    if is_interruption(error):
        con.interrupt()


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
    asked = "The database {path} was to be used."
    if holder := _HOLDER.search(message):
        return DatabaseLockedError(
            asked,
            "Another process holds it: {program} (PID {pid}).",
            "Wait until it ends, or end it, and run the command again.",
            path=path,
            **holder.groupdict(),
        )
    if isinstance(error, duckdb.OutOfMemoryException) and "max_temp_directory_size" not in message:
        found = "DuckDB ran out of memory: {message}"
        remedy = "Allow it more with --memory-limit, or close other programs, and try again."
        # What DuckDB suggests after that are settings of its own.
        return OutOfMemoryError(asked, found, remedy, path=path, message=message.partition("\n\n")[0])
    for signs, kind, found, remedy in _SIGNS:
        if any(sign.lower() in message.lower() for sign in signs):
            return kind(asked, found, remedy, path=path, message=message)
    if path.is_dir():
        return NotADatabaseError(asked, "It is a folder.", "Name a file with --database.", path=path)
    return DatabaseError(
        asked, "{message}", "Run again with --debug to see where.", path=path, message=message
    )


_SIGNS: tuple[tuple[tuple[str, ...], type[DatabaseError], str, str], ...] = (
    (
        ("Could not set lock",),
        DatabaseLockedError,
        "It is locked: {message}",
        "Close whatever has it open and try again.",
    ),
    (
        ("not a valid DuckDB database",),
        NotADatabaseError,
        "It is not a DuckDB file.",
        "Name another file with --database, or move this one away.",
    ),
    (
        ("newer version of DuckDB", "version number"),
        NewerFormatError,
        "It was written by another version of DuckDB: {message}",
        "Upgrade baliza: pip install -U baliza",
    ),
    (
        ("No space left", "Disk full", "Disk quota", "max_temp_directory_size"),
        DiskFullError,
        "The disk is full.",
        "Free some space and run the same command again: it goes on from what had been committed.",
    ),
    (
        ("Permission denied", "Read-only file system", "read-only mode", "Cannot open file"),
        DatabaseReadOnlyError,
        "It cannot be written here.",
        "Name a file in a folder of your own with --database.",
    ),
)
"""What DuckDB and the system say, and what it means."""
