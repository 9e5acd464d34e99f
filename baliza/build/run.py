"""A build from end to end: plan, harvest what is missing, materialize what is stale, say what is proven."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from baliza.build import catalog, engines, fetching
from baliza.build.engines import ENGINE, Work
from baliza.build.journal import Built
from baliza.build.period import Period
from baliza.build.progress import BuildProgress
from baliza.build.run_history import Jump, jumps
from baliza.build.scope import Scope, check
from baliza.build.session import DONE, INCOMPLETE, Session, writing
from baliza.build.source import DAYS_OF_SAMPLE_WINDOWS, SOURCE, sample_scope
from baliza.errors import HarvestError, NothingToBuildError
from baliza.events import tell
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.job import Server
from baliza.settings import Settings
from baliza.warehouse import ledger, schema
from baliza.warehouse.ledger import Coverage

if TYPE_CHECKING:
    from baliza.pncp.feed import Harvested

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildRequest:
    """What a build is asked for.

    Attributes:
        targets: tables, as `baliza.build.selection` reads them.
        scope: days to fetch, and what they are narrowed to; without days, all that the source is known to
            hold (the sample, or --no-fetch).
        fetch: whether to ask the server for what is missing.
        force: rebuild the tables that are asked for though they are up to date; not those they are made from.
        full: build no table by its changed keys alone.
        settings: what the command runs with, told in meta.runs.
        engine: who makes the tables.
    """

    database: Path
    targets: tuple[str, ...]
    source: SOURCE
    server: Server
    scope: Scope = field(default_factory=Scope)
    fetch: bool = True
    params: Mapping[str, int | date] = field(default_factory=dict)
    force: bool = False
    full: bool = False
    settings: Settings | None = None
    engine: ENGINE = "hamilton"


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        source: what the file holds: pncp, sample or simulator.
        selected: the tables that were asked for, by node name.
        period: the days the coverage speaks of: those asked for, or all that were ever asked for.
        slices: those asked for; empty when the coverage speaks of all.
        harvests: what was fetched, by endpoint.
        notes: what the user should know of how it was asked.
        trouble: why fetching ended early, when the tables were built from what the file held all the same.
        jumps: tables far from what is usual, in rows or in seconds.
    """

    database: Path
    source: str
    selected: list[str]
    period: Period | None
    slices: list[str]
    harvests: dict[str, Harvested]
    tables: list[Built]
    coverage: Coverage
    seconds: float
    notes: list[str] = field(default_factory=list)
    trouble: HarvestError | None = None
    jumps: list[Jump] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when the period is completely covered, 3 when it is not."""
        return DONE if self.coverage.is_complete else INCOMPLETE


def build(request: BuildRequest, progress: BuildProgress) -> BuildReport:
    """Plan, harvest, materialize.

    Raises:
        BalizaError: nothing half-built is left behind; what had landed stands.
    """
    work = engines.work(request)
    for endpoint in needed_endpoints(work.nodes):
        check(endpoint, request.scope)
    with writing(
        request.database,
        "build",
        _told(request),
        create=creates(request, work.nodes),
        source=request.source,
        settings=request.settings,
    ) as session:
        report = _build(session, request, work, progress)
        _tell(report)
        session.exit_code = report.exit_code
    return report


def _tell(report: BuildReport) -> None:
    if report.trouble is not None:
        tell(_logger, logging.WARNING, "harvest failed", reason=str(report.trouble))
    for jump in report.jumps:
        tell(_logger, logging.WARNING, "jump", **asdict(jump))
    coverage = report.coverage
    tell(
        _logger,
        logging.INFO if coverage.is_complete else logging.WARNING,
        "coverage",
        complete=coverage.is_complete,
        expected=coverage.expected,
        landed=coverage.landed,
        missing_cells=len(coverage.missing),
    )


def creates(request: BuildRequest, nodes: Sequence[catalog.TableNode]) -> bool:
    """Whether a missing file is made: a build that asks nothing of PNCP would leave it empty."""
    return request.fetch and bool(needed_endpoints(nodes))


def _build(session: Session, request: BuildRequest, work: Work, progress: BuildProgress) -> BuildReport:
    con = session.con
    endpoints = needed_endpoints(work.nodes)
    sources = endpoints_of(work.nodes)
    harvests: dict[str, Harvested] = {}
    notes: list[str] = []
    trouble = None
    if request.fetch:
        from baliza.pncp.harvest import harvest  # noqa: PLC0415 - brings httpx, which a build alone needs not

        try:
            plan = to_fetch(con, request, endpoints)
            notes = plan.notes
            harvests = harvest(con, request.database, request.server, plan.jobs, progress)
        except HarvestError as error:
            if not holds_anything(con, sources):
                raise
            trouble = error
    if work.nodes and not holds_anything(con, sources):
        raise nothing_to_build(request, work.nodes, harvests)
    tables = work.make(session, progress)
    con = session.con
    return BuildReport(
        database=request.database,
        source=schema.read_fact(con, "source") or request.source,
        selected=work.selected,
        period=_period(con, request, endpoints),
        slices=request.scope.slices if request.scope.period and endpoints else [],
        harvests=harvests,
        tables=tables,
        coverage=fetching.coverage(
            con, endpoints, request.scope, with_snapshots=request.fetch and _only_snapshots(endpoints)
        ),
        seconds=session.seconds,
        notes=notes,
        trouble=trouble,
        jumps=jumps(con, session.run_id),
    )


def needed_endpoints(nodes: Sequence[catalog.TableNode]) -> list[Endpoint]:
    """The endpoints a build fetches for these tables: those of the landed tables they are made from."""
    return [endpoint for endpoint in endpoints_of(nodes) if endpoint.is_built_from]


def endpoints_of(nodes: Sequence[catalog.TableNode]) -> list[Endpoint]:
    """Every endpoint that fills a landed table these are made from, details of single purchases included."""
    inputs = set().union(*(catalog.ancestors(node.name) for node in nodes))
    return [endpoint for endpoint in ENDPOINTS.values() if f"landed_{endpoint.table}" in inputs]


def to_fetch(
    con: duckdb.DuckDBPyConnection, request: BuildRequest, endpoints: Sequence[Endpoint]
) -> fetching.Plan:
    """The windows a build fetches."""
    if request.source == "pncp":
        return fetching.plan(con, endpoints, request.scope)
    return fetching.plan(con, endpoints, sample_scope(), widest=DAYS_OF_SAMPLE_WINDOWS)


def holds_anything(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint]) -> bool:
    """Whether anything was ever proven or landed of what the targets need.

    Tables that need no endpoint are made of the ledger: whatever it says, failures too, can be built.
    """
    if not endpoints:
        return con.execute("SELECT 1 FROM meta.coverage LIMIT 1").fetchone() is not None
    row = con.execute(
        """
        SELECT count(*) FROM meta.coverage
        WHERE endpoint IN (SELECT unnest($ids::VARCHAR[])) AND (landed > 0 OR status IN ('complete', 'empty'))
        """,
        {"ids": [endpoint.id for endpoint in endpoints]},
    ).fetchone()
    return bool(row and row[0])


def nothing_to_build(
    request: BuildRequest, nodes: Sequence[catalog.TableNode], harvests: Mapping[str, Harvested]
) -> NothingToBuildError:
    """Why there is nothing to build, and what to do about it."""
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
    if not endpoints_of(nodes):
        return NothingToBuildError(
            asked,
            "The file holds no data to build from.",
            "Fetch some first: baliza build --database {database}",
            **facts,
        )
    if not needed_endpoints(nodes):
        return NothingToBuildError(
            asked,
            "The file holds no data to build from, and a build does not fetch them.",
            "Fetch some: baliza harvest {options} --database {database}",
            options=_to_harvest(request, nodes),
            **facts,
        )
    return NothingToBuildError(
        asked,
        "The file holds no data to build from.",
        "Fetch some: run it again without --no-fetch.",
        **facts,
    )


def _to_harvest(request: BuildRequest, nodes: Sequence[catalog.TableNode]) -> str:
    """The options of `harvest` that fetch what these tables are made of, by feeds that need no other word."""
    families = dict.fromkeys(endpoint.family for endpoint in endpoints_of(nodes) if not endpoint.needs)
    source = [] if request.source == "pncp" else ["--source", request.source]
    return " ".join([*(f"--endpoint {family}" for family in families), *source])


def _only_snapshots(endpoints: Sequence[Endpoint]) -> bool:
    return bool(endpoints) and all(endpoint.cell == "snapshot" for endpoint in endpoints)


def _period(
    con: duckdb.DuckDBPyConnection, request: BuildRequest, endpoints: Sequence[Endpoint]
) -> Period | None:
    """The days the coverage speaks of; none where it speaks of nothing."""
    known = _known_period(con, endpoints)
    if _only_snapshots(endpoints):
        return Period(known.until, known.until) if known and request.fetch else None
    return request.scope.period or known if endpoints else None


def _known_period(con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint]) -> Period | None:
    """From the first to the last day that was ever asked for."""
    known = [period for endpoint in endpoints if (period := ledger.known_period(con, endpoint.id))]
    return Period(min(first for first, _ in known), max(last for _, last in known)) if known else None


def _told(request: BuildRequest) -> dict[str, object]:
    """The request as meta.runs keeps it."""
    return {
        "targets": request.targets,
        "source": request.source,
        "since": request.scope.period and request.scope.period.since,
        "until": request.scope.period and request.scope.period.until,
        "slices": request.scope.slices,
        "fetch": request.fetch,
        "params": {
            name: str(value) if isinstance(value, date) else value for name, value in request.params.items()
        },
        "force": request.force,
        "full": request.full,
        "engine": request.engine,
    }
