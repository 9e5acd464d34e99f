"""A command that writes: the file opened and laid out, the command in its diary, the file closed."""

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
