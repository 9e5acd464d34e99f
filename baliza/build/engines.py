"""Who makes the tables of a build: the dataflow, or, while somebody moves from it, the old project's dbt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from baliza.build import catalog, unchanged
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause
from baliza.build.how import How
from baliza.build.journal import Built, Journal
from baliza.build.selection import select
from baliza.errors import UsageError
from baliza.settings import Resources
from baliza.warehouse.connection import explained

if TYPE_CHECKING:
    from baliza.build.progress import BuildProgress
    from baliza.build.run import BuildRequest
    from baliza.build.session import Session

ENGINE = Literal["hamilton", "dbt"]
ENGINES: tuple[ENGINE, ...] = ("hamilton", "dbt")


@dataclass(frozen=True)
class Work:
    """What is to be made, whoever makes it.

    Attributes:
        selected: the tables that were asked for, by name.
        nodes: tables of the dataflow; what they need of PNCP is fetched.
        make: makes the tables in an open file, and writes them into its diary.
    """

    selected: list[str]
    nodes: Sequence[TableNode]
    make: Callable[[Session, BuildProgress], list[Built]]


def work(request: BuildRequest) -> Work:
    """The work that a build is asked for.

    Raises:
        UnknownTargetError: a target names nothing.
        UsageError, MissingPackageError: the engine cannot do it.
    """
    return _of_dbt(request) if request.engine == "dbt" else _of_hamilton(request)


def _of_hamilton(request: BuildRequest) -> Work:
    nodes = select(request.targets, request.database, request.params)
    if request.fetch:
        catalog.modules()  # as they are now: in the hours that a harvest can take somebody may edit them
    names = [node.name for node in nodes]
    way = how(request, nodes)

    def make(session: Session, progress: BuildProgress) -> list[Built]:
        with explained(request.database):
            found = unchanged.look(session.con, names, request.params, force=way.force)
            if not found.doubtful:
                return unchanged.skip(found, Journal(session.con, session.run_id))
            from baliza.build.driver import building  # noqa: PLC0415 - most of a build with nothing to do

            driver, materializer = building(
                session.con,
                request.database,
                params=request.params,
                how=way,
                run_id=session.run_id,
                surveyed=found,
                on_table=progress.table,
            )
            driver.execute(names)
        return materializer.built

    return Work(names, nodes, make)


def how(request: BuildRequest, nodes: Sequence[TableNode]) -> How:
    """The way the tables are built: what was asked for by name or pattern is what --force forces."""
    return How(force=[node.name for node in nodes] if request.force else (), full=request.full)


def _of_dbt(request: BuildRequest) -> Work:
    from baliza.build.dbt import engine, selection  # noqa: PLC0415 - of one transition, not of every build

    if request.params:
        raise UsageError(
            "The tables were to be built by dbt, with {params}.",
            "The old project has no parameters.",
            "Leave them out, of baliza.toml too, or leave out --engine dbt.",
            params=", ".join(request.params),
        )
    models = selection.choose(request.targets)
    engine.check_installed()

    def make(session: Session, progress: BuildProgress) -> list[Built]:
        resources = request.settings.resources if request.settings else Resources()
        with session.lent():
            made = engine.run(request.database, models, resources, progress.table)
        journal = Journal(session.con, session.run_id)
        tables = []
        for one in made:
            (rows,) = session.con.execute(f"SELECT count(*) FROM {one.location}").fetchall()[0]  # noqa: S608
            tables.append(
                Built(
                    name=one.location.replace(".", "_"),
                    location=one.location,
                    decision="rebuilt",
                    causes=(Cause("forced", "dbt"),),
                    rows=rows,
                    seconds=one.seconds,
                )
            )
            journal.note(tables[-1])
        return tables

    return Work([model.location.replace(".", "_") for model in models], selection.sources(models), make)
