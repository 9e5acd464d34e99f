"""Which state of a file is read: the one place where a question meets the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baliza.warehouse import schema
from baliza.warehouse.connection import connect, explained


@dataclass(frozen=True)
class Published:
    """A state of the file.

    Attributes:
        path: of what is opened.
        identity: changes when another state is published.
        source: pncp, sample or simulator; None where nothing was ever fetched.
        run: the last that wrote to it; None where none did.
        published_at: UTC.
    """

    path: Path
    identity: tuple[object, ...]
    source: str | None
    run: int | None
    published_at: datetime

    @property
    def is_synthetic(self) -> bool:
        """Whether its data are invented."""
        return self.source in {"sample", "simulator"}

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {
            "file": str(self.path),
            "run": self.run,
            "published_at": self.published_at.isoformat(timespec="seconds"),
            "source": self.source,
            "synthetic": self.is_synthetic,
        }


def locate(database: Path, *, known: Published | None = None) -> Published:
    """The newest state of a file.

    Args:
        database: the file.
        known: the state as it was last seen: where it still is the newest, nothing is opened.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    if known and _identity(database) == known.identity:
        return known
    con = connect(database, write=False)
    with con, explained(database):
        schema.check_format(con, database)
        row = con.execute("SELECT max(run_id) FROM meta.runs").fetchone()
        return Published(
            path=database,
            identity=_identity(database),
            source=schema.read_fact(con, "source"),
            run=row[0] if row else None,
            published_at=datetime.fromtimestamp(database.stat().st_mtime, UTC),
        )


def _identity(path: Path) -> tuple[object, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return path, found.st_ino, found.st_mtime_ns, found.st_size
