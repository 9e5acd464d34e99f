"""`baliza targets`: every table, or the columns of one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import completion, terminal
from baliza.cli.examples import examples
from baliza.cli.options import DEBUG
from baliza.cli.outcome import listened_to, told
from baliza.language import _

if TYPE_CHECKING:
    from baliza.build.catalog import TableNode


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("List every table: layer, grain, one line; or the columns of one."),
        help=_("List every table: layer, grain, one line; or the columns of one, with what each means."),
        epilog=examples("baliza targets", "baliza targets mart_spending", "baliza targets --json"),
    )(targets)


@told
def targets(
    table: str | None = typer.Argument(
        None,
        metavar="[TABLE]",
        help=_("One table, whose columns are told."),
        autocompletion=completion.tables,
    ),
    as_json: bool = typer.Option(False, "--json", help=_("Print one JSON array.")),
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """List every table, or the columns of one."""
    from baliza.build import catalog

    nodes = [catalog.find(table)] if table else list(catalog.tables().values())
    with listened_to():
        if as_json:
            typer.echo(json.dumps([_as_json(node) for node in nodes], ensure_ascii=False, indent=2))
        elif table:
            _show_columns(nodes[0])
        else:
            _show_tables(nodes)


def _as_json(node: TableNode) -> dict[str, Any]:
    from baliza.build import catalog

    return {
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


def _show_tables(nodes: list[TableNode]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (_("target"), _("grain"), _("what it is")):
        table.add_column(heading, overflow="fold")
    for node in nodes:
        table.add_row(node.name, node.contract.grain, node.summary)
    terminal.console().print(table)


def _show_columns(node: TableNode) -> None:
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    console.print(Text(node.location, style="bold") + Text(f": {node.summary}", style="not bold"))
    console.print(
        _("{grain}; key: {key}").format(grain=node.contract.grain, key=", ".join(node.contract.key))
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("column"), no_wrap=True)
    table.add_column(_("type"), no_wrap=True)
    table.add_column(_("meaning"), overflow="fold")
    for name, column in node.contract.columns.items():
        dtype = column.dtype
        kind = str(dtype) if not (dtype.is_struct() or dtype.is_array()) else type(dtype).__name__.lower()
        unit = f" [{column.unit}]" if column.unit else ""
        table.add_row(Text(name), Text(kind.removeprefix("!")), Text(column.meaning + unit))
    console.print(table)
