"""`baliza migrate`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import GOES_ON, listened_to, told_with
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Move a file of the old layout (psa) into today's, with an account that adds up."),
        help=_(
            "Move what a file of the old layout holds (schema psa, or raw.api_requests) into today's: pages "
            "land as those of a harvest, and the ledger says what they prove. The old file is only read, "
            "unless you say --drop-psa. Interrupted, run it again: it goes on.\n\n"
            "Exit codes: 0 done and proven; 1 failed; 2 wrong usage; 3 done, but days are short."
        ),
        epilog=examples(
            "baliza migrate old.duckdb --dry-run", "baliza migrate old.duckdb --database data/new.duckdb"
        ),
    )(migrate)


@told_with(interrupted=GOES_ON)
def migrate(
    old: Path = typer.Argument(..., metavar="OLD", help=_("The DuckDB file of the old layout.")),
    database: Path | None = DATABASE,
    drop_psa: bool = typer.Option(
        False,
        "--drop-psa",
        help=_("Then drop the old schema from OLD, after a verified backup, and give its room back."),
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help=_("Only say what OLD holds; write nothing.")),
    force: bool = typer.Option(
        False, "--force", help=_("With --drop-psa: drop it even where something did not come in.")
    ),
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Move a file of the old layout into today's."""
    from baliza.cli import asked, migrate_report, progress
    from baliza.migration import migrating
    from baliza.publish.masking import mask

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
    )
    if dry_run:
        survey = migrating.survey(old, settings)
        with listened_to():
            if as_json:
                typer.echo(json.dumps(migrate_report.survey_as_json(survey), ensure_ascii=False, indent=2))
            else:
                migrate_report.show_survey(survey)
        return
    with progress.shown(quiet=as_json) as shown:
        account = migrating.migrate(
            old, settings.database.value, shown, drop=drop_psa, force=force, settings=settings
        )
    with listened_to():
        if as_json:
            found = migrate_report.as_json(account)
            typer.echo(mask(json.dumps(found, ensure_ascii=False, indent=2)))
        else:
            migrate_report.show(account)
    raise typer.Exit(account.exit_code)
