"""Harvesting: windows are proven, landed and written in the ledger one by one; what landed stands."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from baliza.errors import HarvestError, NotPncpError, UnreachableError
from baliza.events import tell
from baliza.pncp.client import Client
from baliza.pncp.feed import Feed, Harvested
from baliza.pncp.job import Job, Server, estimate, requests_of
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Progress
from baliza.pncp.proof import Proof
from baliza.pncp.windows import days_of, halves
from baliza.warehouse import ledger, schema
from baliza.warehouse.connection import explained, limited, transaction
from baliza.warehouse.landing import Landed, Landing, Window, land
from baliza.warehouse.ledger import Cell
from baliza.warehouse.spool import spooling

if TYPE_CHECKING:
    from collections.abc import Iterator

_logger = logging.getLogger(__name__)

_REFUSALS_IN_A_ROW = 5
"""Windows PNCP may refuse to answer one after the other (it is wrong, not down) before the rest is left."""

_MEMORY_LIMIT = "256MB"

_THREADS = 1
"""One lands faster than PNCP sends; two wait for each other, for a sixth more CPU."""

_CHECKPOINT_EVERY = "64MB"
"""A checkpoint costs more the larger the file is. A log of this size is read back in about a second."""


def harvest(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    server: Server,
    jobs: Sequence[Job],
    progress: Progress,
) -> dict[str, Harvested]:
    """Fetch and land windows; each is committed by itself, so an interruption loses only those under way.

    Returns:
        What was done, by endpoint id.

    Raises:
        UnreachableError, NotPncpError: nothing ever answered as PNCP does, so nothing was fetched.
        MixedSourcesError: the server's data are of another kind than the file's.
        DatabaseError: the file cannot be written (what had landed stands).
    """
    jobs = [job for job in jobs if job.windows]
    if not jobs:
        return {}
    requests, seconds = estimate(jobs, server)
    progress.planned(requests=requests, seconds=seconds)
    with explained(database), spooling(database) as spool, few_resources(con):
        _mark_pending(con, jobs)
        return asyncio.run(_Harvest(con, database, server, jobs, spool, progress).run())


def _mark_pending(con: duckdb.DuckDBPyConnection, jobs: Sequence[Job]) -> None:
    now = _now()
    with transaction(con):
        for job in jobs:
            cells = [
                Cell(window.endpoint, day, "pending", window.slice, window.modalidade)
                for window in job.windows
                for day in days_of(window)
            ]
            ledger.mark_pending(con, cells, now)


@contextmanager
def few_resources(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Landing needs little, and a harvest runs for hours beside other work."""
    con.execute(f"SET wal_autocheckpoint = '{_CHECKPOINT_EVERY}'")
    try:
        with limited(con, memory_limit=_MEMORY_LIMIT, threads=_THREADS):
            yield
    finally:
        con.execute("RESET wal_autocheckpoint")


