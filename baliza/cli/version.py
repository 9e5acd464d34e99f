"""`baliza version`."""

from __future__ import annotations

import typer

from baliza.cli.examples import examples
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help=_("Print the version of baliza and of the libraries under it."),
        epilog=examples("baliza version"),
    )(version)


def version() -> None:
    """Print versions."""
    from importlib.metadata import version as of

    packages = ("duckdb", "ibis-framework", "sf-hamilton")
    typer.echo(f"baliza {of('baliza')} (" + ", ".join(f"{name} {of(name)}" for name in packages) + ")")
