"""`baliza query`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from baliza.cli.options import (
    DATABASE,
    DEBUG,
    ENV,
    MEMORY_LIMIT,
    TEMP_DIRECTORY,
    THREADS,
    WITH_PERSONAL_DATA,
)
from baliza.cli.outcome import listened_to, told
from baliza.language import _

FORMATS = ("table", "csv", "json")
MOST_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Ask the file in SQL, as it was last published."),
        help=_(
            "Ask the file in SQL, as it was last published: a build that runs neither keeps you waiting nor "
            "shows half of what it does.\n\n"
            "\b\nExamples:\n"
            '  baliza query "SELECT mes, sum(valor_contratos) FROM mart.spending GROUP BY mes ORDER BY mes"\n'
            '  baliza query --format csv "FROM mart.suppliers" > suppliers.csv\n'
            "  baliza query - < question.sql\n\n"
            "One statement that reads; SHOW ALL TABLES and DESCRIBE mart.spending are such. Nothing but the "
            "file can be read."
        ),
    )(query)


@told
def query(
    sql: str = typer.Argument(metavar="SQL", help=_("The question; - reads it from standard input.")),
    format_: str = typer.Option(
        "table",
        "--format",
        "-f",
        metavar="table|csv|json",
        help=_("How the answer is written; csv and json are exact, and whole."),
    ),
    limit: int | None = typer.Option(
        None, "--limit", min=1, metavar="N", help=_("Rows at most (default: 40 of a table, else all).")
    ),
    with_personal_data: bool = WITH_PERSONAL_DATA,
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Answer a question in SQL."""
    from baliza.cli import asked, query_report, read_from
    from baliza.errors import UsageError
    from baliza.publish.query import answer

    if format_ not in FORMATS:
        raise UsageError(
            "The format {format} was asked for.",
            "There are three formats.",
            "Choose --format table, --format csv or --format json.",
            format=format_,
        )
    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    text = sys.stdin.read() if sql == "-" else sql
    with answer(settings.database.value, text, resources=settings.resources) as found:
        read_from.tell(found.snapshot)
        is_cut = False
        with listened_to():
            most = limit or (MOST_SHOWN if format_ == "table" else None)
            is_cut = query_report.write(
                found, format_, sys.stdout, limit=most, with_personal_data=with_personal_data
            )
        if is_cut:
            told_cut = _("The first {n} rows; there are more: --limit N, or --format csv for all.")
            sys.stderr.write(told_cut.format(n=most) + "\n")
