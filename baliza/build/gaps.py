"""What is short, failed or pending, and filling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from baliza.build.fetching import known_details
from baliza.build.landed import raw_table
from baliza.build.period import Period, today
from baliza.build.session import DONE, INCOMPLETE, writing
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.feed import Harvested
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server
from baliza.pncp.progress import Progress
from baliza.pncp.windows import windows
from baliza.warehouse import ledger, schema
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.ledger import Gap


@dataclass(frozen=True)
class GapsReport:
    """The gaps of a file, after what was done about them."""

    database: Path
    gaps: list[Gap]
    harvests: dict[str, Harvested]

    @property
    def exit_code(self) -> int:
        """0 when nothing that was ever asked for is open, 3 when something is."""
        return INCOMPLETE if self.gaps else DONE


def find(database: Path, endpoints: Sequence[Endpoint], period: Period | None) -> GapsReport:
    """The gaps, read only.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    con = connect(database, write=False)
    try:
        schema.check_format(con, database)
        with explained(database):
            return GapsReport(database, _gaps(con, endpoints, period), {})
    finally:
        con.close()


def fill(
    database: Path, server: Server, endpoints: Sequence[Endpoint], period: Period | None, progress: Progress
) -> GapsReport:
    """Ask PNCP for what is open, and say what still is.

    Raises:
        BalizaError: what had landed stands.
    """
    told = {"endpoints": [endpoint.id for endpoint in endpoints], "fill": True}
    with writing(database, "gaps", told, create=False) as session:
        con = session.con
        harvests = harvest(con, database, server, jobs(con, endpoints, period), progress)
        report = GapsReport(database, _gaps(con, endpoints, period), harvests)
        session.exit_code = report.exit_code
    return report


def jobs(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint], period: Period | None) -> list[Job]:
    """The windows that ask for every open cell."""
    made = []
    for endpoint in endpoints or ENDPOINTS.values():
        if endpoint.cell == "parent":
            made.append(known_details(con, endpoint))
            continue
        since, until = _bounds(endpoint, period)
        cells = ledger.open_cells(con, endpoint.id, since, until)
        wanted = []
        for (slice_, modalidade), group in groupby(cells, key=lambda cell: (cell.slice, cell.modalidade)):
            wanted += windows(endpoint, slice_, [cell.day for cell in group], modalidade=modalidade)
        made.append(Job(endpoint, raw_table(endpoint.table), wanted))
    return made


def _gaps(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint], period: Period | None) -> list[Gap]:
    found = []
    for endpoint in endpoints or ENDPOINTS.values():
        since, until = _bounds(endpoint, period)
        found += ledger.gaps(con, endpoint.id, since, until)
    return found


def _bounds(endpoint: Endpoint, period: Period | None) -> tuple[date, date]:
    """The days looked at: of a snapshot today alone, for that of a past day cannot be taken any more."""
    if endpoint.cell == "snapshot":
        return today(), today()
    return (period.since, period.until) if period else (date.min, date.max)
