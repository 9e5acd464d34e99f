"""Trying everything in quarantine again, in one transaction, and saying what became of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from baliza.build.quarantined import raw_table_named
from baliza.build.raw_tables import raw_table
from baliza.build.session import DONE, INCOMPLETE, writing
from baliza.pncp.endpoints import ENDPOINTS
from baliza.settings import Settings
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.page import PageReader
from baliza.warehouse.release import release
from baliza.warehouse.replay import Tried, batches, endpoints_with_quarantine
from baliza.warehouse.replay import replay as replay_batch


@dataclass
class Replayed:
    """What a replay did: tried = landed + identical + refused.

    Attributes:
        landed: records that are in their table now.
        identical: records that were there already, in the same words.
        reasons: how many are still refused, by reason.
    """

    landed: int = 0
    identical: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def refused(self) -> int:
        """How many stay in quarantine."""
        return self.reasons.total()

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.landed + self.identical + self.refused

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return INCOMPLETE if self.refused else DONE

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {
            "tried": self.tried,
            "landed": self.landed,
            "identical": self.identical,
            "refused": self.refused,
            "reasons": [
                {"reason": reason, "records": records} for reason, records in self.reasons.most_common()
            ],
            "seconds": self.seconds,
            "exit_code": self.exit_code,
        }

    def add(self, tried: list[Tried]) -> None:
        """Count what became of these."""
        for one in tried:
            self.landed += one.is_new
            self.identical += one.text is not None and not one.is_new
            if one.text is None:
                self.reasons[one.reason or ""] += 1


def replay(database: Path, *, table: str | None = None, settings: Settings | None = None) -> Replayed:
    """Try what is in quarantine again; all of it is committed together, or nothing.

    Args:
        database: the file.
        table: only what is of this raw table.
        settings: what the command runs with.

    Raises:
        UnknownTargetError: there is no such raw table.
        DatabaseError: the file cannot be written.
    """
    name = raw_table_named(table) if table else None
    replayed = Replayed()
    with writing(
        database, "replay", {"table": name}, create=False, source=None, settings=settings
    ) as session:
        with (
            explained(database),
            transaction(session.con),
            tempfile.TemporaryDirectory(prefix=f"{database.name}.", dir=database.parent) as spool,
        ):
            for endpoint, of_table in endpoints_with_quarantine(session.con, name):
                _replay_endpoint(session.con, endpoint, of_table, Path(spool), replayed.add)
        replayed.seconds = session.seconds
        session.exit_code = replayed.exit_code
    return replayed


def _replay_endpoint(
    con: duckdb.DuckDBPyConnection,
    endpoint: str,
    table: str,
    spool: Path,
    count: Callable[[list[Tried]], None],
) -> None:
    if endpoint not in ENDPOINTS or ENDPOINTS[endpoint].table != table:
        for records in batches(con, endpoint, table):  # of an endpoint that a later baliza knows
            count([Tried(one, one.key, one.day, reason=one.reason) for one in records])
        return
    known = raw_table(table)
    # What is kept is single records, whatever the shape of the answer they came in.
    reader = PageReader(known, day_field=ENDPOINTS[endpoint].day, shape="page")
    for records in batches(con, endpoint, table):
        tried = replay_batch(con, known, reader, records, spool)
        release(con, known, tried, _now())
        count(tried)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
