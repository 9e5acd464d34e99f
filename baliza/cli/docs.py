"""`baliza docs`."""

from __future__ import annotations

from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import DEBUG
from baliza.cli.outcome import told
from baliza.language import _, number


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Write what documents itself: pictures of the graph, the data dictionary."),
        help=_(
            "Write the documents that come from the code: pictures of the whole graph and of each mart, the "
            "data dictionary, parameters, official codes. What is of the present code is left alone."
        ),
        epilog=examples("baliza docs", "baliza docs --check", "baliza docs --output reference"),
    )(docs)


@told
def docs(
    output: Path = typer.Option(
        Path("docs"), "--output", "-o", metavar="DIR", help=_("Folder; made where there is none.")
    ),
    check: bool = typer.Option(
        False, "--check", help=_("Write nothing; fail when a document is not of the present code.")
    ),
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Write or check the documents."""
    from baliza.publish.docs import documents

    if check:
        count = documents.check(output)
        typer.echo(_("{n} documents are of the present code.").format(n=number(count)))
        return
    changed = documents.write(output)
    for path in changed:
        typer.echo(f"{output / path}")
    if not changed:
        typer.echo(_("Nothing to write: every document is of the present code."))
