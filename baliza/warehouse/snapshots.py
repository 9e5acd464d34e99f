"""The snapshots beside a file: whole copies of it, each as it was when a command had ended well.

`data/baliza.duckdb` has its in `data/baliza.snapshots/`. A name says when it was published (UTC) and after
which run: `20260728T141502Z-run-7.duckdb`. Names sort by time, so a file that was begun anew, whose runs
count from 1 again, does not lose to the snapshots of the one before it.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from baliza.errors import UnknownRecordError

logger = logging.getLogger(__name__)

_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<time>\d{8}T\d{6}Z)-run-(?P<run>\d+)\.duckdb")


@dataclass(frozen=True)
class Snapshot:
    """A published state.

    Attributes:
        path: of the copy, which is never written again.
        run_id: the last run whose work is in it; 0 where none was written down.
        published_at: UTC, to the second.
    """

    path: Path
    run_id: int
    published_at: datetime

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {"run_id": self.run_id, "published_at": self.published_at.isoformat(), "path": str(self.path)}


def folder(database: Path) -> Path:
    """Where the snapshots of a file are."""
    return database.with_suffix(".snapshots")


def listing(database: Path) -> list[Snapshot]:
    """The snapshots of a file, the newest first."""
    try:
        names = sorted((path.name for path in folder(database).iterdir()), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        Snapshot(
            folder(database) / name,
            int(found["run"]),
            datetime.strptime(found["time"], _TIME).replace(tzinfo=UTC),
        )
        for name in names
        if (found := _NAME.fullmatch(name))
    ]


def newest(database: Path) -> Snapshot | None:
    """What readers see; None where nothing is published."""
    return next(iter(listing(database)), None)


def of_run(database: Path, run_id: int) -> Snapshot:
    """The state after a run.

    Raises:
        UnknownRecordError: no snapshot is of that run; says which there are.
    """
    held = listing(database)
    found = next((one for one in held if one.run_id == run_id), None)
    if found is None:
        raise UnknownRecordError(
            "The state of {database} after run {run_id} was asked for.",
            "No snapshot is of that run; there are those of the runs {runs}."
            if held
            else "The file has no snapshots.",
            "Keep more of them with the setting snapshots (BALIZA_SNAPSHOTS), from the next build on.",
            database=database,
            run_id=run_id,
            runs=", ".join(str(one.run_id) for one in held),
        )
    return found


def named(database: Path, run_id: int) -> Snapshot:
    """The next snapshot, still to be made: newer than those there are, though the clock was set back."""
    moment = datetime.now(UTC).replace(microsecond=0)
    if last := newest(database):
        moment = max(moment, last.published_at + timedelta(seconds=1))
    return Snapshot(folder(database) / f"{moment.strftime(_TIME)}-run-{run_id}.duckdb", run_id, moment)


def beyond(database: Path, keep: int) -> list[Snapshot]:
    """Those that are more than are kept."""
    return listing(database)[keep:]


def drop(snapshot: Snapshot) -> bool:
    """Delete one; a reader that has it open keeps what it reads, and on Windows keeps the file.

    Returns:
        Whether it is gone.
    """
    try:
        snapshot.path.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("%s is left for the next time: %s", snapshot.path, error)
        return False
    return True
