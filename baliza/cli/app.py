"""The command line: `baliza COMMAND`. Each command parses its options, calls one function and prints."""

from __future__ import annotations

import typer

from baliza.cli import (
    build,
    changes,
    clean,
    diff,
    docs,
    doctor,
    domains,
    explain,
    export,
    gaps,
    graph,
    harvest,
    mcp,
    migrate,
    panel,
    parity,
    plan,
    quarantine,
    query,
    replay,
    rollback,
    runs,
    settings,
    show,
    simulate,
    status,
    sync,
    targets,
    version,
)
from baliza.cli.examples import examples
from baliza.cli.lean import import_little
from baliza.language import _

app = typer.Typer(
    name="baliza",
    help=_(
        "Brazil's public procurement (PNCP) in one DuckDB file you own, "
        "with proof of what is in it and what is not."
    ),
    epilog=examples(
        "baliza build --source sample",
        "baliza show mart_spending --uf SC",
        "baliza doctor",
        "baliza COMMAND --help",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Typer's panels import Markdown and tracebacks: help would take twice as long to come.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    build,
    plan,
    harvest,
    sync,
    gaps,
    targets,
    status,
    doctor,
    show,
    query,
    explain,
    export,
    graph,
    panel,
    runs,
    diff,
    parity,
    changes,
    mcp,
    quarantine,
    replay,
    rollback,
    clean,
    migrate,
    domains,
    docs,
    settings,
    simulate,
    version,
):
    module.register(app)


def main() -> None:
    """Entry point of the `baliza` command."""
    import_little()
    app()
