"""`baliza show`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from baliza.cli import completion
from baliza.cli.column_options import PASSING_ON, TableCommand
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

MOST_SHOWN = 20
ALL = "all"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        cls=TableCommand,
        context_settings=PASSING_ON,
        short_help=_("Rows of a table, by the values of any of its columns; no SQL needed."),
        help=_(
            "Rows of a table, as it was last published. Any of its columns is an option: --uf SC, "
            "--nome-orgao 'MUNICIPIO DE X', --mes 2025-06, --ano 2025; named twice, either value will do. "
            "The columns that fit are shown; in a pipe, as csv and as json, all of them."
        ),
        epilog=examples(
            "baliza show mart_spending --uf SC --limit 20",
            "baliza show mart_spending --uf SC --ano 2025 --order-by -valor_contratos",
            "baliza show mart_suppliers --columns nome_fornecedor,ano,valor_contratos",
            "baliza show stage_contratos --verdict suspect --format csv > suspects.csv",
            "baliza show mart_spending --where \"valor_contratos > 1e6 AND nome_orgao LIKE '%SAUDE%'\"",
        ),
    )(show)


@told
def show(
    context: typer.Context,
    words: list[str] = typer.Argument(
        metavar="TABLE",
        help=_("The table, such as mart_spending or mart.spending; columns, and the values they must have."),
        autocompletion=completion.table_and_values,
    ),
    columns: str | None = typer.Option(
        None, "--columns", "-c", metavar="NAME,...", help=_("Which, in this order; all for every one.")
    ),
    order_by: str | None = typer.Option(
        None,
        "--order-by",
        "-o",
        metavar="NAME,...",
        help=_("Order of the rows; -NAME from the largest down (default: the key)."),
    ),
    where: str = typer.Option(
        "", "--where", metavar="SQL", help=_("Only rows that meet this condition, on columns of the table.")
    ),
    limit: int | None = typer.Option(
        None, "--limit", "-n", min=1, metavar="N", help=_("Rows at most (default: 20 of a table, else all).")
    ),
    format_: str = FORMAT,
    with_personal_data: bool = WITH_PERSONAL_DATA,
    unpublished: bool = UNPUBLISHED,
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show rows of a table."""
    from baliza.cli import asked, column_options, query_report, show_report
    from baliza.publish import showing

    query_report.check(format_)
    table, values = column_options.split_one(words, "show")
    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    wanted = showing.Wanted(
        table=table,
        values=values,
        where=where,
        columns=_names(columns),
        order_by=_names(order_by),
        limit=limit or (MOST_SHOWN if format_ == "table" else None),
        options=column_options.own(context.command),
    )
    with showing.show(
        settings.database.value, wanted, resources=settings.resources, unpublished=unpublished
    ) as found:
        left_out: list[str] = []
        show_report.introduce(found, unpublished=unpublished)
        with listened_to():
            if format_ == "table":
                left_out = show_report.write_table(
                    found, with_personal_data=with_personal_data, all_columns=columns == ALL
                )
            else:
                query_report.write(
                    found.answer, format_, sys.stdout, limit=None, with_personal_data=with_personal_data
                )
    show_report.conclude(found, wanted.limit, left_out)


def _names(text: str | None) -> list[str]:
    """`a, b`; every column is the same as none in particular."""
    return [] if text in {None, ALL} else [name.strip() for name in str(text).split(",") if name.strip()]
