"""Harvesting: windows are proven, landed and written in the ledger one by one; what landed stands."""

from __future__ import annotations

import asyncio
import glob
import shutil
import tempfile
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from baliza import __version__
from baliza.errors import HarvestError, NotPncpError, UnreachableError
from baliza.pncp.client import Client
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Progress
from baliza.pncp.proof import Proof, Prover
from baliza.pncp.walk import Walker
from baliza.pncp.windows import days_of, halves
from baliza.warehouse import ledger, schema
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.landing import Landed, Landing, Window, land
from baliza.warehouse.ledger import WHOLE
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

USER_AGENT = f"Mozilla/5.0 (compatible; baliza/{__version__}; +https://github.com/franklinbaldo/baliza)"

_FAILURES_IN_A_ROW = 5
"""Windows that may fail one after the other before the rest is left for another day."""

_MEMORY_LIMIT = "256MB"

_SECONDS_PER_PAGE = 5.0
"""What a page of 500 takes PNCP on an ordinary day."""


@dataclass(frozen=True)
class Server:
    """Whom to ask, and how fast.

    Attributes:
        source: "pncp" or "sample"; a simulator says of itself that it is one.
        transport: replaces the network (the sample).
    """

    url: str
    source: str = "pncp"
    max_rps: float = 1.0
    max_in_flight: int = 2
    transport: httpx.AsyncBaseTransport | None = None


@dataclass
class Harvested:
    """What a harvest did, in numbers.

    Attributes:
        stopped: why windows were left unasked, if they were.
    """

    windows: int = 0
    requests: int = 0
    received: int = 0
    stored: int = 0
    repeats: int = 0
    quarantined: int = 0
    failed: int = 0
    stopped: str | None = None
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)


def harvest(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    server: Server,
    endpoint: Endpoint,
    table: RawTable,
    windows: Sequence[Window],
    progress: Progress,
) -> Harvested:
    """Fetch and land windows; each is committed by itself, so an interruption loses only those under way.

    Raises:
        UnreachableError, NotPncpError: nothing ever answered as PNCP does, so nothing was fetched.
        MixedSourcesError: the server's data are of another kind than the file's.
        DatabaseError: the file cannot be written (what had landed stands).
    """
    started = datetime.now(UTC)
    requests, seconds = estimate(endpoint, windows, server)
    progress.planned(requests=requests, seconds=seconds)
    with explained(database), _spool(database) as spool, _little_memory(con):
        _mark_pending(con, windows)
        harvested = asyncio.run(
            _Harvest(con, database, server, endpoint, table, spool, progress).run(windows)
        )
    harvested.seconds = (datetime.now(UTC) - started).total_seconds()
    return harvested


def estimate(endpoint: Endpoint, windows: Sequence[Window], server: Server) -> tuple[int, float]:
    """How many requests these windows will take, about, and how many seconds at the polite pace."""
    requests = sum(
        len(days_of(window)) * endpoint.typical_pages if window.slice == WHOLE else 1 for window in windows
    )
    if server.transport is not None or not server.max_rps:
        return requests, 0.0
    return requests, requests * max(1 / server.max_rps, _SECONDS_PER_PAGE / server.max_in_flight)


def _mark_pending(con: duckdb.DuckDBPyConnection, windows: Sequence[Window]) -> None:
    now = _now()
    with transaction(con):
        for window in windows:
            ledger.mark_pending(con, window.endpoint, window.slice, days_of(window), now)


