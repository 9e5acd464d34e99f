"""`baliza mcp`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import DATABASE, DEBUG, ENV, MEMORY_LIMIT
from baliza.cli.outcome import told
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Let models ask the file: a server of the Model Context Protocol."),
        help=_(
            "Let models ask the file: a server of the Model Context Protocol (MCP) over standard input "
            "and output, started by the client. It only reads, and says with every answer what is not "
            "proven.\n\n"
            "docs/mcp.md says how other clients are told of it."
        ),
        epilog=examples(
            "baliza mcp --database data/baliza.duckdb",
            "claude mcp add baliza -- baliza mcp --database /data/baliza.duckdb",
        ),
    )(mcp)


@told
def mcp(
    database: Path | None = DATABASE,
    env: str | None = ENV,
    seconds: float = typer.Option(
        20, "--seconds", min=0.1, max=600, metavar="N", help=_("Seconds one question may take.")
    ),
    rows: int = typer.Option(
        100, "--rows", min=1, max=1000, metavar="N", help=_("Rows told where the question does not say.")
    ),
    memory_limit: str | None = MEMORY_LIMIT,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Serve models."""
    from baliza.cli import asked
    from baliza.errors import MissingPackageError
    from baliza.publish.mcp.limits import Limits
    from baliza.publish.mcp.published import locate

    if importlib.util.find_spec("mcp") is None:
        raise MissingPackageError(
            "The MCP server was to be started.",
            "The packages it needs are not installed.",
            "Install them: pip install 'baliza[mcp]'",
        )
    settings = asked.settings(database=database, env=env, memory_limit=memory_limit)
    path = settings.database.value
    locate(path)

    from baliza.publish.mcp.server import serve

    serve(path, Limits(seconds=seconds, rows=rows, memory=settings.memory_limit.value or Limits.memory))
