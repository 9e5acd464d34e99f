"""`baliza graph`."""

from __future__ import annotations

from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import DATABASE, DEBUG, ENV, TARGET
from baliza.cli.outcome import told
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Draw which table is made from which, and what a file holds of each."),
        help=_(
            "Draw tables and all they are made from, from PNCP's endpoints at the left to the marts at the "
            "right; every table without --target.\n\n"
            "With --state each box says what the last published state of the file holds: rows, seconds, when "
            "it was built, whether the contract holds, whether it is stale, what of PNCP is proven."
        ),
        epilog=examples(
            "baliza graph --target mart_spending --output spending.svg",
            "baliza graph --output all.png --state",
        ),
    )(graph)


@told
def graph(
    output: Path = typer.Option(
        ..., "--output", "-o", metavar="FILE", help=_("The picture; its name ends in .svg, .png or .pdf.")
    ),
    target: list[str] | None = TARGET,
    state: bool = typer.Option(False, "--state", help=_("Say what the file holds of each table.")),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Draw the dataflow."""
    from baliza.build import selection
    from baliza.cli import asked, read_from
    from baliza.publish.graph import drawing

    settings = asked.settings(database=database, env=env)
    path = settings.database.value
    names = [node.name for node in selection.select(target or (), path, settings.chosen_params)]
    if target and not names:
        typer.echo(_("No table is selected: there is nothing to draw."))
        return
    if not state:
        drawing.draw(names, translate=_).save(output)
    else:
        from baliza.publish.graph import state as states

        found = states.read(path, names)
        read_from.tell(found.snapshot)
        drawing.draw(names, found.notes, found.caption, translate=_).save(output)
    typer.echo(f"{output}")
