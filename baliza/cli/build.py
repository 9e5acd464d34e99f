"""`baliza build`, the main job."""

from __future__ import annotations

import json
import os
from pathlib import Path

import typer

from baliza.cli.options import AS_JSON, DATABASE, DEBUG
from baliza.cli.outcome import listened_to, told
from baliza.language import _

DEFAULT_TARGET = "mart_spending"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help=_(
            "Fetch what is missing from PNCP, build the tables that are stale, and say what is proven.\n\n"
            "\b\nExamples:\n"
            "  baliza build --source sample\n"
            "  baliza build --cnpj 00394460000141 --since 2025-01-01 --until 2025-12-31\n\n"
            "Exit codes: 0 done; 1 failed, nothing half-built; 2 wrong usage; 3 built, but the period "
            "asked for is not completely covered."
        )
    )(build)


@told
def build(
    target: list[str] | None = typer.Option(
        None,
        "--target",
        "-t",
        metavar="NAME",
        help=_("Table to build, such as mart_spending or mart.spending; may be repeated."),
    ),
    since: str | None = typer.Option(
        None,
        "--since",
        metavar="DATE",
        help=_("First day of publication, YYYY-MM-DD (default: seven closed days)."),
    ),
    until: str | None = typer.Option(
        None,
        "--until",
        metavar="DATE",
        help=_("Last day of publication, included (default: yesterday in Brasília)."),
    ),
    cnpj: list[str] | None = typer.Option(
        None, "--cnpj", metavar="CNPJ", help=_("Only the contracts of this órgão; may be repeated.")
    ),
    source: str = typer.Option(
        "pncp", "--source", metavar="pncp|sample", help=_("pncp, or sample for the synthetic sample.")
    ),
    fetch: bool = typer.Option(True, "--fetch/--no-fetch", help=_("Ask PNCP for what is missing.")),
    database: Path | None = DATABASE,
    pncp_url: str | None = typer.Option(
        None,
        "--pncp-url",
        metavar="URL",
        help=_("Where PNCP is (default: https://pncp.gov.br; BALIZA_PNCP_URL)."),
    ),
    param: list[str] | None = typer.Option(
        None, "--param", metavar="K=V", help=_("Override a parameter: name=value; may be repeated.")
    ),
    force: bool = typer.Option(False, "--force", help=_("Rebuild tables that are up to date.")),
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Plan, harvest, materialize."""
    from baliza.build import catalog, params, period, run
    from baliza.cli import progress, report
    from baliza.errors import UsageError
    from baliza.pncp import cnpj as cnpjs
    from baliza.pncp.harvest import Server
    from baliza.settings import DEFAULT_DATABASE, SAMPLE_DATABASE, resolve

    if source not in {"pncp", "sample"}:
        raise UsageError(
            "The source {source} was asked for.",
            "There are two sources.",
            "Choose --source pncp or --source sample.",
            source=source,
        )
    is_sample = source == "sample"
    if is_sample and (since or until or cnpj):
        raise UsageError(
            "A part of the sample was asked for.",
            "The sample is small and always built whole.",
            "Leave out --since, --until and --cnpj, or leave out --source sample.",
        )
    settings = resolve(
        os.environ,
        database=database,
        pncp_url=pncp_url,
        default_database=SAMPLE_DATABASE if is_sample else DEFAULT_DATABASE,
    )
    days = period.resolve(since, until, today=period.today())
    request = run.BuildRequest(
        database=settings.database.value,
        targets=tuple(catalog.find(name).name for name in target or [DEFAULT_TARGET]),
        source="sample" if is_sample else "pncp",
        server=run.sample_server()
        if is_sample
        else Server(
            url=settings.pncp_url.value,
            max_rps=settings.max_rps.value,
            max_in_flight=settings.max_in_flight.value,
        ),
        # Without a fetch and without dates, the file itself is what is asked about.
        period=None if is_sample or not (fetch or since or until) else days,
        cnpjs=tuple(dict.fromkeys(cnpjs.normalize(text) for text in cnpj or ())),
        fetch=fetch,
        params=params.parse(param or ()),
        force=force,
    )
    with progress.shown(quiet=as_json or is_sample) as shown:
        built = run.build(request, shown)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(report.as_json(built), ensure_ascii=False, indent=2))
        else:
            report.show(request, built)
    raise typer.Exit(built.exit_code)
