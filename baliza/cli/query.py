"""`baliza query`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import (
    DATABASE,
    DEBUG,
    ENV,
    FORMAT,
    MEMORY_LIMIT,
    TEMP_DIRECTORY,
    THREADS,
    UNPUBLISHED,
    WITH_PERSONAL_DATA,
)
from baliza.cli.outcome import listened_to, told
from baliza.language import _

MOST_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Ask the file in SQL, as it was last published."),
        help=_(
            "Ask the file in SQL, as it was last published: a build that runs neither keeps you waiting "
            "nor shows half of what it does.\n\n"
            "One statement that reads; SHOW ALL TABLES and DESCRIBE mart.spending are such. Nothing but "
            "the file can be read."
        ),
        epilog=examples(
            'baliza query "SELECT mes, sum(valor_contratos) FROM mart.spending GROUP BY mes ORDER BY mes"',
            'baliza query --format csv "FROM mart.suppliers" > suppliers.csv',
            "baliza query - < question.sql",
        ),
    )(query)


@told
def query(
    sql: str = typer.Argument(metavar="SQL", help=_("The question; - reads it from standard input.")),
    format_: str = FORMAT,
    limit: int | None = typer.Option(
        None, "--limit", min=1, metavar="N", help=_("Rows at most (default: 40 of a table, else all).")
    ),
    with_personal_data: bool = WITH_PERSONAL_DATA,
    unpublished: bool = UNPUBLISHED,
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Answer a question in SQL."""
    from baliza.cli import asked, query_report, read_from
    from baliza.publish.query import answer

    query_report.check(format_)
    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    text = sys.stdin.read() if sql == "-" else sql
    with answer(
        settings.database.value, text, resources=settings.resources, unpublished=unpublished
    ) as found:
        read_from.tell(found.snapshot, unpublished=unpublished)
        is_cut = False
        with listened_to():
            most = limit or (MOST_SHOWN if format_ == "table" else None)
            is_cut = query_report.write(
                found, format_, sys.stdout, limit=most, with_personal_data=with_personal_data
            )
        if is_cut:
            told_cut = _("The first {n} rows; there are more: --limit N, or --format csv for all.")
            sys.stderr.write(told_cut.format(n=most) + "\n")
