"""`baliza explain`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli import completion
from baliza.cli.column_options import PASSING_ON, TableCommand
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, UNPUBLISHED
from baliza.cli.outcome import listened_to, told
from baliza.language import _

MOST_SHOWN = 20
MOST_IN_JSON = 1000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        cls=TableCommand,
        context_settings=PASSING_ON,
        short_help=_("What is behind a number: records, links, coverage, the way it came."),
        help=_(
            "What is behind a number of a mart: every record with its page in PNCP, bucket by bucket; "
            "how far the days it rests on are proven; the tables and functions it came through. Any column "
            "of the mart is an option: --uf SC, --mes 2025-06; several rows are explained together."
        ),
        epilog=examples(
            "baliza explain mart_spending --cnpj 00394460000141 --mes 2025-06",
            "baliza explain mart_spending --municipio 4218202 --ano 2025",
            "baliza explain mart_suppliers --key ni_fornecedor=00000000000191 --ano 2025 --json",
        ),
    )(explain)


@told
def explain(
    context: typer.Context,
    words: list[str] = typer.Argument(
        metavar="MART",
        help=_("The mart, such as mart_spending; columns, and the values that say which rows."),
        autocompletion=completion.table_and_values,
    ),
    key: list[str] | None = typer.Option(
        None,
        "--key",
        "-k",
        metavar="NAME=VALUE",
        help=_("The same as --NAME VALUE; null where there is no value; may be repeated."),
    ),
    limit: int | None = typer.Option(
        None,
        "--limit",
        min=1,
        metavar="N",
        help=_("Rows and records of each table shown (default: 20; with --json 1,000)."),
    ),
    unpublished: bool = UNPUBLISHED,
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show what is behind rows of a mart."""
    from baliza.build.column_values import split
    from baliza.build.explaining import explain as explaining
    from baliza.cli import asked, column_options, explain_report, read_from
    from baliza.publish.explanation import as_json as explanation

    table, values = column_options.split_one(words, "explain")
    path = asked.settings(database=database, env=env).database.value
    found = explaining(
        path,
        table,
        [*values, *split(key or ())],
        limit=limit or (MOST_IN_JSON if as_json else MOST_SHOWN),
        unpublished=unpublished,
        options=column_options.own(context.command),
    )
    read_from.tell(found.snapshot, unpublished=unpublished)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(explanation(found), ensure_ascii=False, indent=2))
        else:
            explain_report.show(found)
