"""A harvest on its own: what is missing of the endpoints asked for, and what is proven of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from baliza.build import fetching
from baliza.build.scope import Scope
from baliza.build.session import DONE, INCOMPLETE, reading, writing
from baliza.build.source import DAYS_OF_SAMPLE_WINDOWS, SOURCE
from baliza.errors import UnconfirmedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.feed import Harvested
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server, estimate
from baliza.pncp.progress import Progress
from baliza.settings import Settings
from baliza.warehouse import schema
from baliza.warehouse.ledger import Coverage

Confirm = Callable[["Estimate"], bool]


@dataclass(frozen=True)
class HarvestRequest:
    """What is to be harvested."""

    database: Path
    source: SOURCE
    server: Server
    endpoints: tuple[Endpoint, ...]
    scope: Scope
    settings: Settings | None = None

    @property
    def widest(self) -> int | None:
        """Days per window, where it is not the endpoint's own business."""
        return DAYS_OF_SAMPLE_WINDOWS if self.source == "sample" else None


@dataclass(frozen=True)
class Estimate:
    """What a harvest would take, about.

    Attributes:
        windows: by endpoint id.
        requests: by endpoint id.
        seconds: of all, at the polite pace.
    """

    windows: dict[str, int]
    requests: dict[str, int]
    seconds: float
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class HarvestReport:
    """What a harvest did.

    Attributes:
        is_whole: whether all that was wanted could be asked for.
    """

    request: HarvestRequest
    source: str
    harvests: dict[str, Harvested]
    coverage: Coverage
    seconds: float
    notes: list[str]
    is_whole: bool

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for is proven."""
        open_ = any(one.stopped or one.failed or one.short for one in self.harvests.values())
        return self.is_whole and self.coverage.is_complete and not open_

    @property
    def exit_code(self) -> int:
        """0 when all that was asked for is proven, 3 when it is not."""
        return DONE if self.is_complete else INCOMPLETE


def collect(request: HarvestRequest, progress: Progress, confirm: Confirm) -> HarvestReport:
    """Fetch and land what is missing.

    Lists come before the details of what they list. Details are one request per purchase or contract, so they
    begin only when `confirm` says so.

    Raises:
        UnconfirmedError: it said no; what came before it has landed.
        BalizaError: what had landed stands.
    """
    told = {
        "endpoints": [endpoint.id for endpoint in request.endpoints],
        "since": request.scope.period and request.scope.period.since,
        "until": request.scope.period and request.scope.period.until,
        "slices": request.scope.slices,
        "modalidades": request.scope.modalidades,
        "source": request.source,
    }
    with writing(
        request.database, "harvest", told, source=request.source, settings=request.settings
    ) as session:
        con = session.con
        harvests: dict[str, Harvested] = {}
        notes: list[str] = []
        is_whole = True
        for stage in _stages(request.endpoints):
            plan = fetching.plan(con, stage, request.scope, widest=request.widest)
            notes += plan.notes
            is_whole = is_whole and plan.is_whole
            if stage[0].cell == "parent" and not confirm(estimated(plan, request.server)):
                raise _unconfirmed(stage)
            harvests |= harvest(con, request.database, request.server, plan.jobs, progress)
        report = HarvestReport(
            request=request,
            source=schema.read_fact(con, "source") or request.source,
            harvests=harvests,
            coverage=fetching.coverage(con, request.endpoints, request.scope, with_snapshots=True),
            seconds=session.seconds,
            notes=list(dict.fromkeys(notes)),
            is_whole=is_whole,
        )
        session.exit_code = report.exit_code
    return report


def foresee(request: HarvestRequest) -> Estimate:
    """What `collect` would take, without asking PNCP anything or writing anything."""
    with reading(request.database) as con:
        jobs: list[Job] = []
        notes: list[str] = []
        for stage in _stages(request.endpoints):
            plan = fetching.plan(con, stage, request.scope, widest=request.widest)
            jobs += plan.jobs
            notes += plan.notes
    return estimated(fetching.Plan(jobs, notes), request.server)


def _stages(endpoints: Sequence[Endpoint]) -> list[list[Endpoint]]:
    """Lists, then details of what they list, then details of those."""
    depths = [
        [endpoint for endpoint in endpoints if endpoint.cell != "parent"],
        [endpoint for endpoint in endpoints if endpoint.cell == "parent" and "{item}" not in endpoint.path],
        [endpoint for endpoint in endpoints if "{item}" in endpoint.path],
    ]
    return [stage for stage in depths if stage]


def estimated(plan: fetching.Plan, server: Server) -> Estimate:
    """What it would take to fetch what is planned."""
    _, seconds = estimate(plan.jobs, server)
    return Estimate(
        windows={job.endpoint.id: len(job.windows) for job in plan.jobs},
        requests={job.endpoint.id: estimate([job], server)[0] for job in plan.jobs},
        seconds=seconds,
        notes=plan.notes,
    )


def _unconfirmed(stage: Sequence[Endpoint]) -> UnconfirmedError:
    return UnconfirmedError(
        "The details {endpoints} were to be fetched, one request each.",
        "That was not confirmed.",
        "Add --yes to go on without being asked, or narrow it with --cnpj, --uf, --since and --until.",
        endpoints=", ".join(endpoint.id for endpoint in stage),
    )
