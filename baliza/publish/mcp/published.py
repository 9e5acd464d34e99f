"""Which state of a file is read: the one place where a question meets the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baliza.warehouse import schema, snapshots
from baliza.warehouse.connection import explained
from baliza.warehouse.published import open_published


@dataclass(frozen=True)
class Published:
    """A state of the file.

    Attributes:
        path: of what is opened: a snapshot, or the file itself where none was ever made.
        identity: changes when another state is published.
        source: pncp, sample or simulator; None where nothing was ever fetched.
        run: the last whose work is in it; None where none was written down.
        published_at: UTC; of the file itself, when it was last written.
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
        DatabaseError: missing, not baliza's, or locked where nothing is published.
    """
    newest = snapshots.newest(database)
    if known and _identity(newest.path if newest else database) == known.identity:
        return known
    opened = open_published(database)
    with opened.con, explained(opened.path):
        row = opened.con.execute("SELECT max(run_id) FROM meta.runs").fetchone()
        written = datetime.fromtimestamp(opened.path.stat().st_mtime, UTC)
        return Published(
            path=opened.path,
            identity=_identity(opened.path),
            source=schema.read_fact(opened.con, "source"),
            run=row[0] if row else None,
            published_at=opened.snapshot.published_at if opened.snapshot else written,
        )


def _identity(path: Path) -> tuple[object, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return path, found.st_ino, found.st_mtime_ns, found.st_size
