"""Bringing what is in the file up to date: new days, late publications, changed records, changed details.

PNCP publishes late and changes what it has published. A listing (endpoint, modalidade, slice) that the file
knows is kept up to date in three ways: by the feed of updates since it was first harvested; by its own newest
days, asked for again for a while; and, where it reached the present when it was last harvested, by the days
since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from baliza.build.fetching import known_details
from baliza.build.period import SAO_PAULO, today
from baliza.build.raw_tables import raw_table
from baliza.build.session import DONE, INCOMPLETE, writing
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.feed import Harvested
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server
from baliza.pncp.progress import Progress
from baliza.pncp.windows import windows
from baliza.settings import Settings
from baliza.warehouse import ledger, schema
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import Listing

TRAILING_DAYS = 10
"""Newest days asked for again: most of what is published late is signed, sent and shown within them."""

_LIVE = timedelta(days=31)
"""A listing whose last day was so near the present when it was harvested is meant to follow it."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SyncReport:
    """What a sync did.

    Attributes:
        source: what the file holds: pncp, sample or simulator.
        gaps: windows that could not be proven, or were left unasked.
        is_stale: whether tables of stage or mart were built before what has come now.
    """

    database: Path
    source: str
    harvests: dict[str, Harvested]
    gaps: int
    is_stale: bool
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 when nothing of what the file follows is open, 3 when something is."""
        return INCOMPLETE if self.gaps else DONE


def sync(
    database: Path,
    server: Server,
    progress: Progress,
    *,
    trailing: int = TRAILING_DAYS,
    settings: Settings | None = None,
) -> SyncReport:
    """Ask PNCP for what may have changed since.

    Raises:
        DatabaseMissingError: there is nothing to bring up to date.
        BalizaError: what had landed stands.
    """
    with writing(database, "sync", {"trailing": trailing}, create=False, settings=settings) as session:
        con = session.con
        harvests = harvest(con, database, server, plan(con, trailing=trailing), progress)
        details = [known_details(con, one) for one in ENDPOINTS.values() if one.cell == "parent"]
        harvests |= harvest(con, database, server, details, progress)
        gaps = sum(one.failed + one.short + (one.stopped is not None) for one in harvests.values())
        has_tables = bool(con.execute("SELECT 1 FROM meta.tables LIMIT 1").fetchone())
        is_stale = has_tables and any(one.stored for one in harvests.values())
        source = schema.read_fact(con, "source") or "pncp"
        report = SyncReport(database, source, harvests, gaps, is_stale, session.seconds)
        session.exit_code = report.exit_code
    return report


def plan(con: duckdb.DuckDBPyConnection, *, trailing: int) -> list[Job]:
    """The windows that bring every listing the file knows up to date."""
    yesterday = today() - _DAY
    wanted: dict[str, list[Window]] = {}
    followed = [endpoint.id for endpoint in ENDPOINTS.values() if endpoint.cell in {"day", "snapshot"}]
    for listing in ledger.listings(con, followed):
        endpoint = ENDPOINTS[listing.endpoint]
        for one, days in _days(con, endpoint, listing, yesterday, trailing):
            wanted.setdefault(one.id, []).extend(
                windows(one, listing.slice, days, modalidade=listing.modalidade)
            )
    return [
        Job(endpoint, raw_table(endpoint.table), list(dict.fromkeys(wanted[endpoint.id])))
        for endpoint in ENDPOINTS.values()
        if endpoint.id in wanted
    ]


def _days(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, listing: Listing, yesterday: date, trailing: int
) -> Iterator[tuple[Endpoint, list[date]]]:
    """What to ask for a listing: its own days, and those of the feed that updates it."""
    if endpoint.cell == "snapshot":
        yield (
            endpoint,
            ledger.open_days(con, endpoint.id, listing.slice, today(), today(), listing.modalidade),
        )
        return
    is_live = listing.last >= _local(listing.last_updated) - _LIVE
    until = yesterday if is_live else listing.last
    days = ledger.open_days(con, endpoint.id, listing.slice, listing.first, until, listing.modalidade)
    if endpoint.keeps_its_day and is_live:
        days += _run(max(listing.first, yesterday - trailing * _DAY + _DAY), yesterday)
    yield endpoint, sorted(set(days))
    feed = ENDPOINTS.get(f"{endpoint.family}_atualizacao")
    if feed is not None and endpoint.keeps_its_day:
        since = _local(listing.first_updated)
        yield feed, ledger.open_days(con, feed.id, listing.slice, since, yesterday, listing.modalidade)


def _run(since: date, until: date) -> Iterable[date]:
    return (since + n * _DAY for n in range((until - since).days + 1))


def _local(moment: datetime) -> date:
    """The day in PNCP's time of a moment the ledger keeps in UTC."""
    return moment.replace(tzinfo=UTC).astimezone(SAO_PAULO).date()
