"""Opening a file to read: as it was last published, or as it is.

People's questions (`query`, `explain`, the read-only driver) are answered from the newest snapshot: they
never wait for a build and never see half of one. What tells an operator about the file (`status`, `gaps`,
`runs`, ...) reads the file itself, and its last published state while a command writes to it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from baliza.errors import DatabaseError, DatabaseLockedError, DatabaseMissingError
from baliza.language import _
from baliza.settings import Resources
from baliza.warehouse import schema, snapshots
from baliza.warehouse.connection import connect, explained, interruptible
from baliza.warehouse.snapshots import Snapshot

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """A file that is read.

    Attributes:
        con: to be closed by whoever opened it.
        path: of what is read: the file, or a snapshot of it.
        snapshot: None where it is the file itself.
    """

    con: duckdb.DuckDBPyConnection
    path: Path
    snapshot: Snapshot | None


def open_published(
    database: Path, *, resources: Resources | None = None, unpublished: bool = False
) -> Opened:
    """The last published state of a file; the file itself where nothing of it is published.

    Args:
        database: the file.
        resources: what DuckDB may take of the machine.
        unpublished: the file itself, whatever is published: after a build that failed, old tables stand in it
            beside new ones.

    Raises:
        DatabaseError: missing, not baliza's, or locked where the file itself is to be read.
    """
    if unpublished:
        return Opened(_checked(connect(database, write=False, resources=resources), database), database, None)
    if not database.exists() and (newest := snapshots.newest(database)):
        raise DatabaseMissingError(
            "The database {path} was to be read.",
            "There is no such file any more. Its last published state still is: {snapshot}",
            "Copy that to {path}, or delete {folder}.",
            path=database,
            snapshot=newest.path,
            folder=snapshots.folder(database),
        )
    while newest := snapshots.newest(database):
        try:
            con = connect(newest.path, write=False, resources=resources)
        except DatabaseError:
            if newest.path.exists():
                raise
            continue  # a newer one has been published since, and this one deleted
        return Opened(_checked(con, newest.path), newest.path, newest)
    con = connect(database, write=False, resources=resources)
    return Opened(_checked(con, database), database, None)


def open_live(database: Path) -> Opened:
    """A file as it is; its last published state, and a warning, while a command writes to it.

    Raises:
        DatabaseError: missing, not baliza's, or locked where nothing is published.
    """
    try:
        con = connect(database, write=False)
    except DatabaseLockedError:
        if snapshots.newest(database) is None:
            raise
        opened = open_published(database)
        if opened.snapshot:
            logger.warning("%s", _told_locked(database, opened.snapshot))
        return opened
    return Opened(_checked(con, database), database, None)


@contextmanager
def reading_published(
    database: Path, *, resources: Resources | None = None, unpublished: bool = False
) -> Iterator[Opened]:
    """`open_published`, closed afterwards; what DuckDB says meanwhile is told as baliza's errors."""
    opened = open_published(database, resources=resources, unpublished=unpublished)
    with opened.con, interruptible(opened.con), explained(opened.path):
        yield opened


@contextmanager
def reading_live(database: Path) -> Iterator[Opened]:
    """`open_live`, closed afterwards; what DuckDB says meanwhile is told as baliza's errors."""
    opened = open_live(database)
    with opened.con, interruptible(opened.con), explained(opened.path):
        yield opened


def _checked(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyConnection:
    try:
        schema.check_format(con, path)
    except BaseException:
        con.close()
        raise
    return con


def _told_locked(database: Path, snapshot: Snapshot) -> str:
    told = _("Another process holds {database}; this is its state after run {run}, published {time} UTC.")
    time = snapshot.published_at.strftime("%Y-%m-%d %H:%M:%S")
    return told.format(database=database, run=snapshot.run_id, time=time)