@contextmanager
def _little_memory(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Landing needs little, and a harvest runs for hours beside other work."""
    con.execute(f"SET memory_limit = '{_MEMORY_LIMIT}'")
    try:
        yield
    finally:
        con.execute("RESET memory_limit")


@contextmanager
def _spool(database: Path) -> Iterator[Path]:
    """A folder beside the database for pages on their way in; nothing in it outlives the harvest."""
    for abandoned in database.parent.glob(f"{glob.escape(database.name)}.*.spool"):
        shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{database.name}.", suffix=".spool", dir=database.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Harvest:
    """One run over a queue of windows."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        database: Path,
        server: Server,
        endpoint: Endpoint,
        table: RawTable,
        spool: Path,
        progress: Progress,
    ) -> None:
        self._con = con
        self._database = database
        self._server = server
        self._endpoint = endpoint
        self._table = table
        self._reader = PageReader(table, day_field=endpoint.day_field, owner_fields=endpoint.owner_fields)
        self._spool = spool
        self._progress = progress
        self._queue: deque[Window] = deque()
        self._under_way = 0
        self._changed = asyncio.Condition()
        self._harvested = Harvested()
        self._failures_in_a_row = 0
        self._claimed = False

    async def run(self, windows: Sequence[Window]) -> Harvested:
        self._queue.extend(windows)
        pace = Pace(max_rps=self._server.max_rps, max_in_flight=self._server.max_in_flight)
        client = Client(
            self._server.url,
            pace=pace,
            user_agent=USER_AGENT,
            first_request_id=self._next_request_id(),
            progress=self._progress,
            transport=self._server.transport,
        )

        def on_page(records: int) -> None:
            self._progress.page(records=records, rate=pace.rate)

        # One thread does all the writing: DuckDB commits while the network is waited for.
        with ThreadPoolExecutor(max_workers=1) as writer:
            async with client:
                walker = Walker(client, self._endpoint, self._reader, self._spool, on_page)
                prover = Prover(walker, lambda pages: self._progress.more(requests=pages))
                workers = [
                    asyncio.create_task(self._work(client, prover, writer))
                    for _ in range(self._server.max_in_flight)
                ]
                try:
                    await asyncio.gather(*workers)
                finally:
                    for worker in workers:
                        worker.cancel()
                    await asyncio.gather(*workers, return_exceptions=True)
        return self._harvested

    async def _work(self, client: Client, prover: Prover, writer: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while (window := await self._next()) is not None:
            proof = await prover.prove(window)
            landed = await loop.run_in_executor(writer, self._land, client, proof)
            for page in proof.landing.pages:
                page.path.unlink(missing_ok=True)
            self._account(window, proof, landed)
            if proof.failed and not client.reached:
                raise self._nothing_reached(proof)
            async with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    async def _next(self) -> Window | None:
        """The next window; waits while one under way may still be split. None when nothing is left to do."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._queue or not self._under_way or self._harvested.stopped is not None
            )
            if not self._queue or self._harvested.stopped is not None:
                return None
            self._under_way += 1
            return self._queue.popleft()

    def _land(self, client: Client, proof: Proof) -> Landed:
        """In the writer's thread: claim the file for this source once, then commit the window."""
        if not self._claimed and client.reached:
            source = client.source if self._server.source == "pncp" else self._server.source
            schema.claim_source(self._con, self._database, source)
            self._claimed = True
        return land(self._con, self._database, self._table, self._reader, proof.landing, _now())

    def _account(self, window: Window, proof: Proof, landed: Landed) -> None:
        harvested = self._harvested
        harvested.requests += len(proof.landing.requests)
        if proof.split:
            both = halves(window)
            self._queue.extendleft(reversed(both))
            self._progress.more(requests=len(both))
            return
        harvested.windows += 1
        harvested.received += landed.received
        harvested.stored += landed.stored
        harvested.repeats += landed.repeats
        harvested.quarantined += landed.quarantined
        self._progress.window(_label(window), _outcome(proof.landing, landed))
        if not proof.failed:
            self._failures_in_a_row = 0
            return
        harvested.failed += 1
        harvested.reasons.append(proof.landing.cells[0].reason or "")
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            harvested.stopped = (
                f"{_FAILURES_IN_A_ROW} windows in a row failed; the last: {harvested.reasons[-1]}"
            )

    def _nothing_reached(self, proof: Proof) -> HarvestError:
        reason = (proof.landing.cells[0].reason or "").rstrip(".")
        asked = "PNCP was to be asked at {url}."
        if proof.unreachable:
            return UnreachableError(
                asked,
                "There is {reason}.",
                "Check the network and the address (BALIZA_PNCP_URL, --pncp-url).",
                url=self._server.url,
                reason=reason,
            )
        return NotPncpError(
            asked,
            "It never answered as PNCP does: {reason}.",
            "Check the address, or try again later: PNCP is down on some days.",
            url=self._server.url,
            reason=reason,
        )

    def _next_request_id(self) -> int:
        row = self._con.execute("SELECT coalesce(max(request_id), 0) + 1 FROM meta.requests").fetchone()
        return 1 if row is None else row[0]


def _label(window: Window) -> str:
    days = f"{window.since}" if window.since == window.until else f"{window.since}..{window.until}"
    return " ".join(filter(None, (window.endpoint, window.slice, days)))


def _outcome(landing: Landing, landed: Landed) -> str:
    statuses = {cell.status for cell in landing.cells}
    worst = next(status for status in ("failed", "short", "complete", "empty") if status in statuses)
    text = f"{worst}, {landed.received} records, {landed.stored} new or changed"
    reason = landing.cells[0].reason
    return f"{text} ({reason})" if reason else text


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
