"""`baliza targets`."""

from __future__ import annotations

import json

import typer

from baliza.cli.options import DEBUG
from baliza.cli.outcome import told
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=_("List every table: layer, grain, one line. Example: baliza targets --json"))(targets)


@told
def targets(
    as_json: bool = typer.Option(False, "--json", help=_("Print one JSON array.")),
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """List every table."""
    from baliza.build import catalog

    nodes = list(catalog.tables().values())
    if as_json:
        listed = [
            {
                "name": node.name,
                "layer": node.layer,
                "location": node.location,
                "grain": node.contract.grain,
                "key": list(node.contract.key),
                "summary": node.summary,
                "columns": [
                    {
                        "name": name,
                        "type": str(column.dtype),
                        "nullable": column.nullable,
                        "unit": column.unit or None,
                        "meaning": column.meaning,
                        "source": column.source or None,
                    }
                    for name, column in node.contract.columns.items()
                ],
                "parents": catalog.parents(node.name),
            }
            for node in nodes
        ]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in (_("target"), _("table"), _("grain"), _("what it is")):
        table.add_column(heading, overflow="fold")
    for node in nodes:
        table.add_row(node.name, node.location, node.contract.grain, node.summary)
    Console().print(table)
