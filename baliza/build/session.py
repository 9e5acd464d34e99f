"""A command and its file: opened and laid out to be written, with a line in its diary; or only read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from baliza import __version__
from baliza.build import runs
from baliza.build.landed import raw_tables
from baliza.errors import BalizaError
from baliza.settings import Settings
from baliza.warehouse import schema
from baliza.warehouse.connection import connect, explained

DONE = 0
INCOMPLETE = 3
"""Done and shown, but what was asked for is not completely covered."""


@dataclass
class Session:
    """An open file.

    Attributes:
        run_id: of the command in the diary.
        exit_code: what the command ends with, for the diary.
    """

    con: duckdb.DuckDBPyConnection
    run_id: int
    exit_code: int = BalizaError.exit_code
    _started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the command began."""
        return round(time.monotonic() - self._started, 3)


@contextmanager
def writing(
    database: Path,
    command: str,
    told: Mapping[str, object],
    *,
    create: bool = True,
    source: str = "pncp",
    settings: Settings | None = None,
) -> Iterator[Session]:
    """Open the file to write.

    Args:
        database: the file.
        command: as meta.runs keeps it.
        told: what it was asked for, as meta.runs keeps it.
        create: make the file where there is none.
        source: where data will come from; the sample is claimed at once, PNCP when it first answers.
        settings: what DuckDB may take, and what meta.runs keeps of what the command ran with.

    Raises:
        DatabaseError: it cannot be opened, or holds another source.
    """
    con = connect(database, write=True, create=create, resources=settings and settings.resources)
    try:
        schema.prepare(con, database, version=__version__, raw_tables=raw_tables())
        if source == "sample" or schema.read_fact(con, "source") == "sample":
            schema.claim_source(con, database, source)
        run_id = runs.start(con, command, {**told, **({"settings": settings.as_json()} if settings else {})})
        session = Session(con, run_id)
        try:
            yield session
        except BalizaError as error:
            session.exit_code = error.exit_code
            raise
        finally:
            with explained(database):
                runs.finish(con, run_id, seconds=session.seconds, exit_code=session.exit_code)
    finally:
        con.close()


@contextmanager
def reading(database: Path, *, create: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file to say what a command would do.

    Args:
        database: the file; it is left as it is.
        create: whether the command would make the file where there is none, or lay out one that a command
            made and never came to fill: then it is an empty one, in memory.

    Raises:
        DatabaseError: it cannot be opened, or is not there and would not be made.
    """
    con = _opened(database, create=create)
    try:
        with explained(database):
            schema.check_format(con, database)
            yield con
    finally:
        con.close()


def _opened(database: Path, *, create: bool) -> duckdb.DuckDBPyConnection:
    if create and not database.exists():
        return empty(database)
    con = connect(database, write=False)
    if create and schema.is_blank(con):
        con.close()
        return empty(database)
    return con


def empty(database: Path) -> duckdb.DuckDBPyConnection:
    """In memory, what the file would be if it were new."""
    con = duckdb.connect()
    schema.prepare(con, database, version=__version__, raw_tables=raw_tables())
    return con
