"""`baliza plan`, and `baliza build --dry-run`: what a build would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli.build import requested
from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    CNPJ,
    DATABASE,
    DEBUG,
    ENV,
    FETCH,
    FORCE,
    FULL,
    MODALIDADE,
    MUNICIPIO,
    PARAM,
    PNCP_URL,
    SINCE,
    SOURCE,
    TARGET,
    UF,
    UNTIL,
)
from baliza.cli.outcome import listened_to, told
from baliza.language import _

if TYPE_CHECKING:
    from baliza.build.run import BuildRequest


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What build would fetch and rebuild, and why; nothing is done."),
        help=_(
            "What `baliza build` with the same options would fetch and rebuild, and why. Nothing is "
            "asked of PNCP, nothing is written.\n\n"
            "Exit codes: 0 told, whatever there is to do; 1 the build would fail; 2 wrong usage."
        ),
        epilog=examples(
            "baliza plan --target 'mart.*'",
            "baliza plan --target +mart_spending --no-fetch --sql",
        ),
    )(plan)


@told
def plan(
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
    sql: bool = typer.Option(False, "--sql", help=_("Show the lines of SQL that changed.")),
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Say what a build would do."""
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
    )
    tell(request, with_sql=sql, as_json=as_json)


def tell(request: BuildRequest, *, with_sql: bool, as_json: bool) -> None:
    """Plan, print, and end."""
    from baliza.build import plan as planning
    from baliza.cli import plan_report

    planned = planning.plan(request, with_sql=with_sql or as_json)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(plan_report.as_json(planned), ensure_ascii=False, indent=2))
        else:
            plan_report.show(planned)
    if planned.trouble is not None and not as_json:
        raise planned.trouble
    raise typer.Exit(planned.exit_code)
