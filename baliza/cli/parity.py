"""`baliza parity`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, MEMORY_LIMIT, TEMP_DIRECTORY, THREADS
from baliza.cli.outcome import listened_to, told
from baliza.language import _

MOST_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("baliza's tables beside the old dbt project's questions, cell by cell."),
        help=_(
            "Builds, from the raw tables of one file, baliza's tables and the models of the dbt project that "
            "came before, and compares them cell by cell with what these should have meant. Also counts what "
            "the faults of the models as they were touch: records and money. The file is only read; both "
            "sides are built beside it, or in --temp-directory, and deleted. dbt need not be installed.\n\n"
            "Exit codes: 0 no cell differs; 1 failed; 2 wrong usage; 4 something differs."
        ),
        epilog=examples("baliza parity", "baliza parity --database data/sample.duckdb --json"),
    )(parity)


@told
def parity(
    limit: int = typer.Option(
        MOST_SHOWN, "--limit", min=0, metavar="N", help=_("Rows of each kind shown of each table.")
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show what differs from what the old project should have meant."""
    from baliza.build.parity.comparison import parity as compared
    from baliza.cli import asked, parity_report, progress, read_from

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    with progress.shown(quiet=as_json) as shown:
        found = compared(
            settings.database.value, shown=limit, resources=settings.resources, on_table=shown.table
        )
    read_from.tell(found.snapshot)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(parity_report.as_json(found), ensure_ascii=False, indent=2))
        else:
            parity_report.show(found)
    raise typer.Exit(found.exit_code)
