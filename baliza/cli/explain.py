"""`baliza explain`."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.language import _

MOST_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What is behind a number: records, links, coverage, the way it came."),
        help=_(
            "What is behind a number of a mart: every record with its page in PNCP, bucket by bucket; "
            "how far the days it rests on are proven; the tables and functions it came through.\n\n"
            "\b\nExamples:\n"
            "  baliza explain mart_spending --cnpj 00394460000141 --mes 2025-06\n"
            "  baliza explain mart_suppliers --key ni_fornecedor=00000000000191 --ano 2025 --json\n\n"
            "The key may be any column of the table; several rows are explained together."
        ),
    )(explain)


@told
def explain(
    table: str = typer.Argument(metavar="MART", help=_("The mart, such as mart_spending or mart.spending.")),
    cnpj: str | None = typer.Option(
        None, "--cnpj", metavar="CNPJ", help=_("The órgão: its column cnpj_orgao.")
    ),
    mes: str | None = typer.Option(None, "--mes", metavar="YYYY-MM", help=_("The month: its column mes.")),
    ano: str | None = typer.Option(None, "--ano", metavar="YYYY", help=_("The year: its column ano.")),
    key: list[str] | None = typer.Option(
        None,
        "--key",
        "-k",
        metavar="NAME=VALUE",
        help=_("Any column and its value; null where there is none; may be repeated."),
    ),
    limit: int | None = typer.Option(
        None,
        "--limit",
        min=1,
        metavar="N",
        help=_("Rows and records of each table shown (default: 20; with --json all)."),
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show what is behind rows of a mart."""
    from baliza.build.explaining import explain as explaining
    from baliza.build.picking import split
    from baliza.cli import asked, explain_report, read_from
    from baliza.pncp.cnpj import normalize
    from baliza.publish.explanation import as_json as explanation

    keys = [("cnpj_orgao", normalize(cnpj))] if cnpj else []
    keys += [(name, value) for name, value in (("mes", mes), ("ano", ano)) if value]
    keys += split(key or ())
    path = asked.settings(database=database, env=env).database.value
    found = explaining(path, table, keys, limit=limit or (None if as_json else MOST_SHOWN))
    read_from.tell(found.snapshot)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(explanation(found), ensure_ascii=False, indent=2))
        else:
            explain_report.show(found)
