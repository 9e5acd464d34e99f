"""What is short, failed or pending, and filling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from baliza.build.fetching import known_details
from baliza.build.period import Period, today
from baliza.build.raw_tables import raw_table
from baliza.build.session import DONE, INCOMPLETE, writing
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.job import Job, Server
from baliza.pncp.progress import Progress
from baliza.pncp.windows import windows
from baliza.settings import Settings
from baliza.warehouse.gaps import Gap, Within, gaps, open_cells
from baliza.warehouse.landing import Window
from baliza.warehouse.published import reading_live

if TYPE_CHECKING:
    from baliza.pncp.feed import Harvested


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
    with reading_live(database) as opened:
        return GapsReport(database, _gaps(opened.con, endpoints, period), {})


def fill(
    database: Path,
    server: Server,
    endpoints: Sequence[Endpoint],
    period: Period | None,
    progress: Progress,
    *,
    settings: Settings | None = None,
) -> GapsReport:
    """Ask PNCP for what is open, and say what still is.

    Raises:
        BalizaError: what had landed stands.
    """
    from baliza.pncp.harvest import harvest  # noqa: PLC0415 - brings httpx, which finding them needs not

    told = {"endpoints": [endpoint.id for endpoint in endpoints], "fill": True}
    with writing(database, "gaps", told, create=False, settings=settings) as session:
        con = session.con
        harvests = harvest(con, database, server, jobs(con, endpoints, period), progress)
        report = GapsReport(database, _gaps(con, endpoints, period), harvests)
        session.exit_code = report.exit_code
    return report


def jobs(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint], period: Period | None) -> list[Job]:
    """The windows that ask for every open cell."""
    lists = {endpoint.id: endpoint for endpoint in endpoints or ENDPOINTS.values() if not endpoint.parents}
    details = [endpoint for endpoint in endpoints or ENDPOINTS.values() if endpoint.parents]
    wanted: dict[str, list[Window]] = {}
    cells = open_cells(con, _within(list(lists.values()), period))
    for (id_, slice_, modalidade), group in groupby(
        cells, key=lambda cell: (cell.endpoint, cell.slice, cell.modalidade)
    ):
        days = [cell.day for cell in group]
        wanted.setdefault(id_, []).extend(windows(lists[id_], slice_, days, modalidade=modalidade))
    return [
        *(Job(lists[id_], raw_table(lists[id_].table), found) for id_, found in wanted.items()),
        *(known_details(con, endpoint) for endpoint in details),
    ]


def _gaps(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint], period: Period | None) -> list[Gap]:
    return gaps(con, _within(endpoints or list(ENDPOINTS.values()), period))


def _within(endpoints: Sequence[Endpoint], period: Period | None) -> Within:
    return Within(
        endpoints=tuple(endpoint.id for endpoint in endpoints),
        snapshots=tuple(endpoint.id for endpoint in endpoints if endpoint.cell == "snapshot"),
        today=today(),
        since=period.since if period else date.min,
        until=period.until if period else date.max,
    )
