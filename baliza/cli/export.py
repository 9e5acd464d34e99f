"""`baliza export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from baliza.cli import completion
from baliza.cli.column_options import PASSING_ON, TablesCommand
from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENV,
    MEMORY_LIMIT,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import NOTHING_WRITTEN, listened_to, told_with
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.publish.export.table import Dialect, Format, Table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        cls=TablesCommand,
        context_settings=PASSING_ON,
        short_help=_("Tables as Parquet, CSV for Excel in Portuguese, or XLSX."),
        help=_(
            "Write tables as Parquet (ordered, compressed), CSV (as Excel in Portuguese opens it) or "
            "XLSX (with links to PNCP), with datapackage.json: what each column means, the period, how "
            "complete it is. CPFs are masked.\n\n"
            "Any column that each of the tables has is an option: --uf SC, --mes 2025-06, --ano 2025; named "
            "twice, either value will do.\n\n"
            "docs/export.md shows how Excel, DuckDB, pandas and R read them."
        ),
        epilog=examples(
            "baliza export mart_spending --uf SC --ano 2025 --format xlsx --output spending",
            "baliza export 'mart.*' stage.contratos --output parquet",
            "baliza export mart.suppliers --format csv --separator , --encoding utf-8 --output csv",
        ),
    )(export)


@told_with(interrupted=NOTHING_WRITTEN)
def export(
    context: typer.Context,
    words: list[str] = typer.Argument(
        metavar="TABLE",
        help=_(
            "Tables, such as mart_spending or mart.spending; patterns such as 'mart.*'; columns, and the "
            "values they must have."
        ),
        autocompletion=completion.tables_and_values,
    ),
    format_: str = typer.Option(
        "parquet",
        "--format",
        "-f",
        metavar="parquet|csv|xlsx",
        help=_("Of the files."),
        autocompletion=completion.words("parquet", "csv", "xlsx"),
    ),
    output: Path = typer.Option(
        ..., "--output", "-o", metavar="DIR", help=_("Folder; made where there is none.")
    ),
    where: str = typer.Option(
        "", "--where", metavar="SQL", help=_("Only rows that meet this condition, on columns of the table.")
    ),
    encoding: str | None = typer.Option(
        None, "--encoding", metavar="NAME", help=_("Of CSV: utf-8-sig (default), utf-8 or windows-1252.")
    ),
    separator: str | None = typer.Option(
        None, "--separator", metavar="SIGN", help=_("Of CSV: ; (default), a comma, | or tab.")
    ),
    decimal: str | None = typer.Option(
        None,
        "--decimal",
        metavar="comma|point",
        help=_("Of CSV: comma (default), or point (default where the separator is a comma)."),
    ),
    with_personal_data: bool = typer.Option(
        False, "--with-personal-data", help=_("Leave CPFs as PNCP publishes them (LGPD applies).")
    ),
    force: bool = typer.Option(False, "--force", help=_("Replace the export that the folder holds.")),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Write tables as files."""
    from baliza.cli import asked, column_options, export_report
    from baliza.publish.export.exporting import ExportRequest
    from baliza.publish.export.exporting import export as exporting

    tables, values = column_options.split(words, "export")
    request = ExportRequest(
        targets=tuple(tables),
        output=output,
        format=_format(format_),
        dialect=_dialect(format_, encoding, separator, decimal),
        values=values,
        where=where.strip(),
        options=column_options.own(context.command),
        personal_data=with_personal_data,
        force=force,
    )
    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    if with_personal_data:
        typer.echo(_LAW, err=True)
    report = exporting(request, settings, _tell)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(export_report.as_json(report), ensure_ascii=False, indent=2))
        else:
            export_report.show(report)


_LAW = _(
    "Warning: these files will hold CPFs as PNCP publishes them. They are personal data: Lei 13.709/2018 "
    "(LGPD) binds whoever keeps them or passes them on, also when they are public (art. 7, § 3), and so does "
    "Lei 12.527/2011 (LAI, art. 31). Use them for what they were published for, and publish no more than "
    "that needs."
)


def _tell(table: Table, rows: int) -> None:
    typer.echo(_("{table}: {n} rows …").format(table=table.location, n=number(rows)), err=True)


def _format(text: str) -> Format:
    from baliza.errors import UsageError
    from baliza.publish.export.table import FORMATS

    if text not in FORMATS:
        raise UsageError(
            "--format {text} was asked for.",
            "There are three formats.",
            "Choose parquet, csv or xlsx.",
            text=text,
        )
    return cast("Format", text)


def _dialect(format_: str, encoding: str | None, separator: str | None, decimal: str | None) -> Dialect:
    """How a CSV is to be written.

    Raises:
        UsageError: an option that is none, or that says something of another format.
    """
    from baliza.errors import UsageError
    from baliza.publish.export.table import ENCODINGS, Dialect

    given = {"--encoding": encoding, "--separator": separator, "--decimal": decimal}
    for option, text in given.items():
        if text is not None and format_ != "csv":
            raise UsageError(
                "{option} {text} was asked for.",
                "It says how a CSV is written, and the format is {format}.",
                "Leave it out, or choose --format csv.",
                option=option,
                text=text,
                format=format_,
            )
    known = {
        "--encoding": {name: name for name in ENCODINGS},
        "--separator": {";": ";", ",": ",", "|": "|", "tab": "\t", "\t": "\t"},
        "--decimal": {"comma": ",", "point": "."},
    }
    defaults = {
        "--encoding": "utf-8-sig",
        "--separator": ";",
        "--decimal": "point" if separator == "," else "comma",
    }
    chosen = {}
    for option, text in given.items():
        value = known[option].get(defaults[option] if text is None else text)
        if value is None:
            raise UsageError(
                "{option} {text} was asked for.",
                "It cannot be that.",
                "Choose one of these: {choices}",
                option=option,
                text=text,
                choices=" ".join(name for name in known[option] if name != "\t"),
            )
        chosen[option.removeprefix("--")] = value
    return Dialect(**chosen)