class _Harvest:
    """One run over a queue of windows."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        database: Path,
        server: Server,
        jobs: Sequence[Job],
        spool: Path,
        progress: Progress,
    ) -> None:
        self._con = con
        self._database = database
        self._server = server
        self._progress = progress
        self._pace = Pace(max_rps=server.max_rps, max_in_flight=server.max_in_flight)
        self._client = Client(
            server.url,
            pace=self._pace,
            first_request_id=self._next_request_id(),
            progress=progress,
            transport=server.transport,
        )
        self._feeds = {job.endpoint.id: Feed(job, self._client, spool, progress, self._pace) for job in jobs}
        self._queue = deque(window for job in jobs for window in job.windows)
        self._requests_left, _ = estimate(jobs, server)
        self._tried_twice: set[Window] = set()
        self._under_way = 0
        self._changed = asyncio.Condition()
        self._refusals_in_a_row = 0
        self._stopped: str | None = None
        self._claimed = False

    async def run(self) -> dict[str, Harvested]:
        # One thread does all the writing: DuckDB commits while the network is waited for.
        with ThreadPoolExecutor(max_workers=1) as writer:
            async with self._client:
                workers = [asyncio.create_task(self._work(writer)) for _ in range(self._server.max_in_flight)]
                try:
                    await asyncio.gather(*workers)
                finally:
                    for worker in workers:
                        worker.cancel()
                    await asyncio.gather(*workers, return_exceptions=True)
        for window in self._queue:
            self._feeds[window.endpoint].harvested.stopped = self._stopped
        return {endpoint: feed.harvested for endpoint, feed in self._feeds.items()}

    async def _work(self, writer: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while (window := await self._next()) is not None:
            feed = self._feeds[window.endpoint]
            started = time.monotonic()
            async with feed.turn:
                proof = await feed.prover.prove(window)
            if await loop.run_in_executor(writer, self._is_doubtful, window, proof):
                # Said in one breath, two 204s may be of one storm: what was proven before stands until later.
                proof = Proof(Landing(window, requests=proof.landing.requests), is_doubtful=True)
            landed = await loop.run_in_executor(writer, self._land, feed, proof)
            for page in proof.landing.pages:
                page.path.unlink(missing_ok=True)
            feed.harvested.seconds += time.monotonic() - started
            self._account(feed.harvested, window, proof, landed)
            if proof.failed and not self._client.reached:
                raise self._nothing_reached(proof)
            async with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    async def _next(self) -> Window | None:
        """The next window; waits while one under way may still be split. None when nothing is left to do."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._queue or not self._under_way or self._stopped is not None
            )
            if not self._queue or self._stopped is not None:
                return None
            self._under_way += 1
            return self._queue.popleft()

    def _is_doubtful(self, window: Window, proof: Proof) -> bool:
        """In the writer's thread: whether PNCP says that nothing is there where records were proven."""
        cells = proof.landing.cells
        is_empty = bool(cells) and all(cell.status == "empty" for cell in cells)
        return is_empty and window not in self._tried_twice and ledger.held_records(self._con, cells)

    def _land(self, feed: Feed, proof: Proof) -> Landed:
        """In the writer's thread: claim the file for this source once, then commit the window."""
        if not self._claimed and self._client.reached:
            source = self._client.source if self._server.source == "pncp" else self._server.source
            schema.claim_source(self._con, self._database, source)
            self._claimed = True
        return land(self._con, self._database, feed.table, feed.reader, proof.landing, _now())

    def _account(self, harvested: Harvested, window: Window, proof: Proof, landed: Landed) -> None:
        harvested.requests += len(proof.landing.requests)
        if proof.is_doubtful:
            self._tried_twice.add(window)
            self._queue.append(window)
            return
        if proof.split:
            both = halves(window)
            self._queue.extendleft(reversed(both))
            self._tell_left(done=(window,), new=both)
            return
        harvested.received += landed.received
        harvested.stored += landed.stored
        harvested.repeats += landed.repeats
        harvested.quarantined += landed.quarantined
        self._progress.window(_label(window), _outcome(proof.landing, landed))
        _tell_window(window, proof.landing, landed)
        if proof.failed and self._is_asked_again(window, proof):
            return
        self._tell_left(done=(window,))
        harvested.windows += 1
        if not proof.failed:
            self._refusals_in_a_row = 0
            harvested.short += any(cell.status == "short" for cell in proof.landing.cells)
            return
        harvested.failed += 1
        harvested.reasons.append(proof.landing.cells[0].reason or "")
        self._stop_if_vain(proof)

    def _is_asked_again(self, window: Window, proof: Proof) -> bool:
        """Whether what failed goes to the end of the queue: once, unless PNCP is down for good.

        Of several days only some may be dead: their halves go there, but not where PNCP was asked too fast,
        for they are twice the requests.
        """
        if not proof.may_recover or window in self._tried_twice or not self._client.reached:
            return False
        if self._pace.is_hopeless:
            return False
        divides = window.until > window.since and proof.trouble == "down"
        again = halves(window) if divides else (window,)
        self._tried_twice.add(window)
        self._queue.extend(again)
        self._tell_left(done=(window,), new=again)
        return True

    def _tell_left(self, *, done: Sequence[Window], new: Sequence[Window] = ()) -> None:
        for sign, windows in ((-1, done), (1, new)):
            for window in windows:
                self._requests_left += sign * requests_of(self._feeds[window.endpoint].endpoint, window)
        self._progress.left(requests=self._requests_left)

    def _stop_if_vain(self, proof: Proof) -> None:
        reason = proof.landing.cells[0].reason or ""
        if self._pace.is_hopeless:
            self._stopped = f"PNCP has been down for too long; the last: {reason}"
        if proof.trouble == "rejected":
            self._refusals_in_a_row += 1
            if self._refusals_in_a_row >= _REFUSALS_IN_A_ROW:
                self._stopped = f"{_REFUSALS_IN_A_ROW} windows in a row were refused; the last: {reason}"

    def _nothing_reached(self, proof: Proof) -> HarvestError:
        reason = (proof.landing.cells[0].reason or "").rstrip(".")
        asked = "PNCP was to be asked at {url}."
        if proof.trouble == "unreachable":
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
        # Below zero are those of before the file (landing.history_id).
        row = self._con.execute("SELECT greatest(max(request_id), 0) + 1 FROM meta.requests").fetchone()
        return 1 if row is None else row[0]


def _tell_window(window: Window, landing: Landing, landed: Landed) -> None:
    worst = _worst(landing)
    tell(
        _logger,
        logging.WARNING if worst in {"failed", "short"} else logging.INFO,
        "window",
        endpoint=window.endpoint,
        modalidade=window.modalidade or None,
        slice=window.slice or None,
        since=f"{window.since}",
        until=f"{window.until}",
        status=worst,
        requests=len(landing.requests),
        received=landed.received,
        stored=landed.stored,
        quarantined=landed.quarantined,
        reason=landing.cells[0].reason,
    )


def _label(window: Window) -> str:
    days = f"{window.since}" if window.since == window.until else f"{window.since}..{window.until}"
    modalidade = f"modalidade={window.modalidade}" if window.modalidade else ""
    return " ".join(filter(None, (window.endpoint, modalidade, window.slice, days)))


def _outcome(landing: Landing, landed: Landed) -> str:
    text = f"{_worst(landing)}, {landed.received} records, {landed.stored} new or changed"
    reason = landing.cells[0].reason
    return f"{text} ({reason})" if reason else text


def _worst(landing: Landing) -> str:
    statuses = {cell.status for cell in landing.cells}
    return next(status for status in ("failed", "short", "complete", "empty") if status in statuses)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
