"""A command and its file: opened and laid out to be written, with a line in its diary; or only read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from baliza import __version__
from baliza.build import runs
from baliza.build.raw_tables import raw_tables
from baliza.errors import INTERRUPTED, BalizaError, is_interruption
from baliza.language import _
from baliza.settings import DEFAULT_SNAPSHOTS, Settings
from baliza.warehouse import publication, schema
from baliza.warehouse.connection import connect, explained

logger = logging.getLogger(__name__)

DONE = 0
INCOMPLETE = 3
"""Done and shown, but what was asked for is not completely covered."""


@dataclass
class Session:
    """An open file.

    Attributes:
        run_id: of the command in the diary, once it has a line there.
        is_held: whether the file is open here, and not lent or lost to another process.
        exit_code: what the command ends with, for the diary.
    """

    con: duckdb.DuckDBPyConnection
    _open: Callable[[], duckdb.DuckDBPyConnection]
    run_id: int = 0
    is_held: bool = True
    exit_code: int = BalizaError.exit_code
    _started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the command began."""
        return round(time.monotonic() - self._started, 3)

    @property
    def ended_well(self) -> bool:
        """Whether the command did what it was to do, as far as PNCP let it."""
        return self.exit_code in {DONE, INCOMPLETE}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The file closed, so that another process can write it, and opened again afterwards.

        Raises:
            DatabaseError: it cannot be opened again.
        """
        self.con.close()
        self.is_held = False
        try:
            yield
        finally:
            self.con = self._open()
            self.is_held = True


@contextmanager
def writing(
    database: Path,
    command: str,
    told: Mapping[str, object],
    *,
    create: bool = True,
    source: str | None = "pncp",
    settings: Settings | None = None,
) -> Iterator[Session]:
    """Open the file to write, and publish it when the command ended well and changed what readers see.

    Args:
        database: the file.
        command: as meta.runs keeps it.
        told: what it was asked for, as meta.runs keeps it.
        create: make the file where there is none.
        source: where data will come from; the sample is claimed at once, PNCP when it first answers. None
            where nothing new comes.
        settings: what DuckDB may take, how many snapshots are kept, and what meta.runs keeps of what the
            command ran with.

    Raises:
        DatabaseError: it cannot be opened, or holds another source.
    """
    keep = settings.snapshots.value if settings else DEFAULT_SNAPSHOTS
    state = None
    opened = partial(connect, database, write=True, create=create, resources=settings and settings.resources)
    session = Session(opened(), opened)
    try:
        schema.prepare(session.con, database, version=__version__, raw_tables=raw_tables())
        if source and "sample" in {source, schema.read_fact(session.con, "source")}:
            schema.claim_source(session.con, database, source)
        ran_with = {"settings": settings.as_json()} if settings else {}
        session.run_id = runs.start(session.con, command, {**told, **ran_with})
        try:
            yield session
        except BaseException as error:
            if is_interruption(error):
                session.exit_code = INTERRUPTED
            elif isinstance(error, BalizaError):
                session.exit_code = error.exit_code
            raise
        finally:
            with explained(database):
                if session.is_held:
                    runs.finish(
                        session.con, session.run_id, seconds=session.seconds, exit_code=session.exit_code
                    )
                if session.ended_well and keep:
                    state = publication.to_publish(session.con, database)
    finally:
        session.con.close()
    if session.ended_well:
        publish(database, state, keep=keep)


def publish(database: Path, state: str | None, *, keep: int) -> None:
    """Publish a file that was written and is closed. What goes wrong is told; the work is done all the same.

    Args:
        database: the file.
        state: to be published; None where readers see it already, or are not to.
        keep: how many snapshots stay.
    """
    try:
        if state is not None:
            publication.publish(database, state)
        publication.keep_newest(database, keep)
    except (BalizaError, OSError) as error:
        why = " ".join(error.sentences(_)) if isinstance(error, BalizaError) else str(error)
        told = _("The work is done, but not published; readers keep the state before it. {why}")
        logger.warning("%s", told.format(why=why))


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
