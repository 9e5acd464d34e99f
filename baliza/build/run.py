"""A build from end to end: plan, harvest what is missing, materialize what is stale, say what is proven."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import duckdb

from baliza import __version__
from baliza.build import catalog, runs
from baliza.build.driver import building
from baliza.build.landed import raw_table, raw_tables
from baliza.build.materialize import Built
from baliza.build.period import Period
from baliza.errors import BalizaError, HarvestError, NothingToBuildError
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.harvest import Harvested, Server, harvest
from baliza.pncp.progress import Progress
from baliza.pncp.sample import BASE_URL, SampleTransport, embedded
from baliza.pncp.walk import PARAMETER_OF_SLICE
from baliza.pncp.windows import months, windows
from baliza.warehouse import ledger, schema
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import WHOLE, Coverage

SOURCE = Literal["pncp", "sample"]

DONE = 0
INCOMPLETE = 3
"""Built and shown, but the period asked for is not completely covered."""


class BuildProgress(Progress, Protocol):
    """A harvest's progress, and the tables after it."""

    def table(self, name: str) -> None:
        """A table is being looked at."""


@dataclass(frozen=True)
class BuildRequest:
    """What a build is asked for.

    Attributes:
        targets: tables, by node name or location.
        period: days to fetch; None for all that the source is known to hold (the sample, or --no-fetch).
        cnpjs: órgãos to narrow to; empty for the whole country.
        fetch: whether to ask the server for what is missing.
        force: rebuild tables that are up to date.
    """

    database: Path
    targets: tuple[str, ...]
    source: SOURCE
    server: Server
    period: Period | None = None
    cnpjs: tuple[str, ...] = ()
    fetch: bool = True
    params: Mapping[str, int] = field(default_factory=dict)
    force: bool = False

    @property
    def slices(self) -> list[str]:
        """The slices of the ledger that are asked for."""
        return [PARAMETER_OF_SLICE + cnpj for cnpj in self.cnpjs] or [WHOLE]


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        source: what the file holds: pncp, sample or simulator.
        period: the days the coverage speaks of: those asked for, or all that were ever asked for.
        slices: those asked for; empty when the coverage speaks of all.
        harvests: what was fetched, by endpoint.
        trouble: why fetching ended early, when the tables were built from what the file held all the same.
    """

    database: Path
    source: str
    period: Period | None
    slices: list[str]
    harvests: dict[str, Harvested]
    tables: list[Built]
    coverage: Coverage
    seconds: float
    trouble: HarvestError | None = None

    @property
    def exit_code(self) -> int:
        """0 when the period is completely covered, 3 when it is not."""
        return DONE if self.coverage.is_complete else INCOMPLETE


def sample_server() -> Server:
    """The embedded sample, as a server without limits."""
    return Server(url=BASE_URL, source="sample", max_rps=0, transport=SampleTransport(embedded()))


def build(request: BuildRequest, progress: BuildProgress) -> BuildReport:
    """Plan, harvest, materialize.

    Raises:
        BalizaError: nothing half-built is left behind; what had landed stands.
    """
    started = time.monotonic()
    nodes = [catalog.find(target) for target in request.targets]
    con = connect(request.database, write=True, create=request.fetch)
    try:
        schema.prepare(con, request.database, version=__version__, raw_tables=raw_tables())
        if request.source == "sample" or schema.read_fact(con, "source") == "sample":
            schema.claim_source(con, request.database, request.source)
        run_id = runs.start(con, "build", _told(request))
        exit_code = BalizaError.exit_code
        try:
            report = _build(con, request, nodes, progress, started)
            exit_code = report.exit_code
        except BalizaError as error:
            exit_code = error.exit_code
            raise
        finally:
            with explained(request.database):
                runs.finish(con, run_id, seconds=round(time.monotonic() - started, 3), exit_code=exit_code)
    finally:
        con.close()
    return report


def _build(
    con: duckdb.DuckDBPyConnection,
    request: BuildRequest,
    nodes: Sequence[catalog.TableNode],
    progress: BuildProgress,
    started: float,
) -> BuildReport:
    endpoints = needed_endpoints(nodes)
    harvests: dict[str, Harvested] = {}
    trouble = None
    if request.fetch:
        try:
            for endpoint in endpoints:
                harvests[endpoint.id] = _harvest(con, request, endpoint, progress)
        except HarvestError as error:
            if not _holds_anything(con, endpoints):
                raise
            trouble = error
    if not _holds_anything(con, endpoints):
        raise _nothing_to_build(request, harvests)
    tables = _materialize(con, request, nodes, progress)
    return BuildReport(
        database=request.database,
        source=schema.read_fact(con, "source") or request.source,
        period=request.period or _known_period(con, endpoints),
        slices=request.slices if request.period else [],
        harvests=harvests,
        tables=tables,
        coverage=_coverage(con, request, endpoints),
        seconds=round(time.monotonic() - started, 3),
        trouble=trouble,
    )


def needed_endpoints(nodes: Sequence[catalog.TableNode]) -> list[Endpoint]:
    """The endpoints whose landed tables are among the ancestors of these tables."""
    inputs = set().union(*(catalog.ancestors(node.name) for node in nodes))
    return [endpoint for endpoint in ENDPOINTS.values() if f"landed_{endpoint.table}" in inputs]


def _harvest(
    con: duckdb.DuckDBPyConnection, request: BuildRequest, endpoint: Endpoint, progress: Progress
) -> Harvested:
    missing = [window for slice_ in request.slices for window in _missing(con, request, endpoint, slice_)]
    if not missing:
        return Harvested()
    table = raw_table(endpoint.table)
    return harvest(con, request.database, request.server, endpoint, table, missing, progress)


def _missing(
    con: duckdb.DuckDBPyConnection, request: BuildRequest, endpoint: Endpoint, slice_: str
) -> list[Window]:
    """The windows still to be asked for."""
    if request.source == "sample":
        sample = embedded()
        days = ledger.open_days(con, endpoint.id, slice_, sample.since, sample.until)
        return [Window(endpoint.id, slice_, first, last) for first, last in months(days)]
    if request.period is None:
        return []
    days = ledger.open_days(con, endpoint.id, slice_, request.period.since, request.period.until)
    return windows(endpoint, slice_, days)


def _materialize(
    con: duckdb.DuckDBPyConnection,
    request: BuildRequest,
    nodes: Sequence[catalog.TableNode],
    progress: BuildProgress,
) -> list[Built]:
    with explained(request.database):
        driver, materializer = building(
            con, request.database, params=request.params, force=request.force, on_table=progress.table
        )
        driver.execute([node.name for node in nodes])
    return materializer.built


def _holds_anything(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint]) -> bool:
    """Whether anything was ever proven or landed of what the targets need."""
    row = con.execute(
        """
        SELECT count(*) FROM meta.coverage
        WHERE endpoint IN (SELECT unnest($ids::VARCHAR[])) AND (landed > 0 OR status IN ('complete', 'empty'))
        """,
        {"ids": [endpoint.id for endpoint in endpoints]},
    ).fetchone()
    return bool(row and row[0])


def _nothing_to_build(request: BuildRequest, harvests: Mapping[str, Harvested]) -> NothingToBuildError:
    asked = "The tables {targets} were to be built in {database}."
    facts = {"targets": ", ".join(request.targets), "database": request.database}
    reasons = [harvested.reasons[-1] for harvested in harvests.values() if harvested.reasons]
    if reasons:
        return NothingToBuildError(
            asked,
            "Nothing could be fetched, and the file holds nothing yet; the last trouble: {reason}.",
            "Run the same command again later: it goes on where it stopped.",
            reason=reasons[-1],
            **facts,
        )
    return NothingToBuildError(
        asked,
        "The file holds no data to build from.",
        "Fetch some: run it again without --no-fetch.",
        **facts,
    )


def _coverage(
    con: duckdb.DuckDBPyConnection, request: BuildRequest, endpoints: Sequence[Endpoint]
) -> Coverage:
    """What is proven of the period asked for, or else of everything that was ever asked for."""
    merged = Coverage({}, 0, 0, [])
    for endpoint in endpoints:
        if request.period is None:
            one = ledger.known_coverage(con, endpoint.id)
        else:
            one = ledger.coverage(
                con, endpoint.id, request.slices, request.period.since, request.period.until
            )
        cells = {
            status: merged.cells.get(status, 0) + one.cells.get(status, 0)
            for status in merged.cells | one.cells
        }
        merged = Coverage(
            cells, merged.expected + one.expected, merged.landed + one.landed, merged.missing + one.missing
        )
    return merged


def _known_period(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint]) -> Period | None:
    """From the first to the last day that was ever asked for."""
    known = [period for endpoint in endpoints if (period := ledger.known_period(con, endpoint.id))]
    return Period(min(first for first, _ in known), max(last for _, last in known)) if known else None


def _told(request: BuildRequest) -> dict[str, object]:
    """The request as meta.runs keeps it."""
    return {
        "targets": request.targets,
        "source": request.source,
        "since": request.period and request.period.since,
        "until": request.period and request.period.until,
        "cnpjs": request.cnpjs,
        "fetch": request.fetch,
        "params": dict(request.params),
        "force": request.force,
    }
