"""What a build would fetch and build, and why: nothing is asked of PNCP, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from baliza.build import catalog, engines, fetching, run, sql_diff
from baliza.build.collect import Estimate, estimated
from baliza.build.decide import Cause
from baliza.build.foresight import Foreseen, foresee
from baliza.build.journal import Built, Decision
from baliza.build.prediction import Predicted, predict
from baliza.build.run import BuildRequest
from baliza.build.scope import check
from baliza.build.selection import select
from baliza.build.session import DONE, reading
from baliza.build.sql_diff import SqlDiff
from baliza.errors import BalizaError
from baliza.language import _
from baliza.pncp.job import Job
from baliza.warehouse import ledger, schema
from dataflows.ledger import SCHEMAS
from dataflows.parameters import REFERENCE_DAY


@dataclass(frozen=True)
class Why:
    """A cause to build a table, and where it has values, those before and now.

    Attributes:
        before, now: of a parameter.
    """

    cause: Cause
    before: str | None = None
    now: str | None = None


@dataclass(frozen=True)
class PlannedTable:
    """What would become of one table.

    Attributes:
        decision: of what the file holds now, before anything is fetched.
        awaited: what it is made from, directly or not, and the fetch is expected to change.
        keys: that an increment would make anew.
        rows: that it has now; None where it was never built.
        predicted: rows and seconds.
        sql: how the SQL that makes it has changed.
    """

    name: str
    location: str
    decision: Decision
    why: Sequence[Why]
    awaited: Sequence[str]
    keys: int | None
    rows: int | None
    predicted: Predicted
    sql: SqlDiff


@dataclass(frozen=True)
class Plan:
    """What a build would do.

    Attributes:
        source: what the file holds, or would: pncp, sample or simulator.
        selected: the tables that are asked for, by node name.
        to_fetch: windows and requests by endpoint; None where nothing would be asked of PNCP.
        trouble: a function of the dataflow that fails; what depends on it would be left out.
    """

    database: Path
    source: str
    selected: Sequence[str]
    to_fetch: Estimate | None
    tables: Sequence[PlannedTable]
    notes: Sequence[str]
    trouble: BalizaError | None

    @property
    def seconds(self) -> float:
        """To build what is stale, as far as it is known."""
        return sum(table.predicted.seconds or 0 for table in self.tables)

    @property
    def exit_code(self) -> int:
        """0, or that of what would go wrong."""
        return self.trouble.exit_code if self.trouble else DONE


def plan(request: BuildRequest, *, with_sql: bool = False) -> Plan:
    """What `run.build` would do.

    Args:
        request: of the build.
        with_sql: say how the SQL of each table has changed.

    Raises:
        BalizaError: the build would raise it before it built anything.
    """
    nodes = select(request.targets, request.database, request.params)
    endpoints = run.needed_endpoints(nodes)
    for endpoint in endpoints:
        check(endpoint, request.scope)
    with reading(request.database, create=run.creates(request, nodes)) as con:
        source = _source(con, request)
        fetched = run.to_fetch(con, request, endpoints) if request.fetch else fetching.Plan([])
        jobs = [job for job in fetched.jobs if job.windows]
        if nodes and not jobs and not run.holds_anything(con, run.endpoints_of(nodes)):
            raise run.nothing_to_build(request, nodes, {})
        names = [node.name for node in nodes]
        foreseen = foresee(
            con, request.database, names, params=request.params, how=engines.how(request, nodes)
        )
        return Plan(
            database=request.database,
            source=source,
            selected=names,
            to_fetch=estimated(fetched, request.server) if request.fetch else None,
            tables=_tables(con, request, jobs, foreseen, with_sql=with_sql),
            notes=[*fetched.notes, *_of_layout(foreseen)],
            trouble=foreseen.trouble,
        )


def _source(con: duckdb.DuckDBPyConnection, request: BuildRequest) -> str:
    """Where the file's data come from, or would.

    Raises:
        MixedSourcesError: the sample is never mixed with anything.
    """
    held = schema.read_fact(con, "source")
    if "sample" in {held, request.source}:
        schema.check_source(con, request.database, request.source)
    return held or request.source


def _of_layout(foreseen: Foreseen) -> list[str]:
    if not foreseen.is_older:
        return []
    return [
        _(
            "An older baliza laid out this file. A build brings it up to date first, and only then can say "
            "which tables are as they should be: here all of them are taken to be missing."
        )
    ]


def _tables(
    con: duckdb.DuckDBPyConnection,
    request: BuildRequest,
    jobs: Sequence[Job],
    foreseen: Foreseen,
    *,
    with_sql: bool,
) -> list[PlannedTable]:
    changing = _changing(con, request, jobs)
    predicted = predict(con, foreseen)
    return [
        PlannedTable(
            name=built.name,
            location=built.location,
            decision=built.decision,
            why=[_why(cause, built, foreseen) for cause in built.causes],
            awaited=[name for node, name in changing.items() if node in catalog.ancestors(built.name)],
            keys=built.keys,
            rows=built.rows if built.name in foreseen.stored else None,
            predicted=predicted[built.name],
            sql=_sql(built, foreseen) if with_sql else SqlDiff(),
        )
        for built in foreseen.built
    ]


def _changing(con: duckdb.DuckDBPyConnection, request: BuildRequest, jobs: Sequence[Job]) -> dict[str, str]:
    """The nodes and inputs of the graph that the fetch is expected to change, and how they are called."""
    if not jobs:
        return {}
    found = {f"landed_{job.endpoint.table}": f"raw_{job.endpoint.table}" for job in jobs}
    found |= {name: name for name in SCHEMAS}
    last = max(window.until for job in jobs for window in job.windows)
    proven = ledger.last_proven_day(con)
    if REFERENCE_DAY not in request.params and (proven is None or last > proven):
        found[REFERENCE_DAY] = REFERENCE_DAY
    return found


def _why(cause: Cause, built: Built, foreseen: Foreseen) -> Why:
    held, now = foreseen.stored.get(built.name), foreseen.definitions.get(built.name)
    if cause.kind != "parameter" or held is None or held.definition is None or now is None:
        return Why(cause)
    return Why(cause, held.definition.inputs.get(cause.name), now.inputs.get(cause.name))


def _sql(built: Built, foreseen: Foreseen) -> SqlDiff:
    held, now = foreseen.stored.get(built.name), foreseen.definitions.get(built.name)
    if held is None or held.definition is None or now is None:
        return SqlDiff()
    return sql_diff.between(held.definition.sql, now.sql)
