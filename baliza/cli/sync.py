"""`baliza sync`: once a day from cron, and the file stays up to date."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    PNCP_URL,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import GOES_ON, listened_to, told_with
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Bring the file up to date; safe to run daily from cron."),
        help=_(
            "Bring what is in the file up to date: changed records (by PNCP's feeds of updates), late "
            "publications (the newest days are asked for again), new days, and details of purchases that "
            "changed. Safe to run daily from cron, such as at 5:15 with: 15 5 * * *\n\n"
            "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 something could not be fetched (baliza gaps)."
        ),
        epilog=examples("baliza sync --database data/baliza.duckdb", "baliza sync --json"),
    )(sync)


@told_with(interrupted=GOES_ON)
def sync(
    trailing: int = typer.Option(
        10, "--trailing", metavar="DAYS", min=0, max=365, help=_("Newest days to ask for again.")
    ),
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
    """Fetch what may have changed."""
    from baliza import __version__
    from baliza.build import sync as syncing
    from baliza.cli import asked, harvest_report, progress
    from baliza.cli.report import harvest_as_json, warn_if_synthetic

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
    with progress.shown(quiet=as_json) as shown:
        report = syncing.sync(
            settings.database.value, asked.server(settings), shown, trailing=trailing, settings=settings
        )
    with listened_to():
        if as_json:
            told_report = {
                "baliza": __version__,
                "command": "sync",
                "database": str(report.database),
                "source": report.source,
                "synthetic": report.source != "pncp",
                "harvests": harvest_as_json(report.harvests),
                "stale_tables": report.is_stale,
                "seconds": report.seconds,
                "exit_code": report.exit_code,
            }
            typer.echo(json.dumps(told_report, ensure_ascii=False, indent=2))
        else:
            console = terminal.console()
            warn_if_synthetic(console, report.source)
            harvest_report.show_harvests(console, report.harvests)
            if report.is_stale:
                console.print(_("The tables are as before: baliza build --no-fetch brings them up to date."))
            if report.exit_code:
                console.print(f"[bold yellow]{_('Some of it could not be fetched: baliza gaps')}[/]")
    raise typer.Exit(report.exit_code)
