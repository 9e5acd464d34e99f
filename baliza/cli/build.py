"""`baliza build`, the main job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    CNPJ,
    DATABASE,
    DEBUG,
    ENGINE,
    ENV,
    FETCH,
    FORCE,
    FULL,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    MODALIDADE,
    MUNICIPIO,
    PARAM,
    PNCP_URL,
    SINCE,
    SOURCE,
    TARGET,
    TEMP_DIRECTORY,
    THREADS,
    UF,
    UNTIL,
)
from baliza.cli.outcome import GOES_ON, listened_to, told_with
from baliza.language import _

if TYPE_CHECKING:
    from baliza.build.run import BuildRequest

DEFAULT_TARGET = "mart_spending"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Fetch what is missing, build what is stale, say what is proven."),
        help=_(
            "Fetch what is missing from PNCP, build the tables that are stale, and say what is proven.\n\n"
            "Exit codes: 0 done; 1 failed, nothing half-built; 2 wrong usage; 3 built, but the period "
            "asked for is not completely covered."
        ),
        epilog=examples(
            "baliza build --source sample",
            "baliza build --cnpj 00394460000141 --since 2025-01-01 --until 2025-12-31",
            "baliza build --target 'mart.*' --no-fetch",
        ),
    )(build)


@told_with(interrupted=GOES_ON)
def build(
    target: list[str] | None = TARGET,
    since: str | None = SINCE,
    until: str | None = UNTIL,
    cnpj: list[str] | None = CNPJ,
    uf: list[str] | None = UF,
    municipio: list[str] | None = MUNICIPIO,
    modalidade: list[str] | None = MODALIDADE,
    source: str = SOURCE,
    fetch: bool = FETCH,
    database: Path | None = DATABASE,
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    param: list[str] | None = PARAM,
    force: bool = FORCE,
    full: bool = FULL,
    engine: str = ENGINE,
    dry_run: bool = typer.Option(
        False, "--dry-run", help=_("Only say what would be fetched and built, as baliza plan does.")
    ),
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Plan, harvest, materialize."""
    from baliza.build import run
    from baliza.cli import progress, report

    request = requested(
        target=target,
        since=since,
        until=until,
        cnpj=cnpj,
        uf=uf,
        municipio=municipio,
        modalidade=modalidade,
        source=source,
        fetch=fetch,
        database=database,
        pncp_url=pncp_url,
        env=env,
        param=param,
        force=force,
        full=full,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
        engine=engine,
    )
    if dry_run:
        from baliza.cli import plan
        from baliza.errors import UsageError

        if request.engine == "dbt":
            raise UsageError(
                "It was asked what dbt would build.",
                "It builds what it is asked for whole, every time.",
                "Leave out --dry-run, or --engine dbt.",
            )

        plan.tell(request, with_sql=False, as_json=as_json)
        return
    with progress.shown(quiet=as_json or request.source == "sample") as shown:
        built = run.build(request, shown)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(report.as_json(built), ensure_ascii=False, indent=2))
        else:
            report.show(request, built)
    raise typer.Exit(built.exit_code)


def requested(
    *,
    target: list[str] | None,
    since: str | None,
    until: str | None,
    cnpj: list[str] | None,
    uf: list[str] | None,
    municipio: list[str] | None,
    modalidade: list[str] | None,
    source: str,
    fetch: bool,
    database: Path | None,
    pncp_url: str | None,
    env: str | None,
    param: list[str] | None,
    force: bool,
    full: bool,
    memory_limit: str | None = None,
    threads: str | None = None,
    temp_directory: Path | None = None,
    log_format: str | None = None,
    log_level: str | None = None,
    engine: str = "hamilton",
) -> BuildRequest:
    """What the options of `build` and `plan` ask for.

    Raises:
        UsageError: they cannot be followed.
    """
    from baliza.build import period, run, scope
    from baliza.cli import asked
    from baliza.errors import UsageError

    is_sample = asked.is_sample(source)
    filters = scope.narrowed(cnpjs=cnpj or (), ufs=uf or (), municipios=municipio or ())
    if is_sample and (since or until or filters or modalidade):
        raise UsageError(
            "A part of the sample was asked for.",
            "The sample is small and always built whole.",
            "Leave out the dates and slices, or leave out --source sample.",
        )
    settings = asked.settings(
        params=param,
        is_sample=is_sample,
        database=database,
        pncp_url=pncp_url,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
    )
    days = period.resolve(since, until, today=period.today())
    return run.BuildRequest(
        database=settings.database.value,
        targets=tuple(target or [DEFAULT_TARGET]),
        source="sample" if is_sample else "pncp",
        server=asked.server(settings, is_sample=is_sample),
        scope=scope.Scope(
            # Without a fetch and without dates, the file itself is what is asked about.
            period=None if is_sample or not (fetch or since or until) else days,
            filters=filters,
            modalidades=scope.modalidades(modalidade or ()),
        ),
        fetch=fetch,
        params=settings.chosen_params,
        settings=settings,
        force=force,
        full=full,
        engine=asked.engine(engine),
    )
