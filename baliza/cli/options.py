"""Options that several commands share."""

from __future__ import annotations

import typer

from baliza.language import _

DATABASE = typer.Option(
    None,
    "--database",
    "-d",
    metavar="PATH",
    help=_("The DuckDB file (default: data/baliza.duckdb; BALIZA_DATABASE)."),
)
AS_JSON = typer.Option(False, "--json", help=_("Print one JSON object (docs/json.md)."))
DEBUG = typer.Option(False, "--debug", help=_("Show tracebacks."))
