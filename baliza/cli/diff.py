"""`baliza diff A B`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli import completion
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, MEMORY_LIMIT, TEMP_DIRECTORY, THREADS
from baliza.cli.outcome import listened_to, told
from baliza.language import _

MOST_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What differs between two files, or two builds: columns, rows, money."),
        help=_(
            "What differs between two files, or two builds of one: tables, columns, rows by key with "
            "their values before and after, and money by órgão. Nothing is written.\n\n"
            "A and B are files, or numbers of runs (baliza runs) whose state the file still keeps; "
            "without B, A is compared with the file as it is.\n\n"
            "Exit codes: 0 nothing differs; 1 failed; 2 wrong usage; 4 something differs."
        ),
        epilog=examples(
            "baliza diff january.duckdb february.duckdb",
            "baliza diff 3 5 --table mart_spending",
            "baliza diff 3 --json",
        ),
    )(diff)


@told
def diff(
    before: str = typer.Argument(metavar="A", help=_("A file, or the number of a run.")),
    after: str | None = typer.Argument(None, metavar="B", help=_("Another (default: the file as it is).")),
    table: list[str] | None = typer.Option(
        None,
        "--table",
        metavar="NAME",
        help=_("Only this table, such as mart_spending or 'stage.*'; may be repeated."),
        autocompletion=completion.tables,
    ),
    limit: int = typer.Option(
        MOST_SHOWN,
        "--limit",
        min=0,
        metavar="N",
        help=_("Rows of each kind, and órgãos of each amount, shown of each table."),
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show what differs."""
    from baliza.build.diff.comparison import compare
    from baliza.build.diff.meant import meant
    from baliza.cli import asked, diff_report

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    found = compare(
        meant(before, settings.database.value),
        meant(after, settings.database.value),
        tables=table or (),
        shown=limit,
        resources=settings.resources,
    )
    with listened_to():
        if as_json:
            typer.echo(json.dumps(diff_report.as_json(found), ensure_ascii=False, indent=2))
        else:
            diff_report.show(found)
    raise typer.Exit(found.exit_code)
