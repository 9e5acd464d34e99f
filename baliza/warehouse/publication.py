"""Publishing: the state of a file after a command that ended well, copied to where readers read it.

DuckDB lets no second process open a file that a writer holds. So readers read the newest snapshot, and a
command that changed what they see makes one when it ends.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import duckdb

from baliza.errors import DatabaseError, DatabaseLockedError
from baliza.warehouse import snapshots
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.copying import copy_whole, drop_abandoned
from baliza.warehouse.snapshots import Snapshot

logger = logging.getLogger(__name__)

_SEEN = (
    "SELECT name, fingerprint, rows, built_at FROM meta.tables ORDER BY name",
    """
    SELECT table_name, max(landing_id), sum(stored)
    FROM meta.landings WHERE stored > 0 GROUP BY table_name ORDER BY table_name
    """,
    # Of a ledger of millions of cells, numbers alone: a change of one moves its time, or what it counts.
    """
    SELECT count(*), max(updated_at), sum(landed), sum(quarantined), count(*) FILTER (status = 'complete')
    FROM meta.coverage
    """,
    "SELECT count(*), bit_xor(hash(record)) FROM meta.quarantine AS record",
    "SELECT count(*), bit_xor(hash(record)) FROM meta.vanished AS record",
    """
    SELECT count(*), bit_xor(hash(schema_name, table_name, column_name, data_type))
    FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal
    """,
)
"""What readers see of a file: which tables, made when and from what; what landed; the ledger. Not the diary
of runs, which a build that finds nothing to do writes too. Without parameters, at the first of which DuckDB
imports pandas."""


def state(con: duckdb.DuckDBPyConnection) -> str:
    """A digest of what readers see of a file: two files of one state are not told apart by them."""
    seen = [con.execute(query).fetchall() for query in _SEEN]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()


def is_whole(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the last build of the file, by command or by a driver, ended well.

    One that failed or was killed has left new tables beside old ones; what lands afterwards makes it no
    better, only another build does.
    """
    row = con.execute(
        "SELECT exit_code IN (0, 3) FROM meta.runs WHERE command IN ('build', 'driver') "
        "ORDER BY run_id DESC LIMIT 1"
    ).fetchone()
    return row is None or bool(row[0])


def to_publish(con: duckdb.DuckDBPyConnection, database: Path) -> str | None:
    """The state of an open file, where it is one for readers and they do not see it yet."""
    if not is_whole(con):
        logger.debug("%s is not published: its last build did not end well", database)
        return None
    now = state(con)
    newest = snapshots.newest(database)
    return None if newest and _state_of(newest) == now else now


def publish(database: Path, seen: str) -> Snapshot | None:
    """Copy the file, which nobody in this process has open.

    While it is copied it is held to be read, so that nobody writes to it.

    Args:
        database: the file.
        seen: the state to publish. Whoever has changed it since will publish what is there then.

    Returns:
        What is published; None where another process was quicker.

    Raises:
        DiskFullError, DatabaseError: it cannot be copied; readers keep what they have.
    """
    try:
        con = connect(database, write=False)
    except DatabaseLockedError:
        logger.debug("%s is not published: another process writes to it already", database)
        return None
    with con, explained(database):
        if state(con) != seen:
            logger.debug("%s is not published: another process has changed it", database)
            return None
        row = con.execute("SELECT coalesce(max(run_id), 0) FROM meta.runs").fetchone()
        published = snapshots.named(database, row[0] if row else 0)
        copy_whole(database, published.path)
    logger.debug("%s is published as %s", database, published.path)
    return published


def keep_newest(database: Path, keep: int) -> None:
    """Delete the snapshots that are more than are kept, and what publications that were killed have left."""
    for one in snapshots.beyond(database, keep):
        snapshots.drop(one)
    drop_abandoned(snapshots.folder(database))


def _state_of(snapshot: Snapshot) -> str | None:
    """Its state; None where it cannot be told, as of one of another baliza."""
    try:
        with connect(snapshot.path, write=False) as con:
            return state(con)
    except (DatabaseError, duckdb.Error) as error:
        logger.debug("%s cannot be compared: %s", snapshot.path, error)
        return None
