"""Options that several commands share."""

from __future__ import annotations

import typer

from baliza.cli import completion
from baliza.language import _

DATABASE = typer.Option(
    None,
    "--database",
    "-d",
    metavar="PATH",
    help=_("The DuckDB file (default: data/baliza.duckdb; BALIZA_DATABASE)."),
)
ENV = typer.Option(
    None,
    "--env",
    metavar="NAME",
    help=_("Environment of baliza.toml, [env.NAME] (BALIZA_ENV)."),
    autocompletion=completion.environments,
)
PARAM = typer.Option(
    None,
    "--param",
    metavar="K=V",
    help=_("Override a parameter: name=value; may be repeated (see baliza settings)."),
)
MEMORY_LIMIT = typer.Option(
    None,
    "--memory-limit",
    metavar="SIZE",
    help=_("Memory DuckDB may take, such as 1GB (default: 80 percent of all; BALIZA_MEMORY_LIMIT)."),
)
THREADS = typer.Option(
    None,
    "--threads",
    metavar="N",
    help=_("Threads DuckDB may take (default: every core; BALIZA_THREADS)."),
)
TEMP_DIRECTORY = typer.Option(
    None,
    "--temp-directory",
    metavar="PATH",
    help=_(
        "Where DuckDB puts what does not fit into memory (default: beside the file; BALIZA_TEMP_DIRECTORY)."
    ),
)
LOG_FORMAT = typer.Option(
    None,
    "--log-format",
    metavar="text|json",
    help=_("How stderr tells what happens: text, or json, one object a line (BALIZA_LOG_FORMAT)."),
    autocompletion=completion.words("text", "json"),
)
LOG_LEVEL = typer.Option(
    None,
    "--log-level",
    metavar="LEVEL",
    help=_("The least that is told: debug, info, warning or error (default: info; BALIZA_LOG_LEVEL)."),
    autocompletion=completion.words("debug", "info", "warning", "error"),
)
AS_JSON = typer.Option(False, "--json", help=_("Print one JSON object (docs/json.md)."))
WITH_PERSONAL_DATA = typer.Option(
    False, "--with-personal-data", help=_("Print CPFs as PNCP publishes them, instead of hiding them.")
)
FORMAT = typer.Option(
    "table",
    "--format",
    "-f",
    metavar="table|csv|json",
    help=_("How the answer is written; csv and json are exact, and whole."),
    autocompletion=completion.words("table", "csv", "json"),
)
UNPUBLISHED = typer.Option(
    False,
    "--unpublished",
    help=_("Read the file as it is, also after a build that failed, not its last published state."),
)
DEBUG = typer.Option(False, "--debug", help=_("Show tracebacks."))

SINCE = typer.Option(
    None,
    "--since",
    metavar="DATE",
    help=_("First day of publication, YYYY-MM-DD (default: seven closed days)."),
)
UNTIL = typer.Option(
    None,
    "--until",
    metavar="DATE",
    help=_("Last day of publication, included (default: yesterday in Brasília)."),
)
CNPJ = typer.Option(None, "--cnpj", metavar="CNPJ", help=_("Only this órgão; may be repeated."))
UF = typer.Option(
    None,
    "--uf",
    metavar="UF",
    help=_("Only this state, such as SP; may be repeated."),
    autocompletion=completion.ufs,
)
MUNICIPIO = typer.Option(
    None,
    "--municipio",
    metavar="CODE",
    help=_("Only this municipality, by its IBGE code of seven digits; may be repeated."),
)
MODALIDADE = typer.Option(
    None, "--modalidade", metavar="CODE", help=_("Only this modalidade of purchases; may be repeated.")
)
SOURCE = typer.Option(
    "pncp",
    "--source",
    metavar="pncp|sample",
    help=_("pncp, or sample for the synthetic sample."),
    autocompletion=completion.words("pncp", "sample"),
)
PNCP_URL = typer.Option(
    None,
    "--pncp-url",
    metavar="URL",
    help=_("Where PNCP is (default: https://pncp.gov.br; BALIZA_PNCP_URL)."),
)
TARGET = typer.Option(
    None,
    "--target",
    "-t",
    metavar="NAME",
    help=_(
        "Table, such as mart_spending or mart.spending; 'stage.*', changed, failed; +NAME with what it is "
        "made from, NAME+ with what is made from it; may be repeated."
    ),
    autocompletion=completion.targets,
)
FETCH = typer.Option(True, "--fetch/--no-fetch", help=_("Ask PNCP for what is missing."))
FORCE = typer.Option(
    False,
    "--force",
    help=_("Rebuild the targets though they are up to date; +NAME: what NAME is made from too."),
)
FULL = typer.Option(False, "--full", help=_("Rebuild stale tables whole, not only the keys that changed."))

ENGINE = typer.Option(
    "hamilton",
    "--engine",
    metavar="hamilton|dbt",
    help=_(
        "Who makes the tables: hamilton, or dbt, which makes those of the old project in schemas of its own, "
        "for as long as you compare (docs/migrate.md)."
    ),
    autocompletion=completion.words("hamilton", "dbt"),
)

ENDPOINT = typer.Option(
    None,
    "--endpoint",
    "-e",
    metavar="NAME",
    help=_(
        "Endpoint or family of endpoints, such as contratos, contratacoes, atas or itens; may be repeated."
    ),
    autocompletion=completion.endpoints,
)
