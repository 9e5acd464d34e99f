"""Dropping the old schema from its file: after a verified backup, into a new file that takes its place.

The old file is never written to: until the new one has its name, it is as it was.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from baliza.errors import DatabaseError, DatabaseLockedError, DiskFullError
from baliza.migration.old_file import OLD_TABLES, escaped
from baliza.warehouse.compaction import counts
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.copying import PARTIAL, abandoned, copy_whole, flush, same_folder_move
from baliza.warehouse.omission import write_without

_SPARE = 64_000_000
"""Bytes that stay free beside the backup and the new file."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class Dropped:
    """What was dropped.

    Attributes:
        backup: the whole old file, as it was.
        before, after: bytes of the old file.
        tables: left out of it.
        views: still there, that read what is not any more.
    """

    backup: Path
    before: int
    after: int
    tables: list[str]
    views: list[str]

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {**vars(self), "backup": str(self.backup)}


def room_needed(old: Path) -> int:
    """Bytes it takes beside the old file: a backup, and a new file that is no larger."""
    return 2 * old.stat().st_size + _SPARE


def check_room(old: Path) -> None:
    """Refuse before anything begins where the disk is too small.

    Raises:
        DiskFullError.
    """
    free = shutil.disk_usage(old.parent).free
    if free < room_needed(old):
        raise DiskFullError(
            "The old schema was to be dropped from {old}, after a backup.",
            "The disk is too small: backup and new file take up to {needed} MB, and {free} MB are free.",
            "Free some space, or migrate without --drop-psa. Nothing was begun.",
            old=old,
            needed=room_needed(old) // 10**6 + 1,
            free=free // 10**6,
        )


def drop(old: Path) -> Dropped:
    """Drop the tables of the old layout, and whatever else is in the schema psa.

    Raises:
        DiskFullError: there is no room; the file is as it was.
        DatabaseError: it is locked, has changed meanwhile, or the copies are not the same; it is as it was.
    """
    _drop_leftovers(old)
    check_room(old)
    # A log that was not written back yet belongs to the file: whoever opens it to write mends it.
    connect(old, write=True, create=False).close()
    before = old.stat()
    backup = _backed_up(old)
    fresh = old.with_name(f"{old.name}.compacted{PARTIAL}")
    try:
        with explained(old), duckdb.connect() as con:
            con.execute(f"ATTACH '{escaped(old)}' AS old (READ_ONLY)")
            tables = counts(con, "old")
            _check_backup(con, old, backup, tables)
            omitted = sorted(table for table in tables if table in OLD_TABLES or table.startswith("psa."))
            views = write_without(con, old, fresh, omitted)
            _check_untouched(old, before.st_size, before.st_mtime_ns)
            flush(fresh)
            same_folder_move(fresh, old, let_go=con.close)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(f"{fresh.name}.wal").unlink(missing_ok=True)
    return Dropped(backup, before.st_size, old.stat().st_size, omitted, views)


def _backed_up(old: Path) -> Path:
    """A copy of the file beside it, byte for byte; one that a run before has made serves."""
    digest = _sha256(old)
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        backup = old.with_name(f"{old.stem}.before-migration{suffix}{old.suffix}")
        if not backup.exists():
            with explained(old):
                copy_whole(old, backup)
        if _sha256(backup) == digest:
            return backup
        number += 1


def _check_backup(con: duckdb.DuckDBPyConnection, old: Path, backup: Path, tables: dict[str, int]) -> None:
    """Open the backup again, and count."""
    con.execute(f"ATTACH '{escaped(backup)}' AS backup (READ_ONLY)")
    found = counts(con, "backup")
    con.execute("DETACH backup")
    if found != tables:
        raise DatabaseError(
            "The old schema was to be dropped from {old}, after a backup.",
            "The backup does not hold what the file holds. The file is as it was.",
            "Is another program writing to it? End that, and run the command again.",
            old=old,
        )


def _check_untouched(old: Path, size: int, mtime: int) -> None:
    now = old.stat()
    if (now.st_size, now.st_mtime_ns) != (size, mtime):
        raise DatabaseLockedError(
            "The old schema was to be dropped from {old}.",
            "Another program has written to it since its backup was made.",
            "End that program, and run the command again. The file is as it was.",
            old=old,
        )


def _drop_leftovers(old: Path) -> None:
    """Delete what killed runs have left."""
    for path in abandoned(old.parent):
        if path.name.startswith((f"{old.stem}.before-migration", f"{old.name}.compacted")):
            path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
