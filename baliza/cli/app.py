"""The command line: `baliza COMMAND`. Each command parses its options, calls one function and prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from baliza.cli.examples import examples
from baliza.cli.lean import import_little
from baliza.language import _

COMMANDS = (
    "build",
    "plan",
    "harvest",
    "sync",
    "gaps",
    "targets",
    "status",
    "doctor",
    "show",
    "query",
    "explain",
    "export",
    "graph",
    "panel",
    "runs",
    "diff",
    "parity",
    "changes",
    "mcp",
    "quarantine",
    "replay",
    "rollback",
    "clean",
    "migrate",
    "domains",
    "docs",
    "settings",
    "simulate",
    "version",
)
"""Each in a module of its name, in the order of the help."""

_COMPLETION = "_BALIZA_COMPLETE"
"""Where a shell asks what a line may go on with, it says so in this variable."""


def made(*commands: str) -> typer.Typer:
    """The application: with these commands, or with all of them, which takes longer than most take to run."""
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
    # With it an application of one command is called by the command's name too.
    app.callback()(lambda: None)
    for name in commands or COMMANDS:
        import_module(f"{__package__}.{name}").register(app)
    return app


def main() -> None:
    """Entry point of the `baliza` command."""
    import_little()
    made(*_asked_for(sys.argv[1:]))()


def _asked_for(arguments: Sequence[str]) -> Sequence[str]:
    """The command that is named; none where it takes all of them to answer."""
    return [name for name in arguments[:1] if name in COMMANDS and _COMPLETION not in os.environ]
