"""`baliza harvest`: what `build` fetches, on its own, and what it never fetches by itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    CNPJ,
    DATABASE,
    DEBUG,
    ENDPOINT,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    MODALIDADE,
    MUNICIPIO,
    PNCP_URL,
    SINCE,
    SOURCE,
    TEMP_DIRECTORY,
    THREADS,
    UF,
    UNTIL,
)
from baliza.cli.outcome import GOES_ON, listened_to, told_with
from baliza.language import _

if TYPE_CHECKING:
    from baliza.build.collect import Estimate, HarvestRequest
    from baliza.cli.progress import ShownProgress

DEFAULT_ENDPOINT = "contratos_publicacao"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Fetch from any endpoint of PNCP, and say what is proven."),
        help=_(
            "Fetch what is missing of PNCP's endpoints, and say what is proven.\n\n"
            "Families (contratos, contratacoes, atas, pca) mean all their feeds. Details (itens, "
            "resultados, termos, compra) are asked for one purchase or contract at a time, of those in "
            "the file: it says how many first, and asks.\n\n"
            "Exit codes: 0 done and proven; 1 failed; 2 wrong usage; 3 not completely covered."
        ),
        epilog=examples(
            "baliza harvest --endpoint contratacoes --uf AC --since 2025-06-01 --until 2025-06-30",
            "baliza harvest --endpoint itens --cnpj 00394460000141 --since 2025-06-01 --dry-run",
        ),
    )(harvest)


@told_with(interrupted=GOES_ON)
def harvest(
    endpoint: list[str] | None = ENDPOINT,
    since: str | None = SINCE,
    until: str | None = UNTIL,
    cnpj: list[str] | None = CNPJ,
    uf: list[str] | None = UF,
    municipio: list[str] | None = MUNICIPIO,
    modalidade: list[str] | None = MODALIDADE,
    classe: list[str] | None = typer.Option(
        None,
        "--classe",
        metavar="CODE",
        help=_("Superior class of plan items (pca_classe); may be repeated."),
    ),
    usuario: list[str] | None = typer.Option(
        None,
        "--usuario",
        metavar="ID",
        help=_("Platform that sent the plans (pca_usuario); may be repeated."),
    ),
    source: str = SOURCE,
    database: Path | None = DATABASE,
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    dry_run: bool = typer.Option(
        False, "--dry-run", help=_("Only say how many requests and how long; ask PNCP nothing.")
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help=_("Fetch details without being asked.")),
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Fetch and land."""
    from baliza.build import collect, period, scope
    from baliza.build.source import sample_scope
    from baliza.cli import asked, harvest_report, progress

    is_sample = asked.is_sample(source)
    settings = asked.settings(
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
    filters = scope.narrowed(
        cnpjs=cnpj or (),
        ufs=uf or (),
        municipios=municipio or (),
        classes=classe or (),
        usuarios=usuario or (),
    )
    modalidades = scope.modalidades(modalidade or ())
    days = period.resolve(since, until, today=period.today())
    whole_sample = is_sample and not (since or until)
    request = collect.HarvestRequest(
        database=settings.database.value,
        source="sample" if is_sample else "pncp",
        server=asked.server(settings, is_sample=is_sample),
        endpoints=tuple(scope.endpoints(endpoint or [DEFAULT_ENDPOINT])),
        scope=sample_scope(filters, modalidades) if whole_sample else scope.Scope(days, filters, modalidades),
        settings=settings,
    )
    for one in request.endpoints:
        scope.check(one, request.scope)
    if dry_run:
        _foresee(request, as_json=as_json)
        return
    with progress.shown(quiet=as_json or is_sample) as shown:
        harvested = collect.collect(request, shown, lambda found: yes or _confirmed(found, shown))
    with listened_to():
        if as_json:
            typer.echo(json.dumps(harvest_report.as_json(harvested), ensure_ascii=False, indent=2))
        else:
            harvest_report.show(harvested)
    raise typer.Exit(harvested.exit_code)


def _foresee(request: HarvestRequest, *, as_json: bool) -> None:
    from baliza.build import collect
    from baliza.cli import harvest_report

    foreseen = collect.foresee(request)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(harvest_report.estimate_as_json(foreseen), ensure_ascii=False, indent=2))
        else:
            harvest_report.show_estimate(foreseen)


def _confirmed(found: Estimate, shown: ShownProgress) -> bool:
    """Whether the user says yes to so many requests; nobody there to ask means no."""
    from baliza.cli import logs
    from baliza.cli.progress import announcement

    requests = sum(found.requests.values())
    if not requests:
        return True
    with shown.paused():
        if logs.is_json():
            return False  # a machine listens, and nobody answers
        sys.stderr.write("\n".join([announcement(requests, found.seconds), *found.notes]) + "\n")
        if not sys.stdin.isatty():
            return False
        answer = typer.prompt(_("Go on? [y/N]"), default="", show_default=False, err=True)
    return answer.strip().casefold() in {"y", "yes", "s", "sim"}
