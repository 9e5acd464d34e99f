"""`baliza gaps`: what is short, failed or pending, and filling it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENDPOINT,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    PNCP_URL,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.build.gaps import GapsReport
    from baliza.build.period import Period
    from baliza.warehouse.gaps import Gap

MOST_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What is short, failed or pending; --fill asks for it."),
        help=_(
            "What was asked for and is not proven: short (records are missing), failed (an error stands in "
            "the way), pending (a run was stopped). With --fill, ask PNCP for it.\n\n"
            "Exit codes: 0 no gaps; 1 failed; 2 wrong usage; 3 there are gaps."
        ),
        epilog=examples(
            "baliza gaps", "baliza gaps --endpoint contratos --since 2025-01-01", "baliza gaps --fill"
        ),
    )(gaps)


@told
def gaps(
    endpoint: list[str] | None = ENDPOINT,
    since: str | None = typer.Option(None, "--since", metavar="DATE", help=_("First day (default: all).")),
    until: str | None = typer.Option(None, "--until", metavar="DATE", help=_("Last day (default: all).")),
    fill: bool = typer.Option(False, "--fill", help=_("Ask PNCP for what is open.")),
    database: Path | None = DATABASE,
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show, or fill, what is open."""
    from baliza.build import gaps as gaps_of
    from baliza.build import scope
    from baliza.cli import asked, progress

    settings = asked.settings(
        database=database,
        pncp_url=pncp_url,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
    )
    endpoints = scope.endpoints(endpoint or ())
    period = _period(since, until)
    path = settings.database.value
    if fill:
        with progress.shown(quiet=as_json) as shown:
            server = asked.server(settings)
            report = gaps_of.fill(path, server, endpoints, period, shown, settings=settings)
    else:
        report = gaps_of.find(path, endpoints, period)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
        else:
            _show(
                report, filled=fill, looked_at=[one.id for one in endpoints] if endpoints or period else None
            )
    raise typer.Exit(report.exit_code)


def _period(since: str | None, until: str | None) -> Period | None:
    from baliza.build import period

    if since is None and until is None:
        return None
    return period.resolve(since or f"{period.PNCP_BEGAN}", until, today=period.today())


def _as_json(report: GapsReport) -> dict[str, Any]:
    from baliza import __version__
    from baliza.cli.report import harvest_as_json

    return {
        "baliza": __version__,
        "command": "gaps",
        "database": str(report.database),
        "harvests": harvest_as_json(report.harvests),
        "gaps": [{**asdict(gap), "since": f"{gap.since}", "until": f"{gap.until}"} for gap in report.gaps],
        "exit_code": report.exit_code,
    }


def _show(report: GapsReport, *, filled: bool, looked_at: list[str] | None) -> None:
    from rich.table import Table

    from baliza.cli.harvest_report import show_harvests
    from baliza.publish.masking import mask

    console = terminal.console()
    if filled:
        show_harvests(console, report.harvests)
    if not report.gaps:
        if looked_at is None:
            console.print(f"[green]{_('No gaps: everything that was ever asked for is proven.')}[/]")
        else:
            console.print(_("No gaps in what was looked at.") + " " + ", ".join(looked_at))
        return
    told = _merged(report.gaps)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (_("endpoint"), _("days"), _("status")):
        table.add_column(heading, no_wrap=True)
    for heading in (_("slice"), _("modalidade")):
        table.add_column(heading, overflow="fold")
    table.add_column(_("missing"), justify="right")
    for (gap, modalidades), missing in list(told.items())[:MOST_SHOWN]:
        days = f"{gap.since}" if gap.since == gap.until else f"{gap.since} – {gap.until}"
        table.add_row(
            gap.endpoint,
            days,
            gap.status,
            gap.slice or _("whole country"),
            ", ".join(map(str, modalidades)) or "–",
            "?" if missing is None else number(missing),
        )
    console.print(table)
    for reason in dict.fromkeys(gap.reason for gap in report.gaps[:MOST_SHOWN] if gap.reason):
        console.print(f"  {mask(reason)}", soft_wrap=True)
    if len(told) > MOST_SHOWN:
        more = _("… and {n} more: baliza gaps --json")
        console.print(more.format(n=number(len(told) - MOST_SHOWN)))
    if not filled:
        console.print(_("To ask PNCP for them: baliza gaps --fill"))


def _merged(gaps: list[Gap]) -> dict[tuple[Gap, tuple[int, ...]], int | None]:
    """The gaps with modalidades that are open alike taken together, and what is missing of them in all."""
    alike: dict[Gap, list[Gap]] = {}
    for gap in gaps:
        alike.setdefault(replace(gap, modalidade=0, missing=None), []).append(gap)
    return {
        (common, tuple(one.modalidade for one in each if one.modalidade)): None
        if any(one.missing is None for one in each)
        else sum(one.missing or 0 for one in each)
        for common, each in alike.items()
    }
