"""`baliza settings`: what a command would run with, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    PARAM,
    PNCP_URL,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import listened_to, told
from baliza.language import _

if TYPE_CHECKING:
    from baliza.settings import Setting, Settings

_LONG = 10_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What a command runs with: every setting and parameter, and where it comes from."),
        help=_(
            "What a command runs with: every setting and parameter, and where its value comes from. An "
            "option wins over an environment variable, which wins over the chosen environment of "
            "baliza.toml, which wins over the rest of the file, which wins over the default.\n\n"
            "\b\n"
            "  # baliza.toml, in the folder baliza is run from (or BALIZA_CONFIG=PATH)\n"
            '  memory_limit = "2GB"\n'
            "  [params]\n"
            "  suspect_value = 5_000_000_000\n"
            "  [env.tests]\n"
            '  database = "data/tests.duckdb"\n'
            '  pncp_url = "http://127.0.0.1:8800"\n'
            "  params = { review_growth = 5 }"
        ),
        epilog=examples("baliza settings", "baliza settings --json"),
    )(settings)


@told
def settings(
    env: str | None = ENV,
    database: Path | None = DATABASE,
    pncp_url: str | None = PNCP_URL,
    param: list[str] | None = PARAM,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show every setting and parameter."""
    from baliza.cli import asked

    found = asked.settings(
        params=param,
        env=env,
        database=database,
        pncp_url=pncp_url,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
    )
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        else:
            _show(found)


def _as_json(found: Settings) -> dict[str, Any]:
    from baliza import __version__
    from baliza.settings import told as told_setting

    meanings = _meanings()
    return {
        "baliza": __version__,
        "command": "settings",
        "file": str(found.configuration.path) if found.configuration else None,
        "environments": [*(found.configuration.environments if found.configuration else ())],
        "settings": [
            {"name": name, **told_setting(one), "from": _origin(name, one, found), "meaning": meanings[name]}
            for name, one in found.each()
        ],
        "params": [
            {"name": name, **told_setting(one), "from": _origin(name, one, found), "meaning": meanings[name]}
            for name, one in found.params.items()
        ],
    }


def _show(found: Settings) -> None:

    from baliza.configuration import DEFAULT_FILE

    console = terminal.console()
    if found.configuration:
        told_file = _("Configuration: {file}; environments: {names}").format(
            file=found.configuration.path, names=", ".join(found.configuration.environments) or "–"
        )
    else:
        told_file = _("Configuration: there is no {file} here.").format(file=DEFAULT_FILE)
    console.print(told_file, markup=False)
    console.print()
    _print(console, _("setting"), dict(found.each()), found)
    console.print()
    _print(console, _("parameter"), found.params, found)


def _print(console: Any, heading: str, values: Any, found: Settings) -> None:
    from rich.table import Table
    from rich.text import Text

    meanings = _meanings()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(heading, no_wrap=True)
    for name in (_("value"), _("from"), _("meaning")):
        table.add_column(name, overflow="fold")
    for name, one in values.items():
        style = "" if one.origin == "default" else "bold"
        cells = (name, _value(name, one), _origin(name, one, found) or _("default"), meanings[name])
        table.add_row(*(Text(cell, style=style) for cell in cells))
    console.print(table)


def _value(name: str, one: Setting[Any]) -> str:
    if one.value is None:
        undecided = {
            "memory_limit": _("80 percent of memory"),
            "threads": _("every core"),
            "temp_directory": _("beside the file"),
            "data_referencia": _("last proven day"),
        }
        return undecided.get(name, "–")
    if isinstance(one.value, float):
        return f"{one.value:g}"
    is_long = isinstance(one.value, int) and one.value >= _LONG
    return f"{one.value:_}" if is_long else str(one.value)  # as it can be typed again, in any language


def _origin(name: str, one: Setting[Any], found: Settings) -> str | None:
    """Where the value is written, to be found and changed; None for a default."""
    from baliza.settings import option, variable

    if one.origin == "option":
        return "--param" if name in found.params else option(name)
    if one.origin == "variable":
        return variable(name)
    file = found.configuration.path if found.configuration else ""
    return {"env": f"{file} [env.{found.env.value}]", "file": f"{file}"}.get(one.origin)


def _meanings() -> dict[str, str]:
    from dataflows.parameters import PARAMETERS, REFERENCE_DAY

    return {
        "database": _("the DuckDB file"),
        "pncp_url": _("scheme and host of PNCP"),
        "max_rps": _("requests per second at most; 0 is no limit"),
        "max_in_flight": _("requests under way at once at most"),
        "memory_limit": _("memory DuckDB may take in commands that write"),
        "threads": _("threads DuckDB may take in commands that write"),
        "temp_directory": _("where DuckDB puts what does not fit into memory"),
        "snapshots": _("published states that are kept; 0 publishes none"),
        "log_format": _("how stderr tells what happens: text or json"),
        "log_level": _("the least that is told of it"),
        "env": _("environment of baliza.toml"),
        REFERENCE_DAY: _('the day that "open now" and "days silent" speak of'),
        **{name: _(parameter.meaning) for name, parameter in PARAMETERS.items()},
    }
